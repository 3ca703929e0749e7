"""metrics.jsonl: appended line by line, cut back to the checkpoint on resume."""

from pathlib import Path

import pytest

from gaupt.checkpoint.run_folder import METRICS, SPEED, read_metrics, read_speed
from gaupt.training.metrics import MetricsLog, StepResult, Window


def unheard(message: str) -> None:
    raise AssertionError(message)


@pytest.mark.slow
def test_a_resumed_log_forgets_the_steps_that_run_again(tmp_path: Path) -> None:
    with MetricsLog(tmp_path, 0, unheard) as log:
        for step in (1, 2, 3):
            log.write(step, {"loss": float(step)}, {"mfu": step / 10})
    with MetricsLog(tmp_path, 2, unheard) as log:
        log.write(3, {"loss": 30.0}, {"mfu": 0.5})
    assert [(record["step"], record["loss"]) for record in read_metrics(tmp_path)] == [
        (1, 1.0),
        (2, 2.0),
        (3, 30.0),
    ]
    assert [(record["step"], record["mfu"]) for record in read_speed(tmp_path)] == [
        (1, 0.1),
        (2, 0.2),
        (3, 0.5),
    ]
    assert list((tmp_path / "events").iterdir())


def test_a_log_goes_on_without_its_damaged_lines_and_names_them(tmp_path: Path) -> None:
    lines, fast = tmp_path / METRICS, tmp_path / SPEED
    fast.write_bytes(b'{"step": 1, "mfu": 0.5}\n{"step": 2, "mf\xff": 0.5}\n')
    lines.write_bytes(b'{"step": 1, "loss": 2.0}\n"step": 2}\n{"step": 3, "loss": 1.0}\n')
    heard: list[str] = []
    with MetricsLog(tmp_path, 3, heard.append) as log:
        log.write(4, {"loss": 0.5})
    assert [record["step"] for record in read_metrics(tmp_path, unheard)] == [1, 3, 4]
    assert heard == [f"{path}, line 2 is damaged and left out" for path in (lines, fast)]
    assert read_speed(tmp_path, unheard) == [{"step": 1, "mfu": 0.5}]


def test_a_log_knows_the_validation_of_the_step_that_it_goes_on_from(tmp_path: Path) -> None:
    with MetricsLog(tmp_path, 0, unheard) as log:
        for step in (2, 4, 6):
            log.write(step, {"loss": 1.0})
            log.write(step, {"eval_loss": float(step), "eval_accuracy": 0.5})
    with MetricsLog(tmp_path, 4, unheard) as log:
        assert log.validation(4) == {"eval_loss": 4.0, "eval_accuracy": 0.5}
        assert log.validation(2) is None and log.validation(6) is None
    (tmp_path / METRICS).write_text('{"step": 2, "eval_loss": 2.0}\n{"step": 4, "loss": 1.0}\n')
    with MetricsLog(tmp_path, 4, unheard) as log:
        assert log.validation(4) is None


def test_a_window_averages_over_its_updates() -> None:
    window = Window()
    window.add(StepResult(loss=2.0, accuracy=0.0, grad_norm=1.0, tokens=10, padding=0.0, masked=2))
    window.add(StepResult(loss=4.0, accuracy=0.5, grad_norm=3.0, tokens=10, padding=0.5, masked=4))
    assert window.means() == {
        "loss": 3.0, "accuracy": 0.25, "grad_norm": 2.0, "padding": 0.25, "mask_rate": 0.3,
    }  # fmt: skip


def test_a_skipped_update_is_counted_and_does_not_spoil_the_means() -> None:
    window = Window()
    window.add(StepResult(loss=2.0, accuracy=0.5, grad_norm=1.0, tokens=10, padding=0.0, masked=2))
    window.add(StepResult(loss=7.0, accuracy=0.0, grad_norm=float("nan"), tokens=10, padding=0.0, masked=2))
    window.add(StepResult(loss=float("inf"), accuracy=0.0, grad_norm=1.0, tokens=10, padding=0.0, masked=2))
    means = window.means()
    assert (means["loss"], means["grad_norm"], means["skipped"]) == (2.0, 1.0, 2)
    assert (window.tokens, window.masked) == (30, 6)  # it was computed
    window = Window()
    window.add(StepResult(loss=7.0, accuracy=0.0, grad_norm=float("nan"), tokens=10, padding=0.0, masked=2))
    assert window.means() == {"skipped": 1}


def test_a_line_is_strict_json(tmp_path: Path) -> None:
    with MetricsLog(tmp_path, 0, unheard) as log, pytest.raises(ValueError, match="JSON"):
        log.write(1, {"loss": float("nan")})


def test_others_hear_of_each_line(tmp_path: Path) -> None:
    heard = []
    with MetricsLog(tmp_path, 0, unheard, lambda step, values: heard.append((step, dict(values)))) as log:
        log.write(1, {"loss": 2.0}, {"mfu": 0.5})
        log.write(1, {"eval_loss": 3.0})
    assert heard == [(1, {"loss": 2.0, "mfu": 0.5}), (1, {"eval_loss": 3.0})]
