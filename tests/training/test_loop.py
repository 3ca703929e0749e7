"""The training loop: it learns, logs, saves, stops, resumes exactly, and refuses what it cannot train on."""

import json
import math
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from gaupt.checkpoint.format import open_checkpoint
from gaupt.checkpoint.run_folder import checkpoint_folders, newest_checkpoint, read_metrics, read_spikes
from gaupt.config import Config, load_config, to_toml
from gaupt.errors import GauptError
from gaupt.progress import Progress
from gaupt.training import loop, objective, signals, spikes
from gaupt.training import update as updates
from gaupt.training.pretrain import pretrain
from gaupt.training.run import Run
from tests.conftest import TINY
from tests.processes import start
from tests.training.runs import (
    changed,
    cut_back,
    die,
    final_weights,
    pretrain_command,
    same_checkpoints,
    same_to_the_bit,
    train,
)


@pytest.mark.slow
def test_it_learns_from_real_text(tmp_path: Path, prepared: Path, tiny_config: Config) -> None:
    summary = train(
        prepared, tmp_path / "run", changed(tiny_config, steps=60, eval_every=60, checkpoint_every=60)
    )
    first = next(record["loss"] for record in read_metrics(tmp_path / "run") if "loss" in record)
    assert summary["eval_loss"] < first - 0.5
    assert summary["eval_loss"] < summary["unigram_entropy"] + 0.6


@pytest.mark.slow
def test_a_run_killed_in_mid_step_resumes_to_the_same_weights(
    tmp_path: Path, finished: Path, prepared: Path, tiny_config: Config
) -> None:
    run = tmp_path / "run"
    die(prepared, run, tiny_config, lambda run: run.step == 4)
    train(prepared, run, tiny_config)
    assert same_to_the_bit(run, finished)
    assert metrics_of(run) == metrics_of(finished)


def metrics_of(run: Path) -> list[str]:
    return (run / "metrics.jsonl").read_text().splitlines()


@pytest.fixture(scope="module")
def often() -> dict[str, int]:
    """Lines of four steps each, checkpoints in the middle of them, and validations at those."""
    return {"steps": 12, "log_every": 4, "checkpoint_every": 3, "eval_every": 3}


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, prepared: Path, tiny_config: Config, often: dict[str, int]
) -> Path:
    run = tmp_path_factory.mktemp("often") / "run"
    train(prepared, run, changed(tiny_config, **often))
    return run


@pytest.mark.slow
@pytest.mark.parametrize("step", [2, 3, 4, 7, 11])
def test_a_killed_run_leaves_the_metrics_of_an_undisturbed_one(
    step: int, tmp_path: Path, prepared: Path, tiny_config: Config, often: dict[str, int], undisturbed: Path
) -> None:
    run, config = tmp_path / "run", changed(tiny_config, **often)
    die(prepared, run, config, lambda run: run.step == step)
    train(prepared, run, config)
    assert metrics_of(run) == metrics_of(undisturbed)


