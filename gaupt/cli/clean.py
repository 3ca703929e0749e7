"""gaupt clean: raw files to documents."""

from pathlib import Path
from typing import Annotated

import typer

from gaupt.cli import options


def clean(
    inputs: Annotated[
        list[str] | None, typer.Argument(metavar="INPUT...", help="Files, folders, globs or URLs.")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Folder to write.")] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", help="Set of thresholds: web, article or short.")
    ] = None,
    explain: Annotated[
        str | None,
        typer.Option("--explain", metavar="FILE", help="Show what each rule says of each document of FILE."),
    ] = None,
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, help="With --dry-run: try so many documents.")
    ] = None,
    engine: Annotated[
        str, typer.Option("--engine", metavar="local|dask", help="Where the work runs.")
    ] = "local",
    dask_address: Annotated[
        str | None,
        typer.Option("--dask-address", metavar="tcp://HOST:PORT", help="Scheduler of the cluster."),
    ] = None,
    task_index: Annotated[
        int | None, typer.Option("--task-index", min=0, help="Do one share of the work, see --num-tasks.")
    ] = None,
    num_tasks: Annotated[
        int | None, typer.Option("--num-tasks", min=1, help="Shares of the work, e.g. jobs of a SLURM array.")
    ] = None,
    config: options.ConfigFile = None,
    preset: options.Preset = None,
    overrides: options.Set = None,
    workers: options.Workers = None,
    seed: options.Seed = None,
    dry_run: options.DryRun = False,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Clean raw Chinese text into documents.

    Reads txt, md, html, json, jsonl, csv, tsv, parquet, WARC and WET, plain, compressed (gz, zst, xz, bz2) or in
    zip and tar archives.

    Example: gaupt clean crawl/ notes/*.jsonl.zst -o corpus
    """
    from gaupt.config import load_config
    from gaupt.corpus import clean as pipeline
    from gaupt.corpus import report
    from gaupt.corpus.explain import estimate
    from gaupt.corpus.explain import explain as explain_files
    from gaupt.corpus.read.find import find_files
    from gaupt.errors import GauptError
    from gaupt.progress import Progress
    from gaupt.stage import inspect
    from gaupt.workers import default_workers

    resolved = load_config(preset, config, overrides or (), {"clean.profile": profile, "seed": seed})
    if explain is not None:
        files, _ = find_files([explain])
        report.print_explanations(explain_files(files, resolved.clean), json)
        return
    if not inputs:
        raise GauptError("no input given; name files, folders or globs (see gaupt clean --help)")
    if output is None:
        raise GauptError("no output given; add -o FOLDER")
    if sample is not None and not dry_run:
        raise GauptError("--sample only estimates; add --dry-run")
    if dry_run:
        files, skipped = find_files(inputs)
        state = inspect(pipeline.make_stage(files, output, resolved.clean), overwrite)
        plan = {
            "files": len(files),
            "bytes": sum(file.size for file in files),
            "skipped": skipped,
            "output": str(output),
            "state": state.value,
        }
        guess = None
        if sample is not None:
            guess = estimate(files, resolved.clean, sample, resolved.seed, workers or default_workers())
        options.print_plan(resolved, plan | ({"estimate": guess} if json and guess else {}), as_json=json)
        if guess is not None and not json:
            report.print_estimate(guess)
        return
    if (task_index is None) != (num_tasks is None):
        raise GauptError("--task-index and --num-tasks belong together")
    if engine not in ("local", "dask"):
        raise GauptError(f"--engine {engine}: choose local or dask")
    if task_index is not None and num_tasks is not None:
        pipeline.clean_share(
            inputs,
            output,
            resolved.clean,
            task_index,
            num_tasks,
            workers=workers,
            progress=Progress(quiet),
        )
        return
    result = pipeline.clean(
        inputs,
        output,
        resolved.clean,
        workers=workers,
        seed=resolved.seed,
        progress=Progress(quiet),
        overwrite=overwrite,
        engine=engine,
        address=dask_address,
    )
    if json:
        options.print_json(result)
    elif not quiet:
        report.print_report(result)
        print(f"{result['kept']:,} documents in {output}")
