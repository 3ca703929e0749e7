"""``gaupt score``."""

from pathlib import Path
from typing import Annotated

import typer

from gaupt.cli import options
from gaupt.visible import visible, visible_lines


def score(
    task: Annotated[
        str, typer.Argument(metavar="TASK", help="Name of a task of CLUE, or an own task's TOML file.")
    ],
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="File with the right answers.")],
    predictions: Annotated[
        Path, typer.Argument(metavar="PREDICTIONS", help="Predictions in the layout of a submission.")
    ],
    as_json: options.Json = False,
) -> None:
    """Score a prediction file by the official metric of its task, without a model."""
    from gaupt.evaluation.score import describe, score_file

    result = score_file(task, gold, predictions)
    if as_json:
        options.print_json(result)
    else:
        print(visible_lines(describe(result, visible(task))))
