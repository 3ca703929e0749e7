"""Back to the last good checkpoint after updates that led nowhere, and on behind the batches that led there."""

from gaupt.checkpoint.run_folder import checkpoint_folders, remove_checkpoint
from gaupt.errors import GauptError
from gaupt.progress import Progress
from gaupt.training.run import Run, newest_for_all, restore

MAX_ROLLBACKS = 3
"""In one run; what diverges again and again needs other settings."""


class Diverged(Exception):
    """Training cannot go on from here; the message says why.

    ``since`` is the first step that was bad: checkpoints from there on are none to go back to. ``step`` is the last one
    that was read; updates that are queued behind it do not count.
    """

    def __init__(self, why: str, since: int, step: int) -> None:
        super().__init__(why)
        self.since, self.step = since, step


def roll_back(run: Run, diverged: Diverged, progress: Progress) -> None:
    """Take ``run`` to the last good checkpoint; the batches since then are not seen again.

    Raises:
        GauptError: there is no such checkpoint, or this run was rolled back too often.
    """
    remedy = "lower train.lr or raise train.warmup_share in a new run"
    checkpoint = newest_for_all(run, progress, before=diverged.since)
    if checkpoint is None:
        raise GauptError(f"{diverged}, and there is no checkpoint to go back to; {remedy}")
    for folder in checkpoint_folders(run.folder) if run.ranks.leads else ():
        if folder.name > checkpoint.folder.name:
            remove_checkpoint(folder)
    if run.rollbacks == MAX_ROLLBACKS:
        raise GauptError(
            f"{diverged}, after {MAX_ROLLBACKS} returns to the last good checkpoint, {checkpoint.folder}; {remedy}"
        )
    batch, rollbacks = diverged.step + run.passed_over, run.rollbacks
    run.ranks.each(lambda: restore(run, checkpoint))
    run.passed_over, run.rollbacks = batch - run.step, rollbacks + 1
    run.bad_updates = run.astray = 0
    progress.message(
        f"{diverged}; back to step {run.step}, and on with other batches ({run.rollbacks} of {MAX_ROLLBACKS} times)"
    )
