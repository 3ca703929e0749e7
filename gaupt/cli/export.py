"""``gaupt export``."""

from pathlib import Path
from typing import Annotated

import typer

from gaupt.cli import options
from gaupt.visible import visible


def export(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Run, checkpoint or exported folder.")],
    output: options.Output,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="hf|onnx",
            help="hf: loads in transformers; onnx: adds onnx/model.onnx. Repeatable. [hf]",
        ),
    ] = None,
    preset: options.Preset = None,
    config_file: options.ConfigFile = None,
    overrides: options.Set = None,
    dry_run: options.DryRun = False,
    show_config: options.ShowConfig = False,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Write a model as a folder that others load without gaupt."""
    from gaupt.config import load_config
    from gaupt.progress import Progress

    config = load_config(preset, config_file, overrides or (), {"export.formats": formats or None})
    # Behind the config, whose mistakes are told before torch is imported.
    from gaupt.exporting import hf as stage

    progress = Progress(quiet)
    options.carry_out(
        lambda: stage.plan(model, output, config, progress=progress, overwrite=overwrite),
        lambda: stage.export(model, output, config, progress=progress, overwrite=overwrite),
        lambda result: stage.describe({**result, "source": visible(result["source"])}, visible(output)),
        dry_run=dry_run,
        show_config=show_config,
        quiet=quiet,
        as_json=as_json,
    )
