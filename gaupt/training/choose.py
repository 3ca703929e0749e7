"""Which config a run has of which no preset was named."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from gaupt.config import Config, config_from, load_config, to_toml
from gaupt.files import AnyPath
from gaupt.model.config import ModelConfig
from gaupt.stage import CONFIG, RECORD
from gaupt.training.ranks import Ranks

GPU_PRESET, CPU_PRESET = "base", "laptop"
"""What is trained where no preset is named."""


def choose_config(
    output: AnyPath,
    preset: str | None = None,
    file: AnyPath | None = None,
    overrides: Iterable[str] = (),
    options: Mapping[str, Any] | None = None,
    *,
    recipe: str | None = None,
    source: AnyPath | None = None,
    device: str = "auto",
    overwrite: bool = False,
) -> Config:
    """The config of a run as `gaupt.config.load_config` resolves it, of which no preset was named.

    A run that is in ``output`` already goes on as it began; a new one takes the preset that suits the machine:
    the paper's model on a GPU, and on a CPU one that is trained in an hour. ``recipe``: another than the preset's.
    ``source``: MODEL to go on from; the config has its shape.

    Raises:
        GauptError: as `load_config`, `gaupt.device.pick_device` and `gaupt.training.source.find_source`.
    """
    own = Path(output) / CONFIG
    if (
        preset is None
        and recipe is None
        and own.is_file()
        and (Path(output) / RECORD).is_file()
        and not overwrite
    ):
        return load_config(None, file, overrides, options, base=own)
    model = _shape(source, output, overwrite)
    config = load_config(preset or CPU_PRESET, file, overrides, options, recipe=recipe, model=model)
    if preset is None:
        # Behind the rest: mistakes in options are told before torch is imported, which takes seconds.
        from gaupt.device import pick_device

        if pick_device(device).type == "cuda":
            return load_config(GPU_PRESET, file, overrides, options, recipe=recipe, model=model)
    return config


def agreed(ranks: Ranks, choose: Callable[[], Config]) -> Config:
    """The config that rank 0 chooses: the others may look into a folder that it has begun to fill."""
    if ranks.alone:
        return choose()
    return config_from(tomllib.loads(ranks.settle(lambda: to_toml(choose()))), where="rank 0")


def _shape(source: AnyPath | None, output: AnyPath, overwrite: bool) -> tuple[ModelConfig, str] | None:
    """The model that the run goes on from, and what it is called."""
    if source is None and (overwrite or not (Path(output) / RECORD).is_file()):
        return None
    from gaupt.training.source import find_source  # and torch

    found = find_source(source, output, overwrite)
    return (found.config, found.name) if found else None
