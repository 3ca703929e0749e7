"""Times and machines in words."""

from gaupt.report.words import machine, spent
from tests.report.said import EN, ZH


def test_a_time_is_said_in_the_language() -> None:
    assert [spent(seconds, EN) for seconds in (1, 40, 720, 7200 * 6, 86400 * 3)] == [
        "1 second", "40 seconds", "12 minutes", "12 hours", "3 days",
    ]  # fmt: skip
    assert [spent(seconds, ZH) for seconds in (1, 40, 720, 86400 * 3)] == ["1 秒", "40 秒", "12 分钟", "3 天"]


def test_a_machine_is_told_as_far_as_it_is_known() -> None:
    cpu = {"device": "cpu", "device_name": "X7", "threads": 2, "processes": 1, "precision": "float32"}
    assert machine(cpu, EN) == "X7, 2 threads, float32"
    assert machine(cpu, ZH) == "X7, 2 线程, float32"
    gpu = {"device": "cuda:0", "device_name": "H100", "threads": 8, "processes": 4, "precision": "bfloat16"}
    assert machine(gpu, EN) == "4 processes, H100, bfloat16"
    assert machine({"device": "cpu", "precision": "float32"}, EN) == "cpu, float32"
    assert machine({}, EN) == ""