@pytest.mark.slow
@pytest.mark.parametrize("at", [6, 12])
def test_a_validation_that_a_kill_cut_off_is_made_up_for(
    at: int,
    tmp_path: Path,
    prepared: Path,
    tiny_config: Config,
    often: dict[str, int],
    undisturbed: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, config, calls = tmp_path / "run", changed(tiny_config, **often), []

    def killed(*arguments, **options):
        calls.append(1)
        if len(calls) == at // 3:
            raise Killed
        return real(*arguments, **options)

    real = loop.evaluate
    with monkeypatch.context() as patch:
        patch.setattr(loop, "evaluate", killed)
        with pytest.raises(Killed):
            train(prepared, run, config)
    assert newest_checkpoint(run).step == at
    train(prepared, run, config)
    assert metrics_of(run) == metrics_of(undisturbed)


@pytest.mark.slow
def test_a_run_killed_before_its_summary_is_closed_without_another_validation(
    tmp_path: Path,
    prepared: Path,
    tiny_config: Config,
    often: dict[str, int],
    undisturbed: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = tmp_path / "run"
    shutil.copytree(undisturbed, run)
    (run / "summary.json").unlink()
    monkeypatch.setattr(loop, "evaluate", None)
    summary = train(prepared, run, changed(tiny_config, **often))
    assert metrics_of(run) == metrics_of(undisturbed)
    known = json.loads((undisturbed / "summary.json").read_text())
    assert summary["eval_loss"] == known["eval_loss"]


class Killed(BaseException):
    """In place of SIGKILL."""


@pytest.mark.slow
@pytest.mark.parametrize("recipe", ["fast", "gau-alpha", "paper"])
def test_every_recipe_resumes_to_the_bit_whatever_makes_its_batches(
    recipe: str, tmp_path: Path, prepared: Path
) -> None:
    config = load_config(overrides=[*TINY, "model.dropout=0.2"], recipe=recipe)
    whole, resumed = tmp_path / "whole", tmp_path / "resumed"
    pretrain(prepared, whole, config, workers=0)
    cut_back(whole, resumed, 3)
    pretrain(prepared, resumed, config, workers=2)
    assert same_to_the_bit(whole, resumed)


@pytest.mark.slow
def test_a_signal_saves_and_the_same_command_resumes(tmp_path: Path, prepared: Path) -> None:
    run = tmp_path / "run"
    program = start(
        *pretrain_command(prepared, run, "train.steps=100000", "train.checkpoint_every=100000"), "--quiet"
    )
    program.wait_for(lambda: read_metrics(run))
    os.kill(program.process.pid, signal.SIGINT)
    status, _, stderr = program.finish(60)
    assert status == 130, stderr
    assert "the same command continues" in stderr
    stopped = newest_checkpoint(run)
    assert stopped.step >= read_metrics(run)[-1]["step"] > 0
    assert not (run / "summary.json").exists()


@pytest.mark.slow
@pytest.mark.option(
    "train.steps",
    "train.log_every",
    "train.eval_every",
    "train.checkpoint_every",
    "train.keep_checkpoints",
)
@pytest.mark.parametrize(
    ("options", "logged", "evaluated", "kept"),
    [
        ({}, [1, 2, 3, 4, 5, 6], [6], [6, 4]),
        ({"steps": 5}, [1, 2, 3, 4, 5], [5], [5, 4]),
        ({"log_every": 4}, [4, 6], [6], [6, 4]),
        ({"eval_every": 2}, [1, 2, 3, 4, 5, 6], [2, 4, 6], [6, 4]),
        ({"checkpoint_every": 3}, [1, 2, 3, 4, 5, 6], [6], [6, 3]),
        ({"keep_checkpoints": 3}, [1, 2, 3, 4, 5, 6], [6], [6, 4, 2]),
    ],
)
def test_it_logs_evaluates_and_saves_as_often_as_asked_for(
    options: dict[str, int],
    logged: list[int],
    evaluated: list[int],
    kept: list[int],
    tmp_path: Path,
    prepared: Path,
    tiny_config: Config,
) -> None:
    often = {"steps": 6, "log_every": 1, "eval_every": 99, "checkpoint_every": 2, "keep_checkpoints": 2}
    train(prepared, tmp_path / "run", changed(tiny_config, **often | options))
    metrics = read_metrics(tmp_path / "run")
    assert [record["step"] for record in metrics if "loss" in record] == logged
    assert [record["step"] for record in metrics if "eval_loss" in record] == evaluated
    assert [open_checkpoint(folder).step for folder in checkpoint_folders(tmp_path / "run")] == kept


@pytest.mark.slow
@pytest.mark.option("train.eval_tokens")
def test_it_evaluates_on_as_many_tokens_as_asked_for(
    tmp_path: Path, prepared: Path, tiny_config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def evaluate(model, encode, batches, *arguments, **options):
        seen.append(sum(batch.tokens for batch in batches))
        return {"eval_loss": 1.0, "eval_accuracy": 0.0}

    monkeypatch.setattr(loop, "evaluate", evaluate)
    for tokens in (64, 1500):
        config = changed(tiny_config, steps=1, eval_tokens=tokens)
        train(prepared, tmp_path / f"{tokens}", config)
    # Whole batches of at most 512 tokens, until there are enough.
    assert 64 <= seen[0] <= 512 and 1500 <= seen[1] <= 2048


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

    monkeypatch.setattr(updates, "masked_loss", masked_loss)
    monkeypatch.setattr(objective, "masked_loss", masked_loss)


# A step has two passes, and a validation, after steps 4 and 6, as well.
@pytest.mark.slow
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
    assert same_to_the_bit(run, finished)


@pytest.mark.slow
def test_a_stop_before_the_first_step_ends_saves_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepared: Path, tiny_config: Config
) -> None:
    ask_at(monkeypatch, 1)
    with pytest.raises(KeyboardInterrupt):
        train(prepared, tmp_path / "run", tiny_config)
    assert newest_checkpoint(tmp_path / "run").step == 0


@pytest.mark.slow
def test_a_validation_loss_that_is_not_finite_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepared: Path, tiny_config: Config
) -> None:
    scores = {"eval_loss": float("nan"), "eval_accuracy": 0.0}
    monkeypatch.setattr(loop, "evaluate", lambda *_, **__: scores)
    with pytest.raises(GauptError, match="the validation loss at step 4 is nan, above"):
        train(prepared, tmp_path / "run", tiny_config)
    assert "NaN" not in (tmp_path / "run" / "metrics.jsonl").read_text()


@pytest.mark.slow
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


def broken_batches(monkeypatch: pytest.MonkeyPatch, *numbers: int) -> list[int]:
    """Make the loss on the batches of these numbers not finite; returns those learned from, as they come."""
    real, learned = loop.update, []

    def update(run, batch, *arguments):
        learned.append(run.batch)
        with monkeypatch.context() as patch:
            if run.batch in numbers:
                masked_loss = updates.masked_loss

                def exploding(*given):
                    scored = masked_loss(*given)
                    return scored._replace(
                        total=scored.total * float("nan"), losses=scored.losses * float("nan")
                    )

                patch.setattr(updates, "masked_loss", exploding)
            return real(run, batch, *arguments)

    monkeypatch.setattr(loop, "update", update)
    return learned


@pytest.mark.slow
def test_a_run_that_diverges_goes_back_and_on_behind_the_batches(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    prepared: Path,
    tiny_config: Config,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run, config = tmp_path / "run", changed(tiny_config, steps=8, log_every=1)
    learned = broken_batches(monkeypatch, 4, 5, 6)
    summary = pretrain(prepared, run, config, workers=0, progress=Progress())
    assert learned == [*range(12)]  # of which 3 came after the checkpoint, and is lost with the bad ones
    assert (summary["steps"], summary["rollbacks"]) == (8, 1)
    assert "step 7: 3 updates in a row without a finite gradient; back to step 3" in capsys.readouterr().err
    records = [record for record in read_metrics(run) if "loss" in record or "skipped" in record]
    assert [record["step"] for record in records] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [record.get("rollbacks") for record in records] == [None] * 3 + [1] * 5
    assert [record["batch"] for record in read_spikes(run)] == [4, 5, 6]
    assert newest_checkpoint(run).facts["passed_over"] == 4


@pytest.mark.slow
def test_bad_updates_push_out_no_checkpoint_to_go_back_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepared: Path, tiny_config: Config
) -> None:
    broken_batches(monkeypatch, 4, 5, 6)
    config = changed(tiny_config, steps=8, checkpoint_every=1, keep_checkpoints=2)
    assert pretrain(prepared, tmp_path / "run", config, workers=0)["rollbacks"] == 1


@pytest.mark.slow
def test_weights_that_are_worse_than_guessing_lead_back_before_the_step_that_made_them(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    prepared: Path,
    tiny_config: Config,
    capsys: pytest.CaptureFixture[str],
) -> None:
    real = loop.update

    def update(run, batch, *arguments):
        updated = real(run, batch, *arguments)
        if run.step >= 4:  # the weights of step 4 and up, whose checkpoint is written before that shows
            # Means of the loss just above twice that of guessing.
            updated.sums[0] = updated.sums[2] * (loop.hopeless_loss(run) + 1e-3)
        return updated

    monkeypatch.setattr(loop, "update", update)
    config = changed(tiny_config, steps=9, checkpoint_every=2, keep_checkpoints=2)
    with pytest.raises(
        GauptError, match=r"after 3 returns to the last good checkpoint, .*step-0000002; lower"
    ):
        pretrain(prepared, tmp_path / "run", config, workers=0, progress=Progress())
    told = [line for line in capsys.readouterr().err.splitlines() if "back to step" in line]
    assert len(told) == 3 and all("back to step 2" in line for line in told)
    assert "at step 7: 3 updates in a row without a loss below" in told[0]
    assert [folder.name[-1] for folder in checkpoint_folders(tmp_path / "run")] == ["2"]


@pytest.mark.slow
def test_a_streak_that_ends_without_a_finite_loss_leads_back_before_its_first_update(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepared: Path, tiny_config: Config
) -> None:
    real, told = loop.update, []

    def update(run, batch, *arguments):
        updated = real(run, batch, *arguments)
        if run.batch in (4, 5, 6):  # the loss of weights that have diverged, twice, and then none
            worse = math.nan if run.batch == 6 else loop.hopeless_loss(run) + 1
            updated.sums[0] = updated.sums[2] * worse
        return updated

    def roll_back(run, diverged, progress):
        told.append((diverged.since, diverged.step))
        return real_roll_back(run, diverged, progress)

    real_roll_back = loop.roll_back
    monkeypatch.setattr(loop, "update", update)
    monkeypatch.setattr(loop, "roll_back", roll_back)
    summary = train(prepared, tmp_path / "run", changed(tiny_config, steps=9, checkpoint_every=2))
    assert told == [(4, 7)] and summary["rollbacks"] == 1


@pytest.mark.slow
@pytest.mark.parametrize(("broken", "warned"), [((4,), False), ((4, 6), True)])
def test_many_skipped_updates_are_told_of_at_the_end_even_of_a_resumed_and_quiet_run(
    broken: tuple[int, ...],
    warned: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    prepared: Path,
    tiny_config: Config,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = changed(tiny_config, steps=10, checkpoint_every=8)
    broken_batches(monkeypatch, *broken)
    die(prepared, tmp_path / "run", config, lambda run: run.step == 9)
    summary = train(prepared, tmp_path / "run", config)
    assert summary["skipped"] == len(broken)
    told = "warning: 2 of 10 updates had no finite gradient and were skipped" in capsys.readouterr().err
    assert told == warned


@pytest.mark.slow
def test_a_run_that_went_back_resumes_to_the_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepared: Path, tiny_config: Config
) -> None:
    config = changed(tiny_config, steps=8, checkpoint_every=2)
    learned = broken_batches(monkeypatch, 3, 4, 5)
    train(prepared, tmp_path / "undisturbed", config)
    assert learned == [*range(12)]
    # Killed in the middle of the bad ones, after the return, and after the checkpoint behind it.
    for killed in (5, 7, 9):
        run = tmp_path / f"killed-{killed}"
        die(prepared, run, config, lambda run, killed=killed: run.batch == killed)
        train(prepared, run, config)
        assert same_to_the_bit(run, tmp_path / "undisturbed")


@pytest.mark.slow
def test_a_validation_that_is_not_finite_leads_back_behind_its_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepared: Path, tiny_config: Config
) -> None:
    real, steps = loop.evaluate, []

    def evaluate(*arguments, **options):
        scores = real(*arguments, **options)
        steps.append(1)
        return scores | {"eval_loss": float("nan")} if len(steps) == 2 else scores

    monkeypatch.setattr(loop, "evaluate", evaluate)
    config = changed(tiny_config, steps=6, eval_every=2, checkpoint_every=2)
    summary = train(prepared, tmp_path / "run", config)
    assert (summary["steps"], summary["rollbacks"]) == (6, 1)
    assert newest_checkpoint(tmp_path / "run").facts["passed_over"] == 2  # from step 4 to step 2
    assert [r["step"] for r in read_metrics(tmp_path / "run") if "eval_loss" in r] == [2, 4, 6]


