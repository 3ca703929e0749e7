"""``gaupt report``."""

from pathlib import Path
from typing import Annotated

import typer

from gaupt.cli import options


def report(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR...",
            help="What gaupt wrote: prepared data, runs, evaluations, files of bench --json.",
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="HTML file to write.")],
    language: options.Language = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Show corpus, tokenizer, training, scores and speed in one HTML page that needs no network."""
    from gaupt.language import language_of
    from gaupt.progress import Progress
    from gaupt.report.page import write_report

    write_report(folders, output, language=language_of(language))
    if as_json:
        options.print_json({"output": str(output)})
    else:
        Progress(quiet).message(f"wrote {output}")
