"""``gaupt shard``: documents and a tokenizer to token shards."""

from pathlib import Path
from typing import Annotated

import typer

from gaupt.cli import options
from gaupt.visible import visible


def shard(
    clean: Annotated[Path, typer.Argument(metavar="CLEAN", help="Folder that gaupt clean wrote.")],
    *,
    tokenizer: Annotated[
        Path, typer.Option("--tokenizer", help="Folder that gaupt tokenizer wrote, or a MODEL.")
    ],
    output: options.Output,
    exclude: Annotated[
        list[Path] | None,
        typer.Option("--exclude", help="File with evaluation texts to keep out of the shards. Repeatable."),
    ] = None,
    export: Annotated[
        list[str] | None,
        typer.Option("--export", metavar="megatron|parquet", help="Write this format too. Repeatable."),
    ] = None,
    config_file: options.ConfigFile = None,
    preset: options.Preset = None,
    overrides: options.Set = None,
    workers: options.Workers = None,
    engine: options.EngineName = "local",
    dask_address: options.DaskAddress = None,
    task_index: options.TaskIndex = None,
    num_tasks: options.NumTasks = None,
    seed: options.Seed = None,
    dry_run: options.DryRun = False,
    show_config: options.ShowConfig = False,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Encode cleaned documents into token shards, train and validation."""
    from gaupt.config import load_config
    from gaupt.progress import Progress
    from gaupt.shards import build as stage

    named = {"seed": seed, "shards.exclude": [*map(str, exclude)] if exclude else None}
    config, formats = load_config(preset, config_file, overrides or (), named), tuple(export or ())
    progress = Progress(quiet)
    where = options.engine_of(engine, dask_address, task_index, num_tasks, overwrite)
    options.carry_out(
        lambda: stage.plan(
            clean, tokenizer, output, config, workers=workers, overwrite=overwrite, formats=formats
        ),
        lambda: stage.build_shards(
            clean,
            tokenizer,
            output,
            config,
            workers=workers,
            progress=progress,
            overwrite=overwrite,
            engine=where,
            formats=formats,
        ),
        lambda manifest: stage.describe(manifest, visible(output)),
        dry_run=dry_run,
        show_config=show_config,
        quiet=quiet,
        as_json=as_json,
    )
