"""The race: what is measured of each, when it is told, and the tables of the outcome."""

import time
from dataclasses import replace
from typing import Any

import pytest
import torch

from gaupt.bench import race
from gaupt.bench.contestants import ours
from gaupt.bench.measure import MODES, Work, step_flops
from gaupt.bench.options import Options
from gaupt.bench.plan import Pace, Plan, Table
from gaupt.bench.race import _race, bench, describe_last_table, describe_models
from gaupt.errors import GauptError
from gaupt.progress import Progress
from tests.model.small import FAMILY

WORK = Work(8, 2, torch.device("cpu"), torch.float32)
FIRST, SECOND = (ours(name, FAMILY[name]) for name in ("softmax_plus", "roformer_v2"))


@pytest.mark.slow
@pytest.mark.parametrize("compiled", [False, True])
def test_figures_follow_from_the_seconds_and_the_flops(
    compiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is timed is measured elsewhere; here the medians are given, eager and compiled of each in turn.
    given = [0.5, 0.25, 0.5, 1.0] if compiled else [0.25, 0.5]
    monkeypatch.setattr(race, "interleaved", lambda runs, *_: given[: len(runs)])
    monkeypatch.setattr(race, "peak_memory", lambda *_: 7)
    calls: list[int] = []
    models = {contestant.name: contestant.build() for contestant in (FIRST, SECOND)}
    table = Table("forward", WORK, (FIRST, SECOND), 1.0)
    first, second = _race(table, models, Options(compile=compiled), lambda: calls.append(1))
    assert len(calls) == 2  # of memory; those that are timed are given
    assert (first["compiled"], second["compiled"]) == (compiled, False)
    assert (first["tokens_per_second"], second["tokens_per_second"]) == (64, 32)
    assert (first["ratio"], second["ratio"], second["first_is"]) == (1, 0.5, 2)
    flops = [step_flops(contestant, WORK, "forward") for contestant in (FIRST, SECOND)]
    assert second["first_flops"] == flops[0] / flops[1]
    assert second["flops_per_token"] == flops[1] / 16 and second["flops_per_second"] == flops[1] / 0.5
    assert (first["name"], first["length"], first["batch"], first["mode"]) == (
        "softmax_plus",
        8,
        2,
        "forward",
    )
    if compiled:
        assert (second["eager_tokens_per_second"], second["compiled_tokens_per_second"]) == (32, 16)
    else:
        assert "eager_tokens_per_second" not in first


def planned(seconds: float = 1.0, deadline: float | None = None, layers: int = 24) -> Plan:
    """Two contestants, forward and training."""
    both = (FIRST, SECOND)
    options = Options(layers=layers, lengths=(8,), mixed_lengths=(), rounds=1)
    tables = tuple(Table(mode, WORK, both, seconds) for mode in MODES)
    return Plan(options, both, tables, Pace(0, 0, 0, 0, peak=1e9), 2 * seconds, 2 * seconds, deadline)


@pytest.fixture
def given_peaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What each matrix product finds in turn; memory is not measured."""
    monkeypatch.setattr(race, "peak_memory", lambda *_: 7)
    found = iter([2e9, 1.5e9] * 2)
    monkeypatch.setattr(race, "matrix_peak", lambda *_: next(found))


@pytest.mark.slow
@pytest.mark.usefixtures("given_peaks")
def test_a_report_comes_before_the_first_table_and_after_each() -> None:
    reports = list(bench(planned(), Progress(quiet=True)))
    assert [[(r["mode"], r["name"]) for r in report["results"]] for report in reports] == [
        [],
        [("forward", "softmax_plus"), ("forward", "roformer_v2")],
        [(mode, name) for mode in MODES for name in ("softmax_plus", "roformer_v2")],
    ]
    assert reports[2]["results"][:2] == reports[1]["results"]
    # The highest rate up to then: of the first calls, then of the products before each table.
    assert [report["machine"]["matrix_peak_flops"] for report in reports] == [1e9, 2e9, 2e9]
    for result in reports[2]["results"]:
        assert result["peak_share"] == result["flops_per_second"] / 2e9
    for report in reports:
        assert report["machine"]["precision"] == "float32" and report["machine"]["rounds"] == 1
        assert [model["name"] for model in report["models"]] == ["softmax_plus", "roformer_v2"]
        assert report["models"][0]["forward_flops_per_token"].keys() == {"8"}


@pytest.mark.slow
@pytest.mark.usefixtures("given_peaks")
def test_a_table_that_would_end_too_late_is_left_out_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    last = list(bench(planned(60.0, time.monotonic() + 50), Progress()))[-1]
    assert [result["mode"] for result in last["results"]] == ["forward", "forward"]
    assert "training, 8 tokens is left out: all took longer than planned" in capsys.readouterr().err
    last = list(bench(planned(60.0, time.monotonic() + 70), Progress()))[-1]
    assert len(last["results"]) == 4
    assert "left out" not in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.usefixtures("given_peaks")
def test_a_machine_slower_than_the_estimate_is_expected_to_stay_so() -> None:
    # Each was to take a nanosecond, so what is left takes thousands of times what it was to take.
    last = list(bench(planned(1e-9, time.monotonic() + 1e9), Progress(quiet=True)))[-1]
    assert len(last["results"]) == 4
    plan = planned(1e-9, None)
    tables = (plan.tables[0], replace(plan.tables[1], seconds=1.0))
    late = replace(plan, tables=tables, deadline=time.monotonic() + 1000)
    assert len(list(bench(late, Progress(quiet=True)))[-1]["results"]) == 2


@pytest.mark.usefixtures("given_peaks")
def test_memory_is_measured_before_anything_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_much(*_: object) -> int:
        raise GauptError("more memory than there is")

    monkeypatch.setattr(race, "peak_memory", too_much)
    monkeypatch.setattr(race, "interleaved", lambda *_: pytest.fail("timed"))
    with pytest.raises(GauptError, match="more memory"):
        list(bench(planned(), Progress(quiet=True)))


def report_of_two() -> dict[str, Any]:
    result = {
        "name": "GAU-1", "length": 8, "batch": 2, "mode": "forward", "compiled": False,
        "tokens_per_second": 1234.4, "first_is": 1.0, "first_flops": 1.0, "peak_share": 0.5, "peak_memory": 2**21,
    }  # fmt: skip
    slower = result | {"name": "BERT-1", "compiled": True, "first_is": 1.256, "first_flops": 0.8}
    return {
        "machine": {
            "device": "a CPU", "threads": 2, "precision": "float32", "torch": "2.7.1",
            "matrix_peak_flops": 1.5e11, "rounds": 5,
        },
        "models": [
            {
                "name": "GAU-1",
                "classifier_parameters": 1_000_000,
                "counted_vocab_size": 12_000,
                "forward_flops_per_token": {"8": 2.4e6},
            }
        ],
        "results": [result, slower, result | {"mode": "training"}],
    }  # fmt: skip


def test_the_models_come_with_the_machine() -> None:
    lines = describe_models(report_of_two(), Options()).split("\n")
    assert lines[0].startswith(
        "a CPU, 2 threads, float32, torch 2.7.1; matrix product 150 GFLOP/s; medians of 5"
    )
    assert lines[3].split() == ["GAU-1", "1,000,000", "12,000", "8:", "2"]
    assert "one vocabulary of 12,000" in lines[-1]


def test_fewer_layers_are_named_and_what_they_mean() -> None:
    assert "layers, " not in describe_models(report_of_two(), Options())
    text = describe_models(report_of_two(), Options(layers=4))
    assert "one vocabulary of 2,000" in text
    assert "These are 4 of GAU's 24 layers, 2 of 12 of the baselines" in text
    assert "6 times fewer tokens a second" in text


def test_a_table_is_of_the_last_length_and_mode() -> None:
    report = report_of_two()
    assert describe_last_table(report).split("\n")[0].startswith("training, 2 × 8 tokens ")
    report["results"].pop()
    title, first, second = describe_last_table(report).split("\n")
    assert title.split("  ")[0] == "forward, 2 × 8 tokens" and "GAU-1 is" in title
    assert first.startswith("GAU-1 ") and second.startswith("BERT-1 compiled ")
    assert second.split()[2:] == ["1,234", "1.26", "times", "0.80", "50%", "2", "MB"]
