"""``gaupt export``."""

from pathlib import Path
from typing import Annotated

import typer

from gaupt.cli import options


def export(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Run, checkpoint or exported folder.")],
    output: options.Output,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format", help="hf: loads in transformers; onnx: adds onnx/model.onnx. Repeatable. [hf]"
        ),
    ] = None,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Write a model as a folder that others load without gaupt."""
    from gaupt.errors import GauptError
    from gaupt.export.hf import export_hf
    from gaupt.progress import Progress

    for name in formats or ():
        if name not in ("hf", "onnx"):
            raise GauptError(f"--format {name}: not a format that gaupt exports; choose hf or onnx")
    onnx = "onnx" in (formats or ())
    result = export_hf(model, output, onnx=onnx, progress=Progress(quiet), overwrite=overwrite)
    if as_json:
        options.print_json(result)
    else:
        print(f"{output}: {result['parameters']:,} parameters from {result['source']}")
