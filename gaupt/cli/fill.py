"""``gaupt fill``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from gaupt.cli import options
from gaupt.errors import GauptError
from gaupt.visible import visible_lines

STDIN = "-"
"""The TEXT that stands for the lines of standard input."""


def fill(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Run, checkpoint or exported folder.")],
    texts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TEXT...]",
            help="Texts with [MASK] in them; - or none: the lines of standard input.",
            show_default=False,
        ),
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, help="Predictions to show for each [MASK].")] = 5,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Show what a model puts for each [MASK].

    Example: gaupt fill run "今天天气很[MASK]，我们去公园吧。"
    """
    given = [
        line for text in texts or (STDIN,) for line in (_lines(bool(texts)) if text == STDIN else [text])
    ]

    from gaupt.evaluation.fill import fill_masks, format_filled
    from gaupt.progress import Progress

    filled = fill_masks(model, given, top=top, progress=Progress(quiet))
    if as_json:
        options.print_json(filled)
    else:
        print(visible_lines(format_filled(filled)))


def _lines(asked: bool) -> list[str]:
    """The lines of standard input that are not blank; a terminal is read only where it was ``asked`` for."""
    if sys.stdin is None or (sys.stdin.isatty() and not asked):
        raise GauptError('no text given; add one, such as "今天天气很[MASK]。", or pipe in a text a line')
    try:
        lines = [line.strip() for line in sys.stdin.buffer.read().decode("utf-8-sig").split("\n")]
    except UnicodeDecodeError:
        raise GauptError(
            "standard input is not UTF-8; convert it first, e.g. with iconv -f GB18030"
        ) from None
    if not any(lines):
        raise GauptError("standard input holds no text; give texts with [MASK] in them, one a line")
    return [line for line in lines if line]
