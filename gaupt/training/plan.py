"""What a training run will take, without running it."""

from pathlib import Path
from typing import Any

import torch

from gaupt.config import Config
from gaupt.model.family import masked_lm
from gaupt.stage import inspect
from gaupt.training.data import find_data
from gaupt.training.loop import pretrain_stage, resolve


def training_plan(
    data: Path, output: Path, config: Config, overwrite: bool = False
) -> tuple[Config, dict[str, Any]]:
    """The config as `pretrain` would resolve it, and the sizes of the run. Writes nothing.

    Raises:
        GauptError: as `pretrain` would.
    """
    training_data = find_data(data)
    config = resolve(config, training_data)
    state = inspect(pretrain_stage(output, config, training_data), overwrite)
    with torch.device("meta"):
        model = masked_lm(config.model)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    batch_rows = config.train.batch_tokens // config.shards.seq_len
    return config, {
        "output": f"{output} ({state.value})",
        "parameters": parameters,
        "sequences_per_step": batch_rows,
        "tokens_total": batch_rows * config.shards.seq_len * config.train.steps,
        # Weights and two moments, in float32.
        "bytes_per_checkpoint": parameters * 12,
    }
