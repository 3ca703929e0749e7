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
    from gaupt.training import loop, plan

    config = load_config(preset, config_file, overrides or (), {"seed": seed, "train.steps": steps})
    if dry_run:
        options.print_plan(*plan.training_plan(data, output, config, overwrite), as_json=as_json)
        return
    summary = loop.pretrain(
        data, output, config, workers=workers, progress=Progress(quiet), overwrite=overwrite
    )
    if as_json:
        options.print_json(summary)
    elif not quiet:
        print(loop.describe_run(summary, output))
