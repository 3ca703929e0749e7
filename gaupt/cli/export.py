"""``gaupt export``."""

from pathlib import Path
from typing import Annotated

import typer

from gaupt.cli import options

# Accepted as on every working command, though an export runs in one process and draws nothing.
Unused = Annotated[int | None, typer.Option(min=0, hidden=True)]


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
    workers: Unused = None,
    seed: Unused = None,
    dry_run: options.DryRun = False,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Write a model as a folder that others load without gaupt."""
    from gaupt.config import load_config
    from gaupt.export.hf import export_hf, export_plan
    from gaupt.progress import Progress

    config = load_config(
        preset, config_file, overrides or (), {"seed": seed, "export.formats": formats or None}
    )
    onnx, progress = "onnx" in config.export.formats, Progress(quiet)
    if dry_run:
        architecture, plan = export_plan(model, output, onnx=onnx, progress=progress, overwrite=overwrite)
        options.print_plan(config.model_copy(update={"model": architecture}), plan, as_json=as_json)
        return
    result = export_hf(model, output, onnx=onnx, progress=progress, overwrite=overwrite)
    if as_json:
        options.print_json(result)
    elif not quiet:
        print(f"{output}: {result['parameters']:,} parameters from {result['source']}")
