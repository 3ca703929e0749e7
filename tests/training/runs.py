"""Small runs for tests."""

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import torch

from gaupt.checkpoint.format import open_checkpoint
from gaupt.checkpoint.run_folder import checkpoint_folders, newest_checkpoint
from gaupt.config import Config
from gaupt.training import pretrain as pretraining
from gaupt.training.data import find_data
from gaupt.training.pretrain import pretrain
from gaupt.training.run import Run, set_up


def changed(config: Config, section: str = "train", **values: object) -> Config:
    update = config.model_dump()
    update[section] |= values
    return Config.model_validate(update)


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
    """Whether two runs ended with the same weights and moments."""
    ends = [newest_checkpoint(run) for run in (one, other)]
    assert ends[0] is not None and ends[1] is not None and ends[0].step == ends[1].step
    mine, theirs = ({**end.weights(), **end.optimizer()} for end in ends if end)
    return mine.keys() == theirs.keys() and all(torch.equal(mine[name], theirs[name]) for name in mine)


def set_up_run(folder: Path, prepared: Path, config: Config, device: str = "cpu") -> Run:
    """A run in memory as `pretrain` sets it up, computing in float32."""
    data = find_data(prepared)
    run = set_up(folder, pretraining.complete_config(config, data), data, torch.device(device))
    run.machine = dataclasses.replace(run.machine, precision=torch.float32)
    return run
