"""``gaupt import``."""

from pathlib import Path
from typing import Annotated

import typer

from gaupt.cli import options
from gaupt.visible import visible


def import_(
    source: Annotated[
        Path, typer.Argument(metavar="SRC", help="Folder of a public GAU, GAU-α or RoFormer checkpoint.")
    ],
    output: options.Output,
    dry_run: options.DryRun = False,
    show_config: options.ShowConfig = False,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Turn a public checkpoint into one of ours."""
    from gaupt.importing import importer as stage
    from gaupt.progress import Progress

    progress = Progress(quiet)
    options.carry_out(
        lambda: stage.plan(source, output, overwrite=overwrite),
        lambda: stage.import_checkpoint(source, output, progress=progress, overwrite=overwrite),
        lambda result: stage.describe(result, visible(output)),
        dry_run=dry_run,
        show_config=show_config,
        quiet=quiet,
        as_json=as_json,
    )
