"""``gaupt evaluate``."""

from pathlib import Path
from typing import Annotated

import typer

from gaupt.cli import options
from gaupt.visible import visible


def evaluate(
    models: Annotated[
        list[Path],
        typer.Argument(
            metavar="MODEL...",
            help="Runs, checkpoints, exported folders, or encoder folders of transformers.",
        ),
    ],
    data: Annotated[
        Path,
        typer.Option(
            "--data", help="Folder with the tasks' folders; for --task mlm, a file of held-out text."
        ),
    ],
    output: options.Output,
    tasks: Annotated[
        list[str],
        typer.Option(
            "--task", help="Task, group (clue9, fewclue, …), own task's TOML file, or mlm. Repeatable."
        ),
    ],
    probe: Annotated[
        bool,
        typer.Option(
            "--probe", help="Frozen encoders and a ridge, in seconds a task, instead of fine-tuning."
        ),
    ] = False,
    random: Annotated[
        bool,
        typer.Option(
            "--random", help="Fine-tune each network from random weights too (--probe always does)."
        ),
    ] = False,
    average: Annotated[
        str | None, typer.Option("--average", help="Average that has to come out, such as paper9 or cls6.")
    ] = None,
    published: Annotated[
        bool, typer.Option("--published", help="Show published scores beside ours.")
    ] = False,
    submission: Annotated[
        bool,
        typer.Option("--submission", help="Write CLUE's zip of predictions for test files without answers."),
    ] = False,
    save: Annotated[
        bool, typer.Option("--save", help="Keep the fine-tuned models of the first seed.")
    ] = False,
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="Run the code that a folder of transformers brings.")
    ] = False,
    preset: options.Preset = None,
    config_file: options.ConfigFile = None,
    overrides: options.Set = None,
    device: options.Device = "auto",
    seed: options.Seed = None,
    overwrite: options.Overwrite = False,
    dry_run: options.DryRun = False,
    show_config: options.ShowConfig = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Score models on CLUE, FewCLUE, own tasks or held-out text, and compare them.

    Example: gaupt evaluate run --task tnews --task ocnli --data clue -o scores --preset small
    """
    from gaupt.config import load_config
    from gaupt.progress import Progress

    config = load_config(preset, config_file, overrides or (), {"seed": seed})
    # Behind the config, whose mistakes are told before torch is imported.
    from gaupt.evaluation import evaluate as stage
    from gaupt.evaluation.work import EvaluateOptions

    chosen = EvaluateOptions(
        probe=probe,
        random=random,
        average=average,
        published=published,
        submission=submission,
        save=save,
        trust_remote_code=trust_remote_code,
    )
    called = (models, tasks, data, output)
    progress = Progress(quiet)
    options.carry_out(
        lambda: stage.plan(*called, config, chosen, device=device, overwrite=overwrite),
        lambda: stage.evaluate(
            *called, config, chosen, device=device, progress=progress, overwrite=overwrite
        ),
        lambda results: stage.describe(results, models, tasks, data, visible(output)),
        dry_run=dry_run,
        show_config=show_config,
        quiet=quiet,
        as_json=as_json,
    )