@pytest.mark.slow
def test_figures_that_are_read_late_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepared: Path, tiny_config: Config
) -> None:
    """As from a GPU, whose next update is queued before the last one is read."""
    queue, real_update = [], loop.update

    def update(*arguments):
        queue.append("update")
        return real_update(*arguments)

    def read(self):
        queue.append("read")
        return real_read(self)

    real_read = updates.Update.read
    monkeypatch.setattr(loop, "update", update)
    monkeypatch.setattr(updates.Update, "read", read)
    config = changed(tiny_config, steps=7, log_every=4, eval_every=4, checkpoint_every=7)

    def learned(folder):
        train(prepared, tmp_path / folder, config)
        return metrics_of(tmp_path / folder), newest_checkpoint(tmp_path / folder).facts

    at_once = learned("at-once")
    assert queue == ["update", "read"] * 7
    queue.clear()
    monkeypatch.setattr(loop, "reads_at_once", lambda machine: False)
    assert learned("late") == at_once
    assert "".join(call[0] for call in queue) == "ur" + "uu" + "rurr" + "uu" + "rurr"


@pytest.mark.slow
def test_a_spike_is_told_with_the_documents_of_its_batch(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    prepared: Path,
    tiny_config: Config,
    capsys: pytest.CaptureFixture[str],
) -> None:
    real, calls = updates.masked_loss, []

    def masked_loss(*arguments):
        calls.append(1)
        scored = real(*arguments)
        factor = 3.0 if len(calls) > 2 * 4 else 1.0  # two passes a step; from the fifth
        return scored._replace(total=scored.total * factor, losses=scored.losses * factor)

    monkeypatch.setattr(spikes, "FEWEST", 4)
    monkeypatch.setattr(updates, "masked_loss", masked_loss)
    pretrain(prepared, tmp_path / "run", tiny_config, workers=0, progress=Progress())
    assert [record["step"] for record in read_spikes(tmp_path / "run")] == [5, 6]
    told = [line for line in capsys.readouterr().err.splitlines() if "far above" in line]
    assert len(told) == 1 and told[0].startswith("step 5: loss ")


