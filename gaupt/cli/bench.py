"""``gaupt bench``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from gaupt.bench.options import Options
from gaupt.cli import options
from gaupt.visible import visible_lines


def bench(
    models: Annotated[
        list[Path] | None, typer.Argument(metavar="[MODEL...]", help="Models of yours to measure as well.")
    ] = None,
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help=f"The whole table, which takes most CPUs an hour: {Options.layers} layers, rows of "
            f"{', '.join(map(str, Options.lengths))} tokens (and {Options.mixed_lengths[0]} for mixed chunks), "
            f"{Options.batch_tokens} tokens a batch, {Options.rounds} rounds. "
            "Else what you do not name is chosen to take a few minutes.",
        ),
    ] = False,
    layers: Annotated[
        int | None, typer.Option(min=1, help="GAU layers; the baselines have half as many.")
    ] = None,
    lengths: Annotated[
        list[int] | None, typer.Option("--length", min=1, help="Tokens in a row; repeatable.")
    ] = None,
    batch_tokens: Annotated[int | None, typer.Option(min=1, help="Tokens in a batch.")] = None,
    rounds: Annotated[int | None, typer.Option(min=1, help="Timed calls of each; the median counts.")] = None,
    precision: Annotated[str, typer.Option(help="auto, float32 or bfloat16.")] = Options.precision,
    device: options.Device = "auto",
    compile_: Annotated[
        bool, typer.Option("--compile", help="Time each compiled as well; the faster counts.")
    ] = False,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Part of a contestant's name; repeatable.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write JSON here, table by table.")
    ] = None,
    quiet: options.Quiet = False,
) -> None:
    """Compare the speed, memory and size of GAU with its baselines, in a few minutes."""
    from gaupt.bench.plan import describe, plan
    from gaupt.bench.race import bench as run
    from gaupt.bench.race import describe_last_table, describe_models
    from gaupt.cli import INTERRUPTED
    from gaupt.errors import GauptError
    from gaupt.files import check_new_file, write_json
    from gaupt.progress import Progress

    if precision not in ("auto", "float32", "bfloat16"):
        raise GauptError(f"--precision {precision}: choose auto, float32 or bfloat16")
    if json_file is not None:
        check_new_file(json_file)
    named = {
        "layers": layers,
        "lengths": tuple(dict.fromkeys(lengths)) if lengths else None,
        "mixed_lengths": () if lengths else None,
        "batch_tokens": batch_tokens,
        "rounds": rounds,
        "precision": precision,
        "compile": compile_,
        "only": tuple(only or ()),
    }
    progress = Progress(quiet)
    measured = 0
    try:
        chosen = plan(
            models or [],
            {name: value for name, value in named.items() if value is not None},
            full,
            progress,
            device,
        )
        for line in describe(chosen).splitlines():
            progress.message(line)
        for report in run(chosen, progress):
            measured = len(report["results"])
            if not measured:
                print(visible_lines(describe_models(report, chosen.options)), flush=True)
                continue
            print(f"\n{visible_lines(describe_last_table(report))}", flush=True)
            if json_file is not None:
                write_json(json_file, report)
    except KeyboardInterrupt:
        kept = f", also in {json_file}" if json_file is not None and measured else ""
        progress.message(
            f"stopped; {'the tables above are whole' + kept if measured else 'nothing measured'}"
        )
        sys.exit(INTERRUPTED)
