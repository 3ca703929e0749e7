"""``gaupt pretrain``."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from gaupt.cli import options
from gaupt.visible import visible

MOST_HOURS = 10_000
"""More than a year: a number of seconds, perhaps."""


def pretrain(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Folder of gaupt prepare or gaupt shard.")],
    output: options.Output,
    preset: options.Preset = None,
    recipe: options.Recipe = None,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="MODEL",
            help="Go on from this run, checkpoint or exported folder, whose shape is kept.",
        ),
    ] = None,
    config_file: options.ConfigFile = None,
    overrides: options.Set = None,
    steps: Annotated[
        int | None,
        typer.Option(
            "--steps", min=1, help="Optimizer updates; more of them lengthen a run that has a stable phase."
        ),
    ] = None,
    hours: Annotated[
        float | None,
        typer.Option("--hours", help="Fit the whole schedule to a time, measured before the first step."),
    ] = None,
    max_hours: Annotated[
        float | None,
        typer.Option("--max-hours", help="Stop after so many hours of this call; the same command resumes."),
    ] = None,
    device: options.Device = "auto",
    workers: options.Workers = None,
    seed: options.Seed = None,
    overwrite: options.Overwrite = False,
    dry_run: options.DryRun = False,
    show_config: options.ShowConfig = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Train a masked language model; a second call on the same output resumes.

    Without --preset: base on a GPU, laptop on a CPU (see gaupt presets).

    With more --steps, a finished run with a stable phase is lengthened. With --from, a run goes on
    from a model, on shards of that model's tokenizer.

    Example: gaupt pretrain prepared -o run --preset laptop
    """
    from gaupt.errors import GauptError
    from gaupt.progress import Progress
    from gaupt.training.choose import agreed, choose_config
    from gaupt.training.launch import joined

    with joined(device) as ranks:
        if steps is not None and hours is not None:
            raise GauptError("--steps and --hours both say how long to train; leave one of them out")
        if hours == 0 or (hours is not None and hours > MOST_HOURS):
            raise GauptError(
                f"--hours {hours:g}: expected more than 0 and at most {MOST_HOURS:,}; without it the run has as many "
                "steps as the config says"
            )
        if steps is not None:
            hours = 0.0  # of a config file, or of a run that is lengthened
        named = {"seed": seed, "train.steps": steps, "train.hours": hours, "train.max_hours": max_hours}
        choose = partial(
            choose_config,
            output,
            preset,
            config_file,
            overrides or (),
            named,
            recipe=recipe,
            source=source,
            device=device,
            overwrite=overwrite,
        )
        config = agreed(ranks, choose)
        # Behind the config, whose mistakes are told before torch is imported.
        from gaupt.training import pretrain as stage

        progress = Progress(quiet)
        options.carry_out(
            lambda: stage.plan(
                data,
                output,
                config,
                source=source,
                device=device,
                overwrite=overwrite,
                progress=progress,
                ranks=ranks,
            ),
            lambda: stage.pretrain(
                data,
                output,
                config,
                source=source,
                device=device,
                workers=workers,
                progress=progress,
                overwrite=overwrite,
                ranks=ranks,
            ),
            lambda summary: stage.describe(summary, visible(output)),
            dry_run=dry_run,
            show_config=show_config,
            quiet=quiet,
            as_json=as_json,
        )