@pytest.mark.slow
def test_training_goes_on_while_a_checkpoint_of_the_step_that_asked_for_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, finished: Path, prepared: Path, tiny_config: Config
) -> None:
    run, real_saving, real_update = tmp_path / "run", loop.saving, loop.update
    two_steps_later = threading.Event()

    def slow(work: Run) -> Callable[[], None]:
        write, step = real_saving(work), work.step

        def slowly() -> None:
            assert step != 3 or two_steps_later.wait(30)
            write()

        return slowly

    def noticed(work: Run, *arguments):
        result = real_update(work, *arguments)
        if work.step == 4:
            assert [folder.name for folder in checkpoint_folders(run)] == ["step-0000000"]
            two_steps_later.set()
        return result

    monkeypatch.setattr(loop, "saving", slow)
    monkeypatch.setattr(loop, "update", noticed)
    train(prepared, run, tiny_config)
    for folder, other in zip(checkpoint_folders(run), checkpoint_folders(finished), strict=True):
        assert folder.name == other.name
        assert same_checkpoints(folder, other)


@pytest.mark.slow
def test_what_goes_wrong_with_a_checkpoint_ends_the_run_before_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepared: Path, tiny_config: Config
) -> None:
    def failing(work: Run) -> Callable[[], None]:
        def fail() -> None:
            raise GauptError(f"the disk is full at step {work.step}")

        return fail

    monkeypatch.setattr(loop, "saving", failing)
    with pytest.raises(GauptError, match="the disk is full at step"):
        train(prepared, tmp_path / "run", tiny_config)
    assert not (tmp_path / "run/summary.json").exists()


