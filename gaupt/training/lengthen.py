"""A run with a stable phase, lengthened: it goes on from there under a longer schedule.

Its warm-up stays as it was, in steps, and its stable phase is that of a run with the longer schedule from the start; so
it is that run, bit for bit, and only the decay is made anew. What had been finished is kept in a folder of its own.
"""

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gaupt.checkpoint.lineage import LENGTHENED
from gaupt.checkpoint.run_folder import (
    CHECKPOINTS,
    FINISHED,
    METRICS,
    SPEED,
    SUMMARY,
    checkpoint_folder,
    checkpoint_folders,
    move_checkpoint,
    newest_checkpoint,
    remove_checkpoint,
)
from gaupt.config import TrainConfig, read_config
from gaupt.errors import GauptError
from gaupt.files import new_folder, read_sealed_json
from gaupt.optimization.schedule import flat_until, stable_steps
from gaupt.seal import LIST, close
from gaupt.stage import CONFIG, RECORD, Stage, change_stage, inspect
from gaupt.training.run import warmup_steps


@dataclass(frozen=True)
class Longer:
    """What lengthening a run comes to."""

    before: Stage
    """The run as it is."""
    stage: Stage
    """The run as it will be."""
    step: int
    """The checkpoint that it goes on from."""
    end: int
    """Steps that it was to have."""

    @classmethod
    def of(cls, stage: Stage, step: int, end: int) -> "Longer":
        """That of a run of ``end`` steps which is to be ``stage``, from its checkpoint at ``step`` on."""
        longer = {LENGTHENED: [*ends_of(stage), end]}
        before = _with_train(stage, {"steps": end})
        return cls(before, replace(stage, config={**stage.config, **longer}), step, end)

    def told(self) -> str:
        """In a few words."""
        steps = self.stage.config["train"]["steps"]
        return f"from {self.end:,} to {steps:,} steps, from the checkpoint at step {self.step:,} on"

    def begin(self) -> None:
        """Put away what was finished, and make the run one of more steps."""
        change_stage(self.before, self.stage, self._put_away)

    def _put_away(self) -> None:
        run = self.stage.output
        last, away = checkpoint_folder(run, self.end), run / FINISHED / checkpoint_folder(run, self.end).name
        if (run / SUMMARY).exists():
            (away / CHECKPOINTS).mkdir(parents=True, exist_ok=True)
            for name in (METRICS, SPEED, CONFIG):
                if (run / name).exists():
                    shutil.copyfile(run / name, away / name)
            os.replace(run / SUMMARY, away / SUMMARY)
            (run / LIST).unlink(missing_ok=True)
        if (away / SUMMARY).exists() and last.exists() and not (away / CHECKPOINTS / last.name).exists():
            kept = away / CHECKPOINTS / last.name
            if self.step != self.end:
                move_checkpoint(last, kept)
            else:  # where the rate never fell, the run goes on from its last checkpoint
                with new_folder(kept) as copy:
                    shutil.copytree(last, copy, dirs_exist_ok=True)
        if (away / SUMMARY).exists():
            close(away, SUMMARY, (away / SUMMARY).read_bytes(), (METRICS, SPEED, CONFIG, CHECKPOINTS))
        for folder in checkpoint_folders(run):
            if folder.name > checkpoint_folder(run, self.step).name:
                remove_checkpoint(folder)


def find_longer(stage: Stage, train: TrainConfig) -> Longer | None:
    """Whether ``stage`` is the run in its folder with more steps, and how it goes on; None where it is not.

    Raises:
        GauptError: it is, but has no stable phase, or no checkpoint of that.
    """
    known = _record(stage.output)
    was = known.get("config", {}).get("train", {})
    if not was or train.hours:
        return None
    end = int(was.get("steps") or read_config(stage.output / CONFIG).train.steps)
    before = _with_train(stage, {key: was[key] for key in ("steps", "hours") if key in was})
    if train.steps <= end or not _is(before):
        return None
    run = stage.output
    stable = stable_steps(train.schedule, end)
    if flat_until(train.schedule) * end <= warmup_steps(train, end) or not stable:
        raise GauptError(
            f"{run} has no stable phase to go on from for more than its {end:,} steps ([train] schedule = "
            f"{[list(point) for point in train.schedule]}); give it to a new run with --from {run}, or start again "
            "(--overwrite) with a schedule that has one, such as --set train.schedule=[[0.8,1],[1,0]]"
        )
    checkpoint = newest_checkpoint(run, before=stable + 1)
    if checkpoint is None or not checkpoint.step:
        raise GauptError(
            f"{run} has no checkpoint of its stable phase, the first {stable:,} steps, to go on from; give it to a new "
            f"run with --from {run}, or start again with --overwrite"
        )
    longer = Longer.of(stage, checkpoint.step, end)
    return replace(longer, before=before)


def ends_before(output: Path) -> list[int]:
    """Where the run in ``output`` ended before it was lengthened."""
    return list(_record(output).get("config", {}).get(LENGTHENED, []))


def ends_of(stage: Stage) -> tuple[int, ...]:
    """Where the run that ``stage`` describes ended before it was lengthened."""
    return tuple(stage.config.get(LENGTHENED, ()))


def _record(output: Path) -> dict[str, Any]:
    try:
        known: dict[str, Any] = read_sealed_json(output / RECORD)
    except (OSError, ValueError, KeyError):
        return {}
    return known if known.get("stage") == "pretrain" else {}


def _with_train(stage: Stage, train: dict[str, Any]) -> Stage:
    options = {key: value for key, value in stage.config["train"].items() if key != "steps"}
    return replace(stage, config={**stage.config, "train": options | train})


def _is(stage: Stage) -> bool:
    """Whether the output folder is that of ``stage``."""
    try:
        inspect(stage)
    except GauptError:
        return False
    return True
