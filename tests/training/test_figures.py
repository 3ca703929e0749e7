"""What a person watches, from given counts and times."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from gaupt.config import Config
from gaupt.device import hardware
from gaupt.model.flops import training_flops
from gaupt.peak import Peak
from gaupt.progress import Task
from gaupt.progress import fit as fit_line
from gaupt.training import clock as clocks
from gaupt.training.clock import Clock, Spent
from gaupt.training.estimate import Pace
from gaupt.training.figures import closing_figures, figures, note, rates, speed, speed_figures
from gaupt.training.metrics import StepResult, Window
from gaupt.training.trial import Trial
from tests.training.runs import changed, set_up_run

RESULT = StepResult(loss=2.0, accuracy=0.5, grad_norm=1.0, tokens=100, padding=0.0, masked=20)
TRIAL = Trial(4, 10**9, 10**10, Pace(50.0, 7.0, 3.0), Peak(1e9, published=False))
NOTHING = dict.fromkeys(("loader", "logs", "checkpoints", "validation"), 0.0)


def window_of(*results: StepResult) -> Window:
    window = Window()
    for result in results:
        window.add(result)
    return window


def test_utilization_is_flops_by_formula_over_the_peak_in_the_time_of_the_steps(
    tmp_path: Path, prepared: Path, tiny_config: Config
) -> None:
    run = set_up_run(tmp_path, prepared, tiny_config)
    spent = Spent(10.0, NOTHING | {"validation": 5.0, "checkpoints": 1.0, "loader": 2.0})
    flops = training_flops(run.config.model, 64, tokens=200, predicted=40)
    fast = speed(run, window_of(RESULT, RESULT), spent, Peak(flops, published=False))
    assert fast == {"tokens_per_second": pytest.approx(50.0), "mfu": pytest.approx(0.25)}


def test_muon_has_a_rate_of_its_own(tmp_path: Path, prepared: Path, tiny_config: Config) -> None:
    for optimizer, expected in (("adamw", {"lr": 0.005}), ("muon", {"lr": 0.005, "matrix_lr": 0.1})):
        config = changed(tiny_config, optimizer=optimizer, matrix_lr=0.2)
        assert rates(set_up_run(tmp_path, prepared, config), 0.5) == pytest.approx(expected)


def test_the_time_left_is_told_by_what_was_timed_or_tried(
    tmp_path: Path, prepared: Path, tiny_config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = set_up_run(tmp_path, prepared, changed(tiny_config, steps=12, eval_every=4, checkpoint_every=6))
    now = [0.0]
    monkeypatch.setattr(clocks.time, "monotonic", lambda: now[0])
    clock = Clock()
    run.step, run.tokens = 2, 200
    now[0] = 20.0
    line = speed_figures(run, window_of(RESULT, RESULT), clock, TRIAL)
    # 10 steps, validations after 4, 8 and 12, checkpoints after 6 and 12
    assert line["seconds_left"] == 10 * 10.0 + 3 * 7.0 + 2 * 3.0
    assert line["time_in_validation"] == 0
    assert line["peak_memory"] > 0
    with clock.timing("validation"):
        now[0] += 1.0
    now[0] += 4.0
    run.step = 4
    line = speed_figures(run, window_of(RESULT, RESULT), clock, TRIAL)
    assert line["seconds_left"] == 8 * 2.0 + 2 * 1.0 + 2 * 3.0
    assert line["time_in_validation"] == 0.2
    run.step = 12
    assert speed_figures(run, window_of(RESULT), clock, TRIAL)["seconds_left"] == 0


def test_what_was_learned_is_told_without_a_clock(
    tmp_path: Path, prepared: Path, tiny_config: Config
) -> None:
    run = set_up_run(tmp_path, prepared, tiny_config)
    run.tokens, run.window = 200, window_of(RESULT, RESULT)
    assert figures(run, 0.5) == run.window.means() | {"lr": 0.005, "total_tokens": 200}
    run.rollbacks = 1
    assert figures(run, 0.5)["rollbacks"] == 1


def test_the_closing_figures_are_those_of_the_whole_call(
    tmp_path: Path, prepared: Path, tiny_config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = set_up_run(tmp_path, prepared, tiny_config)
    run.step, run.tokens, run.rollbacks = 6, 1000, 2
    now = [0.0]
    monkeypatch.setattr(clocks.time, "monotonic", lambda: now[0])
    clock = Clock()
    now[0] = 4.0
    with clock.timing("checkpoints"):
        now[0] += 1.0
    closing = closing_figures(run, window_of(RESULT, RESULT), clock, TRIAL)
    assert (closing["steps"], closing["tokens"], closing["rollbacks"], closing["seconds"]) == (
        6,
        1000,
        2,
        5.0,
    )
    assert (closing["tokens_per_second"], closing["time_in_checkpoints"]) == (50.0, 0.2)
    assert closing["parameters"] == sum(p.numel() for p in run.model.parameters())
    assert (closing["threads"], closing["processes"]) == (torch.get_num_threads(), 1)
    assert closing["device_name"] == hardware(run.machine.device)
    assert closing["peak_flops"] == 1e9 and "measured" in closing["peak_from"]
    published = replace(TRIAL, peak=Peak(1e9, published=True))
    assert closing_figures(run, window_of(RESULT), clock, published)["peak_from"] == "data sheet"


@pytest.mark.parametrize(
    ("per_second", "shown"),
    [(812.4, "812"), (99_499, "99,499"), (99_500, "100k"), (999_499, "999k"), (1.254e6, "1.25M")],
)
def test_the_live_words_are_few(per_second: float, shown: str) -> None:
    for loss, few in ((5.0, "5.000"), (10.127, "10.13")):
        told = note({"loss": loss}, {"tokens_per_second": per_second, "mfu": 0.456})
        assert told == f"loss {few} {shown} tok/s mfu 46%"
    assert "skipping" in note({"skipped": 2}, {"tokens_per_second": per_second, "mfu": 0.456})


def test_the_live_line_fits_on_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    told = note({"loss": 10.123}, {"tokens_per_second": 1.25e6, "mfu": 0.46})
    task = Task("pretraining", 30_000, "steps", 12_345, told)
    monkeypatch.setattr(Task, "left", lambda self: "89 minutes left")
    assert fit_line(task, 80).endswith("mfu 46%")
