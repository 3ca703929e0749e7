"""``gaupt demo``."""

from pathlib import Path
from typing import Annotated

import typer

from gaupt.cli import options
from gaupt.visible import visible


def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write.")] = Path("demo"),
    preset: options.Preset = "demo",
    config_file: options.ConfigFile = None,
    overrides: options.Set = None,
    workers: options.Workers = None,
    seed: options.Seed = None,
    dry_run: options.DryRun = False,
    show_config: options.ShowConfig = False,
    overwrite: options.Overwrite = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Run the whole chain on the bundled sample: a few minutes on a laptop."""
    from gaupt.config import load_config
    from gaupt.language import language_of
    from gaupt.progress import Progress

    named = {"seed": seed, "export.language": language and language_of(language)}
    config, progress = load_config(preset, config_file, overrides or (), named), Progress(quiet)
    # Behind the config, whose mistakes are told before torch is imported.
    from gaupt import demo as stage

    options.carry_out(
        lambda: stage.plan(output, config, overwrite=overwrite),
        lambda: stage.run_demo(output, config, workers=workers, progress=progress, overwrite=overwrite),
        lambda result: stage.describe(
            {**result, "paths": {name: visible(path) for name, path in result["paths"].items()}}, output
        ),
        dry_run=dry_run,
        show_config=show_config,
        quiet=quiet,
        as_json=as_json,
    )
