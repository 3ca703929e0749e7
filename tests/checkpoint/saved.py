"""Small checkpoints of a run that has no model."""

from pathlib import Path

import torch

from gaupt.checkpoint.format import Checkpoint, save_checkpoint
from gaupt.checkpoint.run_folder import checkpoint_folder
from gaupt.config import Config

WEIGHTS = {"layer.weight": torch.arange(6.0).reshape(2, 3), "layer.scale": torch.ones(3)}


def save(run: Path, step: int, tokenizer: Path) -> Checkpoint:
    return save_checkpoint(
        checkpoint_folder(run, step), WEIGHTS, Config(seed=5), tokenizer, step=step,
        facts={"tokens": 10 * step}, optimizer={"exp_avg/layer.scale": torch.zeros(3)},
    )  # fmt: skip
