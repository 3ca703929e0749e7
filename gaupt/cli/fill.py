"""``gaupt fill``."""

from pathlib import Path
from typing import Annotated

import typer

from gaupt.cli import options


def fill(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Run, checkpoint or exported folder.")],
    texts: Annotated[list[str], typer.Argument(metavar="TEXT...", help="Texts with [MASK] in them.")],
    top: Annotated[int, typer.Option("--top", min=1, help="Predictions to show for each [MASK].")] = 5,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Show what a model puts for each [MASK]."""
    from gaupt.evaluation.fill import fill_masks, format_filled
    from gaupt.progress import Progress

    filled = fill_masks(model, texts, top=top, progress=Progress(quiet))
    if as_json:
        options.print_json(filled)
    else:
        print(format_filled(filled))
