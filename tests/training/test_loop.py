"""The training loop: it learns, logs, saves, stops, resumes exactly, and refuses what it cannot train on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from gaupt import device
from gaupt.checkpoint.run_folder import newest_checkpoint, read_metrics
from gaupt.config import Config
from gaupt.errors import GauptError
from gaupt.training import loop, objective
from gaupt.training import update as updates
from tests.conftest import TINY
from tests.training.runs import changed, final_weights, train


@pytest.mark.slow
def test_it_learns_from_real_text(tmp_path: Path, prepared: Path, tiny_config: Config) -> None:
    summary = train(
        prepared, tmp_path / "run", changed(tiny_config, steps=60, eval_every=60, checkpoint_every=60)
    )
    first = next(record["loss"] for record in read_metrics(tmp_path / "run") if "loss" in record)
    assert summary["eval_loss"] < first - 0.5
    assert summary["eval_loss"] < summary["unigram_entropy"] + 0.6


def test_a_run_killed_in_mid_step_resumes_to_the_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, finished: Path, prepared: Path, tiny_config: Config
) -> None:
    run, real_update, calls = tmp_path / "run", loop.update, []

    def dying_update(*arguments):
        calls.append(1)
        if len(calls) == 5:
            raise MemoryError
        return real_update(*arguments)

    monkeypatch.setattr(loop, "update", dying_update)
    with pytest.raises(MemoryError):
        train(prepared, run, tiny_config)
    monkeypatch.setattr(loop, "update", real_update)
    train(prepared, run, tiny_config)
    undisturbed = final_weights(finished)
    assert all(torch.equal(tensor, undisturbed[name]) for name, tensor in final_weights(run).items())

    def learned(folder):
        return [
            {key: value for key, value in record.items() if key != "tokens_per_second"}
            for record in read_metrics(folder)
            if record["step"] in (4, 6) and "eval_loss" in record
        ]

    assert learned(run) == learned(finished)


@pytest.mark.slow
def test_a_signal_saves_and_the_same_command_resumes(tmp_path: Path, prepared: Path) -> None:
    run = tmp_path / "run"
    command = [sys.executable, "-m", "gaupt", "pretrain", str(prepared), "-o", str(run), "--quiet"]
    for option in [*TINY, "train.steps=100000", "train.checkpoint_every=100000"]:
        command += ["--set", option]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not read_metrics(run) and time.monotonic() < deadline:
        time.sleep(0.1)
    child.send_signal(signal.SIGINT)
    _, stderr = child.communicate(timeout=60)
    assert child.returncode == 130, stderr
    assert "the same command continues" in stderr
    stopped = newest_checkpoint(run)
    assert stopped.step >= read_metrics(run)[-1]["step"] > 0
    assert not (run / "summary.json").exists()


TRIED = 3
"""Validations that a trial makes at least."""


def ask_at(monkeypatch: pytest.MonkeyPatch, call: int) -> None:
    """Send SIGINT at the ``call``-th pass over a micro-batch, of training and of validation, after the trial's."""
    calls, real = [], objective.masked_loss

    def masked_loss(*arguments):
        calls.append(1)
        if len(calls) == TRIED + call:
            os.kill(os.getpid(), signal.SIGINT)
        return real(*arguments)

    monkeypatch.setattr(device, "TIMED_SECONDS", 0)
    monkeypatch.setattr(updates, "masked_loss", masked_loss)
    monkeypatch.setattr(objective, "masked_loss", masked_loss)


# A step has two passes, and a validation, after steps 4 and 6, as well.
@pytest.mark.parametrize(("call", "step"), [(2, 1), (3, 1), (4, 2), (8, 4), (9, 4)])
def test_a_stop_keeps_the_last_whole_step_and_resumes_to_the_same_weights(
    call: int,
    step: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    finished: Path,
    prepared: Path,
    tiny_config: Config,
) -> None:
    run = tmp_path / "run"
    with monkeypatch.context() as patch:
        ask_at(patch, call)
        with pytest.raises(KeyboardInterrupt):
            train(prepared, run, tiny_config)
    assert newest_checkpoint(run).step == step
    train(prepared, run, tiny_config)
    undisturbed = final_weights(finished)
    assert all(torch.equal(tensor, undisturbed[name]) for name, tensor in final_weights(run).items())


def test_a_stop_before_the_first_step_ends_saves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepared: Path, tiny_config: Config
) -> None:
    ask_at(monkeypatch, 1)
    with pytest.raises(KeyboardInterrupt):
        train(prepared, tmp_path / "run", tiny_config)
    assert newest_checkpoint(tmp_path / "run") is None


def test_a_validation_loss_that_is_not_finite_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepared: Path, tiny_config: Config
) -> None:
    scores = {"eval_loss": float("nan"), "eval_accuracy": 0.0}
    monkeypatch.setattr(loop, "evaluate", lambda *_, **__: scores)
    with pytest.raises(GauptError, match="validation loss at step 4 is not finite"):
        train(prepared, tmp_path / "run", tiny_config)
    assert "NaN" not in (tmp_path / "run" / "metrics.jsonl").read_text()


def test_divergence_stops_the_run_and_keeps_the_last_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepared: Path, tiny_config: Config
) -> None:
    real, calls = updates.masked_loss, []

    def exploding(*arguments):
        calls.append(1)
        scored = real(*arguments)
        return scored._replace(total=scored.total * float("nan")) if len(calls) > 6 else scored

    monkeypatch.setattr(updates, "masked_loss", exploding)
    with pytest.raises(GauptError, match="diverged at step"):
        train(prepared, tmp_path / "run", changed(tiny_config, steps=20))
    assert newest_checkpoint(tmp_path / "run").step == 3
    assert all(tensor.isfinite().all() for tensor in final_weights(tmp_path / "run").values())
