"""Back to the last good checkpoint: which one it is, what follows, and when there is no way back."""

from pathlib import Path

import pytest
import torch

from gaupt.checkpoint.run_folder import checkpoint_folders, read_spikes
from gaupt.config import Config
from gaupt.errors import GauptError
from gaupt.files import read_json
from gaupt.progress import Progress
from gaupt.training.rollback import MAX_ROLLBACKS, Diverged, roll_back
from gaupt.training.run import Run, resume, save
from tests.conftest import TINY
from tests.training.ranks_of import start_ranks
from tests.training.runs import changed, set_up_run

QUIET = Progress(quiet=True)


@pytest.fixture
def run(tmp_path: Path, prepared: Path, tiny_config: Config) -> Run:
    """At step 9, with checkpoints of steps 3 and 6; all weights are the step's number."""
    run = set_up_run(tmp_path, prepared, changed(tiny_config, keep_checkpoints=3))
    for run.step in (3, 6, 9):
        run.tokens = 100 * run.step
        set_weights(run, run.step)
        if run.step < 9:
            save(run)
    return run


def set_weights(run: Run, value: float) -> None:
    with torch.no_grad():
        for parameter in run.model.parameters():
            parameter.fill_(value)


def weight(run: Run) -> float:
    return next(run.model.parameters()).flatten()[0].item()


def test_the_run_goes_back_and_the_batches_go_on(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run.bad_updates = 3
    roll_back(run, Diverged("it diverged", since=9, step=run.step), Progress())
    assert (run.step, run.tokens, weight(run)) == (6, 600, 6)
    assert (run.batch, run.rollbacks, run.bad_updates) == (9, 1, 0)
    assert capsys.readouterr().err == (
        "it diverged; back to step 6, and on with other batches (1 of 3 times)\n"
    )


def test_the_batches_that_were_passed_over_add_up(run: Run) -> None:
    roll_back(run, Diverged("", since=9, step=run.step), QUIET)
    run.step = 8
    assert run.batch == 11
    roll_back(run, Diverged("", since=9, step=run.step), QUIET)
    assert (run.step, run.batch, run.rollbacks) == (6, 11, 2)


@pytest.mark.parametrize(("since", "step"), [(10, 9), (9, 6), (7, 6), (6, 3)])
def test_a_checkpoint_of_a_bad_step_is_none_to_go_back_to_and_is_removed(
    run: Run, since: int, step: int
) -> None:
    save(run)
    roll_back(run, Diverged("", since, run.step), QUIET)
    assert (run.step, weight(run), run.batch) == (step, step, 9)
    assert checkpoint_folders(run.folder)[0].name == f"step-{step:07d}"


def test_the_way_is_kept_in_checkpoints(run: Run, prepared: Path, tiny_config: Config) -> None:
    roll_back(run, Diverged("", since=9, step=run.step), QUIET)
    run.step, run.bad_updates = 7, 2
    save(run)
    again = set_up_run(run.folder, prepared, tiny_config)
    resume(again, QUIET)
    assert (again.step, again.batch, again.rollbacks, again.bad_updates) == (7, 10, 1, 2)


def test_without_a_checkpoint_there_is_no_way_back(
    tmp_path: Path, prepared: Path, tiny_config: Config
) -> None:
    run = set_up_run(tmp_path, prepared, tiny_config)
    with pytest.raises(
        GauptError, match=r"it diverged, and there is no checkpoint to go back to; lower train\.lr"
    ):
        roll_back(run, Diverged("it diverged", since=9, step=run.step), QUIET)


def test_a_run_goes_back_so_often_and_no_more(run: Run) -> None:
    for _ in range(MAX_ROLLBACKS):
        roll_back(run, Diverged("it diverged", since=9, step=run.step), QUIET)
    run.step = 8
    with pytest.raises(GauptError, match=r"it diverged, after 3 returns .* lower train\.lr"):
        roll_back(run, Diverged("it diverged", since=9, step=run.step), QUIET)
    assert run.step == 8


BROKEN = """
import sys
from gaupt.training import loop, update as updates

update, masked_loss = loop.update, updates.masked_loss

def exploding(*given):
    scored = masked_loss(*given)
    return scored._replace(total=scored.total * float("nan"), losses=scored.losses * float("nan"))

def breaking(run, *given):
    updates.masked_loss = exploding if run.ranks.rank == 1 and run.batch in (4, 5, 6) else masked_loss
    return update(run, *given)

loop.update = breaking
from gaupt.cli import main
main()
"""
"""The command, in which rank 1 meets three bad batches in a row."""


@pytest.mark.slow
def test_all_ranks_go_back_together_and_the_documents_of_each_are_named(
    tmp_path: Path, prepared: Path
) -> None:
    command = ["pretrain", str(prepared), "-o", str(tmp_path / "run"), "--quiet"]
    for option in [*TINY, "train.steps=8"]:
        command += ["--set", option]
    ends = [rank.finish() for rank in start_ranks(2, "-c", BROKEN, *command)]
    assert [status for status, *_ in ends] == [0, 0], ends
    summary = read_json(tmp_path / "run" / "summary.json")
    assert (summary["steps"], summary["rollbacks"]) == (8, 1)
    records = read_spikes(tmp_path / "run")
    assert [record["batch"] for record in records] == [4, 5, 6]
    assert all(record["documents"][0]["loss"] is None for record in records)