@pytest.mark.slow
@pytest.mark.option("train.max_hours")
def test_after_its_hours_a_run_is_saved_and_with_others_it_resumes(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    finished: Path,
    prepared: Path,
    tiny_config: Config,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run, real_update, late = tmp_path / "run", loop.update, []

    def noticed(work: Run, *arguments):
        if work.step == 4:
            late.append(3600)
        return real_update(work, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(loop, "update", noticed)
        patch.setattr(signals, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + sum(late)))
        with pytest.raises(KeyboardInterrupt):
            pretrain(prepared, run, changed(tiny_config, max_hours=0.9), workers=0, progress=Progress())
    assert (
        "stopped at step 4, after train.max_hours = 0.9; the same command resumes" in capsys.readouterr().err
    )
    assert newest_checkpoint(run).step == 4
    train(prepared, run, changed(tiny_config, max_hours=2))
    assert same_to_the_bit(run, finished)


KILLED_WHILE_IT_WRITES = """
import sys, time
from pathlib import Path
from gaupt.checkpoint import format
from gaupt.config import read_config
from gaupt.training.pretrain import pretrain

real = format.write_sealed_json

def slow(path, value):
    if value["step"] == 6:
        print("writing", flush=True)
        time.sleep(600)
    real(path, value)

format.write_sealed_json = slow
data, run, config = sys.argv[1:]
pretrain(data, run, read_config(Path(config)), workers=0)
"""


@pytest.mark.slow
def test_a_kill_while_a_checkpoint_is_written_leaves_the_one_before_it(
    tmp_path: Path, finished: Path, prepared: Path, tiny_config: Config
) -> None:
    run, config = tmp_path / "run", tmp_path / "config.toml"
    config.write_text(to_toml(tiny_config))
    writer = start("-c", KILLED_WHILE_IT_WRITES, str(prepared), str(run), str(config))
    writer.wait_for(lambda: writer.out.read_text() == "writing\n")
    writer.process.kill()
    writer.finish()
    assert newest_checkpoint(run).step == 3
    train(prepared, run, tiny_config)
    assert same_to_the_bit(run, finished)
