"""What a run leaves in its folder, for those who resume, read or report it.

RUN/
  config.toml             the resolved config
  metrics.jsonl           one line an event: what was learned, the same in every repetition
  speed.jsonl             how fast, and how much memory it took
  events/                 the same for TensorBoard
  spikes.jsonl            steps of a loss far above the others, with their texts; where there are any
  checkpoints/step-…/     the newest, see `gaupt.checkpoint.format`
  stable/step-…/          that at the end of the stable phase, from which the run can be lengthened
  summary.json            the closing figures; the run is complete
  finished/step-…/        a run that was lengthened, as it had ended: metrics, config, last checkpoint, summary
"""

import errno
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gaupt.checkpoint.format import Checkpoint, open_checkpoint
from gaupt.errors import GauptError
from gaupt.files import new_folder, read_json

METRICS = "metrics.jsonl"
SPEED = "speed.jsonl"
SPIKES = "spikes.jsonl"
CHECKPOINTS = "checkpoints"
STABLE = "stable"
FINISHED = "finished"
OURS = (METRICS, SPEED, SPIKES, "events", CHECKPOINTS, STABLE, FINISHED)
"""What a run's folder holds, beside its config and record."""
SUMMARY = "summary.json"
"""Marker of a finished run, and its closing figures."""


Warn = Callable[[str], None]
"""Takes what a person should know of, one line."""


def _tell_nobody(message: str) -> None:
    """The `Warn` of those who look at a run by the way."""


def read_metrics(run: Path, warn: Warn = _tell_nobody) -> list[dict[str, Any]]:
    """The lines of a run's ``metrics.jsonl``: ``step``, and numbers by name.

    Damaged ones are left out, and ``warn`` hears of them; a last one cut short by a crash goes without a word.
    """
    return _read_lines(run / METRICS, _is_metrics, warn)


def read_speed(run: Path, warn: Warn = _tell_nobody) -> list[dict[str, Any]]:
    """The lines of a run's ``speed.jsonl``, as `read_metrics` reads."""
    return _read_lines(run / SPEED, _is_metrics, warn)


def read_spikes(run: Path, warn: Warn = _tell_nobody) -> list[dict[str, Any]]:
    """The lines of a run's ``spikes.jsonl``, if it has one, as `read_metrics` reads; see `gaupt.training.spikes`."""
    return _read_lines(run / SPIKES, _is_spike, warn)


def read_summary(run: Path, warn: Warn = _tell_nobody) -> dict[str, Any]:
    """The closing figures of a run: none where it is not complete, or they are damaged, which ``warn`` hears of."""
    try:
        return dict(read_json(run / SUMMARY)) if (run / SUMMARY).exists() else {}
    except (OSError, ValueError, TypeError):
        warn(f"{run / SUMMARY} is damaged and left out")
        return {}


def _read_lines(path: Path, good: Callable[[Any], bool], warn: Warn) -> list[dict[str, Any]]:
    *lines, rest = path.read_bytes().split(b"\n") if path.exists() else [b""]
    records = []
    for number, line in enumerate([*lines, rest], 1):
        try:
            record = json.loads(line)  # of bytes: what is no UTF-8 is damage too
        except (ValueError, RecursionError):
            record = None
        if good(record):
            records.append(record)
        elif number <= len(lines):
            warn(f"{path}, line {number} is damaged and left out")
    return records


def _is_metrics(record: Any) -> bool:
    return (
        isinstance(record, dict)
        and isinstance(record.get("step"), int)
        and all(isinstance(value, (int, float)) for value in record.values())
    )


def _is_spike(record: Any) -> bool:
    try:
        documents = [(each["source"], each["loss"], each["text"]) for each in record["documents"]]
        numbers = isinstance(record["step"], int) and isinstance(record["batch"], int)
        return numbers and {"loss", "median"} <= record.keys() and bool(documents)
    except (TypeError, KeyError):
        return False


def run_of(checkpoint: Path) -> Path:
    """The folder of the run that a checkpoint stands in."""
    return checkpoint.parent.parent


def checkpoint_folder(run: Path, step: int) -> Path:
    """Where the checkpoint of ``run`` at ``step`` is; the names sort by step."""
    return run / CHECKPOINTS / f"step-{step:07d}"


def checkpoint_folders(run: Path) -> list[Path]:
    """The checkpoint folders of a run, newest first."""
    folders = (*(run / CHECKPOINTS).glob("step-*"), *(run / STABLE).glob("step-*"))
    return sorted(folders, key=lambda folder: folder.name, reverse=True)


def newest_checkpoint(run: Path, warn: Warn = _tell_nobody, before: int | None = None) -> Checkpoint | None:
    """The newest undamaged checkpoint of ``run``, or None; ``warn`` hears of each damaged one passed over.

    ``before``: the newest of those before this step.

    Raises:
        GauptError: there are checkpoints, and all of them are damaged.
    """
    problems, folders = [], checkpoint_folders(run)
    for folder in folders:
        if before is not None and folder.name >= checkpoint_folder(run, before).name:
            continue
        try:
            checkpoint = open_checkpoint(folder)
        except GauptError as error:
            problems.append(str(error))
            continue
        for problem in problems:
            warn(f"{problem}; trying an older one")
        return checkpoint
    # A run that goes on may have put newer ones in their place.
    if problems and checkpoint_folders(run) != folders:
        return newest_checkpoint(run, warn, before)
    if problems:
        raise GauptError(
            f"every checkpoint in {run / CHECKPOINTS} is damaged ({problems[0]}); copy the run again, or move it "
            "away to start anew"
        )
    return None


def prune_checkpoints(
    run: Path, keep: int, newest: int, spare: int | None = None, stable: int | None = None
) -> None:
    """Remove all but the ``keep`` newest checkpoints of ``run`` up to step ``newest``, and that of step ``spare``.

    Later ones go too: the run resumed before them because they are damaged, and they must not count as kept. That of
    step ``stable`` goes to a folder of its own.
    """
    folders = checkpoint_folders(run)
    known = [folder for folder in folders if folder.name <= checkpoint_folder(run, newest).name]
    good = None if spare is None else checkpoint_folder(run, spare).name
    apart = None if stable is None else run / STABLE / checkpoint_folder(run, stable).name
    kept = {*known[:keep], *(folder for folder in known if folder.name == good or folder == apart)}
    for folder in folders:
        if folder in kept:
            continue
        if apart is not None and folder in known and folder.name == apart.name and not apart.exists():
            apart.parent.mkdir(exist_ok=True)
            move_checkpoint(folder, apart)
        else:
            remove_checkpoint(folder)


def clear_unfinished(run: Path) -> None:
    """Remove what a killed process left of checkpoints that it was writing or moving."""
    places = (run / CHECKPOINTS, run / STABLE, *(run / FINISHED).glob(f"step-*/{CHECKPOINTS}"))
    for folder in (folder for place in places for folder in place.glob(".step-*")):
        remove_checkpoint(folder)


def remove_checkpoint(folder: Path) -> None:
    """Remove a folder; of a link the link alone, for what it leads to is somebody else's."""
    if folder.is_symlink():
        folder.unlink()
    else:
        shutil.rmtree(folder)


def move_checkpoint(folder: Path, to: Path) -> None:
    """Move a folder whole or not at all, to another disk too; what a link leads to is copied, and stays."""
    if not folder.is_symlink():
        try:
            folder.rename(to)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        else:
            return
    with new_folder(to) as temporary:
        shutil.copytree(folder, temporary, dirs_exist_ok=True)
    remove_checkpoint(folder)
