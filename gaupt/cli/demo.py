"""``gaupt demo``."""

from pathlib import Path
from typing import Annotated

import typer

from gaupt.cli import options


def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write.")] = Path("demo"),
    workers: options.Workers = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Run the whole chain on the bundled sample: a few minutes on a laptop."""
    from gaupt.demo import run_demo
    from gaupt.evaluation.fill import format_filled
    from gaupt.progress import Progress

    result = run_demo(output, workers=workers, progress=Progress(quiet))
    if as_json:
        options.print_json(result)
        return
    print(result["summary"])
    print(format_filled(result["predictions"]))
    for name, path in result["paths"].items():
        print(f"{name + ':':10} {path}")
