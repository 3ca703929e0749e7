"""Small runs for tests."""

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from gaupt.checkpoint.format import open_checkpoint
from gaupt.checkpoint.run_folder import checkpoint_folders, newest_checkpoint
from gaupt.config import Config
from gaupt.training import loop
from gaupt.training import pretrain as pretraining
from gaupt.training.data import find_data
from gaupt.training.pretrain import pretrain
from gaupt.training.run import Run, set_up
from gaupt.training.update import Update
from tests.conftest import TINY


def changed(config: Config, section: str = "train", **values: object) -> Config:
    update = config.model_dump()
    update[section] |= values
    return Config.model_validate(update)


def pretrain_command(data: Path, output: Path, *options: str) -> list[str]:
    """What starts the smallest run as a process of its own, with further ``options``."""
    command = ["-m", "gaupt", "pretrain", str(data), "-o", str(output), "--device", "cpu"]
    for option in (*TINY, *options):
        command += ["--set", option]
    return command


def train(data: Path, output: Path, config: Config) -> dict[str, Any]:
    return pretrain(data, output, config, workers=0)


def final_weights(run: Path) -> dict[str, torch.Tensor]:
    checkpoint = newest_checkpoint(run)
    assert checkpoint is not None
    return checkpoint.weights()


def cut_back(run: Path, copy: Path, step: int) -> None:
    """A copy of the finished ``run`` as it was right after ``step``, where it saved."""
    shutil.copytree(run, copy)
    for later in checkpoint_folders(copy):
        if open_checkpoint(later).step > step:
            shutil.rmtree(later)
    (copy / "summary.json").unlink()


def same_to_the_bit(one: Path, other: Path) -> bool:
    """Whether two runs ended at the same step with the same weights and moments."""
    return same_checkpoints(*(checkpoint_folders(run)[0] for run in (one, other)))


def same_checkpoints(one: Path, other: Path) -> bool:
    """Whether two checkpoints are of the same step, with the same weights and moments."""
    mine, theirs = open_checkpoint(one), open_checkpoint(other)
    return (
        mine.step == theirs.step
        and same_tensors(mine.weights(), theirs.weights())
        and same_tensors(mine.optimizer(), theirs.optimizer())
    )


def same_tensors(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def die(data: Path, output: Path, config: Config, when: Callable[[Run], bool]) -> None:
    """Train until an update is due ``when`` so it is, and be killed in its place."""
    real = loop.update

    def dying(run: Run, *arguments: Any) -> Update:
        if when(run):
            raise MemoryError
        return real(run, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "update", dying)
        with pytest.raises(MemoryError):
            train(data, output, config)


def set_up_run(folder: Path, prepared: Path, config: Config, device: str = "cpu") -> Run:
    """A run in memory as `pretrain` sets it up, computing in float32."""
    data = find_data(prepared)
    run = set_up(folder, pretraining.complete_config(config, data), data, torch.device(device))
    run.machine = dataclasses.replace(run.machine, precision=torch.float32)
    return run
