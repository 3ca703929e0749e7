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
            metavar="hf|onnx|gau-alpha|roformer",
            help="hf: loads in transformers; onnx: adds onnx/model.onnx; the others: layouts of public checkpoints. "
            "Repeatable. [hf]",
        ),
    ] = None,
    quantize: Annotated[
        str | None,
        typer.Option(metavar="none|int8", help="int8: adds an ONNX file with matrices of 8 bits. [none]"),
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of gaupt evaluate, whose scores the model card shows."),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Load the folder in a process without gaupt, and compare its numbers."),
    ] = False,
    language: options.Language = None,
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
    from gaupt.language import language_of
    from gaupt.progress import Progress

    named = {
        "export.formats": formats or None,
        "export.quantize": quantize,
        "export.language": language and language_of(language),
    }
    config = load_config(preset, config_file, overrides or (), named)
    # Behind the config, whose mistakes are told before torch is imported.
    from gaupt.exporting import hf as stage

    progress = Progress(quiet)
    options.carry_out(
        lambda: stage.plan(model, output, config, scores=scores, progress=progress, overwrite=overwrite),
        lambda: stage.export(
            model, output, config, scores=scores, check=check, progress=progress, overwrite=overwrite
        ),
        lambda result: stage.describe({**result, "source": visible(result["source"])}, visible(output)),
        dry_run=dry_run,
        show_config=show_config,
        quiet=quiet,
        as_json=as_json,
    )
