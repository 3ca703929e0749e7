"""gaupt clean: raw files to documents."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gaupt.cli import options
from gaupt.visible import visible, visible_json, visible_lines

if TYPE_CHECKING:
    from gaupt.config import Config


def clean(
    inputs: Annotated[
        list[str] | None, typer.Argument(metavar="INPUT...", help="Files, folders, globs or URLs.")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Folder to write.")] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", help="Set of thresholds: web, article or short.")
    ] = None,
    text_fields: options.TextFields = None,
    text_document: options.TextDocument = None,
    explain: Annotated[
        str | None,
        typer.Option("--explain", metavar="FILE", help="Show what each rule says of each document of FILE."),
    ] = None,
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, help="With --dry-run: try so many documents.")
    ] = None,
    engine: options.EngineName = "local",
    dask_address: options.DaskAddress = None,
    task_index: options.TaskIndex = None,
    num_tasks: options.NumTasks = None,
    config_file: options.ConfigFile = None,
    preset: options.Preset = None,
    overrides: options.Set = None,
    workers: options.Workers = None,
    seed: options.Seed = None,
    dry_run: options.DryRun = False,
    show_config: options.ShowConfig = False,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Clean raw Chinese text into documents.

    Reads txt, md, html, json, jsonl, csv, tsv, parquet, WARC and WET, subtitles, plain, compressed (gz, zst, xz, bz2)
    or in zip and tar archives.

    Example: gaupt clean crawl/ notes/*.jsonl.zst -o corpus
    """
    from gaupt.config import load_config
    from gaupt.corpus import clean as stage
    from gaupt.errors import GauptError
    from gaupt.progress import Progress

    config = load_config(
        preset,
        config_file,
        overrides or (),
        {
            "clean.profile": profile,
            "clean.text_fields": text_fields,
            "clean.text_document": text_document,
            "seed": seed,
        },
    )
    if explain is not None:
        given = {
            "INPUT": inputs,
            "-o": output,
            "--sample": sample,
            "--dask-address": dask_address,
            "--task-index": task_index is not None,
            "--num-tasks": num_tasks,
            "--workers": workers,
            "--dry-run": dry_run,
            "--overwrite": overwrite,
            "--engine": engine != "local",
        }
        if others := [name for name, value in given.items() if value]:
            raise GauptError(
                f"--explain FILE shows what happens to FILE and writes nothing; leave {', '.join(others)} out"
            )
        print_explanations(explain, config, as_json)
        return
    if not inputs:
        raise GauptError("no input given; name files, folders or globs (see gaupt clean --help)")
    if output is None:
        raise GauptError("no output given; add -o FOLDER")
    if sample is not None and not dry_run:
        raise GauptError("--sample only estimates; add --dry-run")
    progress = Progress(quiet)
    where = options.engine_of(engine, dask_address, task_index, num_tasks, overwrite)
    options.carry_out(
        lambda: stage.plan(inputs, output, config, overwrite=overwrite, sample=sample, workers=workers),
        lambda: stage.clean(
            inputs,
            output,
            config,
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


def print_explanations(file: str, config: "Config", as_json: bool) -> None:
    """Print what every step and rule says of each document of ``file``: a block, or a JSON line."""
    from gaupt.corpus.explain import explain
    from gaupt.corpus.report import format_explanation

    for item in explain([file], config.clean):
        print(visible_json(item) if as_json else visible_lines(format_explanation(item)))
