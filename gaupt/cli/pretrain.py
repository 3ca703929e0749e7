"""``gaupt pretrain``."""

from pathlib import Path
from typing import Annotated

import typer

from gaupt.cli import options


def pretrain(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Folder of gaupt prepare or gaupt shard.")],
    output: options.Output,
    preset: options.Preset = None,
    config_file: options.ConfigFile = None,
    overrides: options.Set = None,
    steps: Annotated[int | None, typer.Option("--steps", min=1, help="Optimizer updates.")] = None,
    workers: options.Workers = None,
    seed: options.Seed = None,
    overwrite: options.Overwrite = False,
    dry_run: options.DryRun = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Train a masked language model; a second call on the same output resumes."""
    from gaupt.config import load_config
    from gaupt.progress import Progress

    config = load_config(preset, config_file, overrides or (), {"seed": seed, "train.steps": steps})
    # Behind the config, whose mistakes are told before torch is imported.
    from gaupt.training import pretrain as stage

    progress = Progress(quiet)
    options.carry_out(
        lambda: stage.plan(data, output, config, overwrite=overwrite),
        lambda: stage.pretrain(data, output, config, workers=workers, progress=progress, overwrite=overwrite),
        lambda summary: stage.describe(summary, output),
        dry_run=dry_run,
        quiet=quiet,
        as_json=as_json,
    )
