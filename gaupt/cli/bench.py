"""``gaupt bench``."""

from pathlib import Path
from typing import Annotated

import typer

from gaupt.bench.options import Options
from gaupt.cli import options

LENGTHS = f"{', '.join(map(str, Options.lengths))}, and {Options.mixed_lengths[0]} for mixed chunks"


def bench(
    models: Annotated[
        list[Path] | None, typer.Argument(metavar="[MODEL...]", help="Models of yours to measure as well.")
    ] = None,
    layers: Annotated[
        int, typer.Option(min=1, help="GAU layers; the baselines have half as many.")
    ] = Options.layers,
    lengths: Annotated[
        list[int] | None,
        typer.Option("--length", min=1, help=f"Tokens in a row; repeatable. [{LENGTHS}]"),
    ] = None,
    batch_tokens: Annotated[int, typer.Option(min=1, help="Tokens in a batch.")] = Options.batch_tokens,
    rounds: Annotated[
        int, typer.Option(min=1, help="Timed calls of each; the median counts.")
    ] = Options.rounds,
    precision: Annotated[str, typer.Option(help="auto, float32 or bfloat16.")] = Options.precision,
    compile_: Annotated[
        bool, typer.Option("--compile", help="Time each compiled as well; the faster counts.")
    ] = False,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Part of a contestant's name; repeatable.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write JSON here.")] = None,
    quiet: options.Quiet = False,
) -> None:
    """Compare the speed, memory and size of GAU with its baselines."""
    from gaupt.bench.race import bench as run
    from gaupt.bench.race import format_bench
    from gaupt.errors import GauptError
    from gaupt.files import check_new_file, write_json
    from gaupt.progress import Progress

    if precision not in ("auto", "float32", "bfloat16"):
        raise GauptError(f"--precision {precision}: choose auto, float32 or bfloat16")
    chosen = Options(
        layers=layers,
        lengths=tuple(dict.fromkeys(lengths)) if lengths else Options.lengths,
        mixed_lengths=() if lengths else Options.mixed_lengths,
        batch_tokens=batch_tokens,
        rounds=rounds,
        precision=precision,
        compile=compile_,
        only=tuple(only or ()),
    )
    if json_file is not None:
        check_new_file(json_file)
    report = run(models or [], chosen, Progress(quiet))
    if json_file is not None:
        write_json(json_file, report)
    print(format_bench(report))
