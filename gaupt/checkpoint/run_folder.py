"""What a run leaves in its folder, for those who resume, read or report it.

RUN/
  config.toml             the resolved config
  metrics.jsonl           one line an event
  events/                 the same for TensorBoard
  spikes.jsonl            steps of a loss far above the others, with their texts; where there are any
  checkpoints/step-…/     see `gaupt.checkpoint.format`
  summary.json            the closing figures; the run is complete
  finished/step-…/        a run that was lengthened, as it had ended: metrics, config, last checkpoint, summary
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gaupt.checkpoint.format import Checkpoint, open_checkpoint
from gaupt.errors import GauptError

METRICS = "metrics.jsonl"
SPIKES = "spikes.jsonl"
CHECKPOINTS = "checkpoints"
FINISHED = "finished"
SUMMARY = "summary.json"
"""Marker of a finished run, and its closing figures."""


def read_metrics(run: Path) -> list[dict[str, Any]]:
    """The lines of a run's ``metrics.jsonl``; a last line cut short by a crash is left out."""
    return _read_lines(run / METRICS)


def read_spikes(run: Path) -> list[dict[str, Any]]:
    """The lines of a run's ``spikes.jsonl``, if it has one; see `gaupt.training.spikes`."""
    return _read_lines(run / SPIKES)


def _read_lines(path: Path) -> list[dict[str, Any]]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    records = []
    for line in lines:
        try:
            records.append(json.loads(line))
        except ValueError:
            break
    return records


def run_of(checkpoint: Path) -> Path:
    """The folder of the run that a checkpoint stands in."""
    return checkpoint.parent.parent


def checkpoint_folder(run: Path, step: int) -> Path:
    """Where the checkpoint of ``run`` at ``step`` is; the names sort by step."""
    return run / CHECKPOINTS / f"step-{step:07d}"


def checkpoint_folders(run: Path) -> list[Path]:
    """The checkpoint folders of a run, newest first."""
    return sorted((run / CHECKPOINTS).glob("step-*"), reverse=True)


def newest_checkpoint(
    run: Path, warn: Callable[[str], None] = lambda message: None, before: int | None = None
) -> Checkpoint | None:
    """The newest undamaged checkpoint of ``run``, or None; ``warn`` hears of each damaged one passed over.

    ``before``: the newest of those before this step.

    Raises:
        GauptError: there are checkpoints, and all of them are damaged.
    """
    problems = []
    for folder in checkpoint_folders(run):
        if before is not None and folder.name >= checkpoint_folder(run, before).name:
            continue
        try:
            checkpoint = open_checkpoint(folder)
        except GauptError as error:
            problems.append(str(error))
            continue
        for problem in problems:
            warn(f"warning: {problem}; trying an older one")
        return checkpoint
    if problems:
        raise GauptError(
            f"every checkpoint in {run / CHECKPOINTS} is damaged ({problems[0]}); copy the run again, or move it "
            "away to start anew"
        )
    return None


def prune_checkpoints(run: Path, keep: int, newest: int, spare: int | None = None) -> None:
    """Remove all but the ``keep`` newest checkpoints of ``run`` up to step ``newest``, and that of step ``spare``.

    Later ones go too: the run resumed before them because they are damaged, and they must not count as kept.
    """
    folders = checkpoint_folders(run)
    good = [folder for folder in folders if folder.name <= checkpoint_folder(run, newest).name]
    spared = good[:keep] if spare is None else [*good[:keep], *({checkpoint_folder(run, spare)} & {*good})]
    for folder in set(folders) - set(spared):
        shutil.rmtree(folder)
