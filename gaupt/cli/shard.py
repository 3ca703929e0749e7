"""``gaupt shard``: documents and a tokenizer to token shards."""

from pathlib import Path
from typing import Annotated

import typer

from gaupt.cli import options


def shard(
    clean: Annotated[Path, typer.Argument(metavar="CLEAN", help="Folder that gaupt clean wrote.")],
    *,
    tokenizer: Annotated[Path, typer.Option("--tokenizer", help="Folder that gaupt tokenizer wrote.")],
    output: options.Output,
    exclude: Annotated[
        list[Path] | None,
        typer.Option("--exclude", help="File with evaluation texts to keep out of the shards. Repeatable."),
    ] = None,
    export: Annotated[
        list[str] | None,
        typer.Option("--export", metavar="megatron|parquet", help="Write this format too. Repeatable."),
    ] = None,
    config: options.ConfigFile = None,
    preset: options.Preset = None,
    set_: options.Set = None,
    workers: options.Workers = None,
    seed: options.Seed = None,
    dry_run: options.DryRun = False,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Encode cleaned documents into token shards, train and validation."""
    from gaupt.config import load_config
    from gaupt.progress import Progress
    from gaupt.shards.build import build_shards, shard_stage
    from gaupt.shards.export import check_format
    from gaupt.shards.export import export as export_shards
    from gaupt.shards.format import open_shards
    from gaupt.stage import inspect

    for format_ in export or ():
        check_format(format_)

    resolved = load_config(
        preset,
        config,
        set_ or (),
        {"seed": seed, "shards.exclude": [*map(str, exclude)] if exclude else None},
    )
    if dry_run:
        stage = shard_stage(clean, tokenizer, output, resolved)
        plan = {
            "output": f"{output} ({inspect(stage, overwrite).value})",
            "files": len(stage.inputs),
            "bytes": sum(size for size, _ in stage.inputs.values()),
        }
        options.print_plan(resolved, plan, as_json=json)
        return
    manifest = build_shards(
        clean, tokenizer, output, resolved, workers=workers, progress=Progress(quiet), overwrite=overwrite
    )
    exported = [
        file
        for format_ in export or ()
        for file in export_shards(open_shards(output), format_, output / format_)
    ]
    if json:
        options.print_json(manifest)
    if json or quiet:
        return
    for split, counts in manifest["splits"].items():
        print(
            f"{output}: {split} {counts['documents']:,} documents, {counts['tokens']:,} tokens, "
            f"{counts['samples']:,} samples"
        )
    if manifest["excluded_documents"]:
        print(f"{output}: left out {manifest['excluded_documents']:,} documents with excluded texts")
    for file in exported:
        print(f"{file}: exported")
