"""Where training computes, and where it refuses to."""

import platform
import time
from pathlib import Path

import pytest
import torch
from torch.torch_version import TorchVersion

from gaupt.device import (
    Machine,
    check_compile,
    describe_machine,
    hardware,
    pick_device,
    seed_draws,
    steady_seconds,
    timed,
)
from gaupt.errors import GauptError

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


def test_a_torch_that_compiles_wrong_gradients_is_refused_on_a_cpu_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch, "__version__", TorchVersion("2.6.0+cu124"))
    check_compile(CUDA)
    with pytest.raises(GauptError, match=r"train\.compile: torch 2\.6\.0.*install torch 2\.7\.1"):
        check_compile(CPU)


@pytest.mark.parametrize("version", ["2.7.1+cu126", "2.10.0"])
def test_later_ones_may_compile(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(torch, "__version__", TorchVersion(version))
    check_compile(CPU)


def test_a_gpu_is_taken_where_there_is_one_and_the_cpu_where_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert (pick_device(), pick_device("cpu")) == (CUDA, CPU)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert pick_device() == CPU


def test_draws_follow_from_the_seed_as_torchs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(7)
    drawn = torch.rand(3)
    seed_draws(7, CPU)
    assert torch.equal(torch.rand(3), drawn)
    seeded: list[int] = []
    monkeypatch.setattr("torch.cuda.manual_seed_all", seeded.append)
    seed_draws(8, CPU)
    assert seeded == []
    seed_draws(9, CUDA)
    assert seeded == [9]


@pytest.mark.parametrize(
    ("wanted", "count", "found"),
    [("cuda", 1, CUDA), ("cuda:0", 1, torch.device("cuda:0")), ("cuda:1", 2, torch.device("cuda:1"))],
)
def test_a_gpu_may_be_named(
    wanted: str, count: int, found: torch.device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    assert pick_device(wanted) == found


@pytest.mark.parametrize("wanted", ["gpu", "cuda:", "cuda:x", "cuda:-1", "cpu:", "", "mps"])
def test_what_is_no_device_is_refused_with_the_choices(wanted: str) -> None:
    with pytest.raises(GauptError, match=f"--device {wanted}: choose auto, cpu, cuda or one of several"):
        pick_device(wanted)


@pytest.mark.parametrize(
    ("wanted", "count", "cuda", "message"),
    [
        ("cuda", 0, None, "--device cuda: this torch is built for CPUs alone; choose auto or cpu"),
        ("cuda:0", 0, "13.2", "--device cuda:0: torch sees no GPU of NVIDIA's; choose auto or cpu"),
        ("cuda:2", 2, "13.2", "--device cuda:2: this machine has cuda:0 to cuda:1"),
    ],
)
def test_a_gpu_that_is_not_there_is_refused_and_told_why(
    wanted: str, count: int, cuda: str | None, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    monkeypatch.setattr(torch.version, "cuda", cuda)
    with pytest.raises(GauptError, match=message):
        pick_device(wanted)


def test_the_machine_is_told_and_why_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.version, "cuda", None)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    told = describe_machine(Machine(CPU, torch.float32))
    assert told == "cpu with 4 threads, float32 (this torch is built for CPUs alone)"
    told = describe_machine(Machine(CPU, torch.bfloat16), "cpu")
    assert told == "cpu with 4 threads, bfloat16, which it computes natively (as --device says)"
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "NVIDIA H100")
    told = describe_machine(Machine(CUDA, torch.bfloat16))
    assert told == "cuda (NVIDIA H100), bfloat16, which it computes natively"


def test_hardware_is_what_the_system_calls_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "NVIDIA H100")
    assert hardware(CUDA) == "NVIDIA H100"
    monkeypatch.setattr(
        Path, "read_text", lambda *_, **__: "processor : 0\nmodel name\t: Fast X7 \nmodel name : Y\n"
    )
    assert hardware(CPU) == "Fast X7"
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: "")
    monkeypatch.setattr(platform, "processor", lambda: "")
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    assert hardware(CPU) == "arm64"


def test_a_call_is_timed_once_and_no_time_is_negative() -> None:
    calls: list[int] = []
    assert timed(lambda: calls.append(1), CPU) >= 0
    assert calls == [1]


@pytest.mark.slow
@pytest.mark.parametrize(("calls", "least", "most"), [(3, 4, 4), (None, 3, 16)])
def test_a_steady_time_is_the_median_of_as_many_calls_as_are_asked_for(
    calls: int | None, least: int, most: int
) -> None:
    made: list[int] = []
    # The first is not counted, and neither is a call that takes long before all are at their pace.
    seconds = steady_seconds(lambda: made.append(1) or time.sleep(0.1 * (len(made) == 1)), CPU, calls)
    assert least <= len(made) <= most and 0 <= seconds < 0.1
