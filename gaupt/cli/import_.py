"""``gaupt import``."""

from pathlib import Path
from typing import Annotated

import typer

from gaupt.cli import options


def import_(
    source: Annotated[
        Path, typer.Argument(metavar="SRC", help="Folder of a public GAU, GAU-α or RoFormer checkpoint.")
    ],
    output: options.Output,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Turn a public checkpoint into one of ours."""
    from gaupt.importing.importer import import_checkpoint
    from gaupt.progress import Progress

    result = import_checkpoint(source, output, progress=Progress(quiet), overwrite=overwrite)
    if as_json:
        options.print_json(result)
    elif not quiet:
        print(f"{output}: {result['architecture']}, {result['parameters']:,} parameters")
