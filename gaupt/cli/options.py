"""Options that the working commands share, and what every command of a stage does with them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from gaupt.visible import unicode_escapes, visible, visible_json, visible_lines

if TYPE_CHECKING:
    from gaupt.stage import Plan
    from gaupt.workers import Engine

Result = TypeVar("Result")
_MACHINES = "Many machines"

Output = Annotated[Path, typer.Option("-o", "--output", help="Folder to write.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="TOML file with options by section.")]
Preset = Annotated[
    str | None, typer.Option("--preset", help="Named set of options; gaupt presets lists them.")
]
Recipe = Annotated[
    str | None,
    typer.Option(
        "--recipe", help="How to train, other than the preset says; gaupt presets lists the recipes."
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="SECTION.KEY=VALUE", help="One option, e.g. train.lr=1e-4. Repeatable."),
]
TextFields = Annotated[
    list[str] | None,
    typer.Option(
        "--text-field",
        metavar="NAME",
        help="Field or column with the text, in place of the usual names: text, data.text, turns[].value, title+text. "
        "Repeatable.",
    ),
]
TextDocument = Annotated[
    str | None,
    typer.Option(
        "--text-document",
        metavar="file|line|block",
        help="What one document of a text file is: the file, a line, or the lines between blank lines.",
    ),
]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, help="Processes to use; default: one for each core.")
]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="Decides every random draw.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Print the plan: what, how long, how much; do nothing.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Start again where the output was made before.")]
EngineName = Annotated[
    str,
    typer.Option("--engine", metavar="local|dask", help="Where the work runs.", rich_help_panel=_MACHINES),
]
DaskAddress = Annotated[
    str | None,
    typer.Option(
        "--dask-address",
        metavar="tcp://HOST:PORT",
        help="Scheduler of the cluster.",
        rich_help_panel=_MACHINES,
    ),
]
TaskIndex = Annotated[
    int | None,
    typer.Option(
        "--task-index", min=0, help="Which of the jobs this is, see --num-tasks.", rich_help_panel=_MACHINES
    ),
]
NumTasks = Annotated[
    int | None,
    typer.Option(
        "--num-tasks",
        min=1,
        help="Jobs that share the work in one folder, e.g. of a SLURM array.",
        rich_help_panel=_MACHINES,
    ),
]
Language = Annotated[
    str | None,
    typer.Option(
        "--language", metavar="zh|en", help="Language of what people read; default: that of the locale."
    ),
]
Quiet = Annotated[
    bool, typer.Option("-q", "--quiet", help="No progress and no messages; warnings of damage and loss stay.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]


Device = Annotated[
    str, typer.Option("--device", help="auto (a GPU where there is one), cpu, cuda or cuda:N.")
]
ShowConfig = Annotated[
    bool, typer.Option("--show-config", help="With --dry-run: the resolved config as well.")
]


def engine_of(
    name: str, address: str | None, task_index: int | None, num_tasks: int | None, overwrite: bool
) -> "Engine":
    """The engine that the options name.

    Raises:
        GauptError: they do not fit together.
    """
    from gaupt.errors import GauptError
    from gaupt.workers import Engine

    engine = Engine(name, address, task_index, num_tasks)
    engine.check()
    if engine.is_shared and overwrite:
        raise GauptError("--task-index shares work without --overwrite; leave that out")
    return engine


def carry_out(
    plan: Callable[[], "Plan"],
    do: Callable[[], Result],
    describe: Callable[[Result], str],
    *,
    dry_run: bool,
    show_config: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Say what a stage would do, or do it and say what it did.

    Raises:
        GauptError: ``show_config`` without ``dry_run``.
    """
    if show_config and not dry_run:
        from gaupt.errors import GauptError

        raise GauptError("--show-config goes with --dry-run; a finished folder holds its config.toml")
    if dry_run:
        print_plan(plan(), show_config, as_json)
        return
    result = do()
    if as_json:
        print_json(result)
    elif not quiet:
        print(visible_lines(describe(result)))


def print_plan(plan: "Plan", show_config: bool, as_json: bool) -> None:
    """Print the facts, and the resolved config as TOML where it is asked for; or all of it as JSON."""
    from gaupt.config import to_toml

    if as_json:
        print_json({"config": plan.config.model_dump(mode="json"), "plan": {**plan.facts, **plan.details}})
        return
    width = max(map(len, plan.facts), default=0) + 2
    for name, value in plan.facts.items():
        print(f"{name + ':':{width}}{f'{value:,}' if isinstance(value, int) else visible(value)}")
    print(visible_lines(plan.text), end="")
    if show_config:
        print(f"\n{unicode_escapes(to_toml(plan.config))}", end="")


def print_json(value: Any) -> None:
    """Print ``value`` on stdout as one JSON document."""
    print(visible_json(value, indent=2))
