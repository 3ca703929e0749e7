"""``gaupt tokenizer``: documents to a vocabulary, or an existing vocabulary into our folder."""

from pathlib import Path
from typing import Annotated

import typer

from gaupt.cli import options
from gaupt.visible import visible


def tokenizer(
    clean: Annotated[
        Path | None,
        typer.Argument(metavar="[CLEAN]", help="Folder that gaupt clean wrote.", show_default=False),
    ] = None,
    *,
    output: options.Output,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="PATH",
            help="Take this vocab.txt, tokenizer.json or tokenizer.model, or a folder or MODEL with one, instead.",
        ),
    ] = None,
    extend: Annotated[
        Path | None,
        typer.Option("--extend", metavar="FILE", help="With --from: add the words in this file, one a line."),
    ] = None,
    type_: Annotated[
        str | None, typer.Option("--type", metavar="unigram|bpe|char", help="Kind of vocabulary.")
    ] = None,
    vocab_size: Annotated[int | None, typer.Option("--vocab-size", help="Pieces in the vocabulary.")] = None,
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
    """Learn a vocabulary from cleaned documents, or take an existing one, and add words to it.

    Example: gaupt tokenizer --from run --extend words.txt -o longer
    """
    from gaupt.config import load_config
    from gaupt.errors import GauptError
    from gaupt.progress import Progress
    from gaupt.tokenizer import build as stage

    if source is not None and (type_ is not None or vocab_size is not None):
        raise GauptError("--type and --vocab-size are for a vocabulary to learn; with --from leave them out")
    named = {"tokenizer.type": type_, "tokenizer.vocab_size": vocab_size, "seed": seed}
    config, progress = load_config(preset, config_file, overrides or (), named), Progress(quiet)
    where = options.engine_of(engine, dask_address, task_index, num_tasks, overwrite)
    options.carry_out(
        lambda: stage.plan(
            clean, output, config, source=source, words=extend, workers=workers, overwrite=overwrite
        ),
        lambda: stage.build_tokenizer(
            clean,
            output,
            config,
            source=source,
            words=extend,
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
