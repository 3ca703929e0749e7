"""``gaupt prepare``: clean, tokenizer, shard."""

from pathlib import Path
from typing import Annotated

import typer

from gaupt.cli import options
from gaupt.visible import visible


def prepare(
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT...", help="Files, folders or globs.")],
    output: options.Output,
    preset: options.Preset = None,
    config_file: options.ConfigFile = None,
    overrides: options.Set = None,
    text_fields: options.TextFields = None,
    text_document: options.TextDocument = None,
    profile: Annotated[
        str | None, typer.Option("--profile", help="Cleaning thresholds: web, article or short.")
    ] = None,
    type_: Annotated[
        str | None, typer.Option("--type", help="Kind of tokenizer: unigram, bpe or char.")
    ] = None,
    vocab_size: Annotated[int | None, typer.Option("--vocab-size", help="Pieces in the vocabulary.")] = None,
    tokenizer: Annotated[
        Path | None,
        typer.Option("--tokenizer", help="Take this one (a folder, or that of a MODEL) and learn none."),
    ] = None,
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
    """Turn raw text into token shards: clean, build a tokenizer, cut shards.

    Example: gaupt prepare crawl/ notes/*.jsonl.zst -o prepared
    """
    from gaupt import preparation as stage
    from gaupt.config import load_config
    from gaupt.errors import GauptError
    from gaupt.progress import Progress

    if tokenizer is not None and (type_ is not None or vocab_size is not None):
        raise GauptError(
            "--type and --vocab-size are for a tokenizer to learn; with --tokenizer leave them out"
        )
    named = {
        "clean.profile": profile,
        "clean.text_fields": text_fields,
        "clean.text_document": text_document,
        "tokenizer.type": type_,
        "tokenizer.vocab_size": vocab_size,
        "seed": seed,
    }
    config, progress = load_config(preset, config_file, overrides or (), named), Progress(quiet)
    where = options.engine_of(engine, dask_address, task_index, num_tasks, overwrite)
    options.carry_out(
        lambda: stage.plan(inputs, output, config, tokenizer=tokenizer, workers=workers, overwrite=overwrite),
        lambda: stage.prepare(
            inputs,
            output,
            config,
            tokenizer=tokenizer,
            workers=workers,
            progress=progress,
            overwrite=overwrite,
            engine=where,
        ),
        lambda report: stage.describe(report, visible(output)),
        dry_run=dry_run,
        show_config=show_config,
        quiet=quiet,
        as_json=as_json,
    )
