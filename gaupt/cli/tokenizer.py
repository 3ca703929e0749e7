"""``gaupt tokenizer``: documents to a vocabulary, or an existing vocabulary into our folder."""

from pathlib import Path
from typing import Annotated

import typer

from gaupt.cli import options


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
            help="Take this vocab.txt, tokenizer.json or tokenizer.model (or a folder with one) instead.",
        ),
    ] = None,
    type_: Annotated[
        str | None, typer.Option("--type", metavar="unigram|bpe|char", help="Kind of vocabulary.")
    ] = None,
    vocab_size: Annotated[int | None, typer.Option("--vocab-size", help="Pieces in the vocabulary.")] = None,
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
    """Learn a vocabulary from cleaned documents, or take an existing one."""
    from gaupt.config import load_config
    from gaupt.progress import Progress
    from gaupt.stage import inspect
    from gaupt.tokenizer.build import build_tokenizer, tokenizer_stage

    named = {"tokenizer.type": type_, "tokenizer.vocab_size": vocab_size, "seed": seed}
    resolved = load_config(preset, config, set_ or (), named)
    if dry_run:
        state = inspect(tokenizer_stage(clean, source, output, resolved), overwrite)
        what = (
            f"take the vocabulary in {source}" if source else f"learn {resolved.tokenizer.vocab_size} pieces"
        )
        options.print_plan(
            resolved, {"output": f"{output} ({state.value})", "vocabulary": what}, as_json=json
        )
        return
    report = build_tokenizer(
        clean,
        output,
        resolved,
        source=source,
        workers=workers,
        progress=Progress(quiet),
        overwrite=overwrite,
    )
    if json:
        options.print_json(report)
    elif not quiet:
        coverage = report.get("character_coverage")
        covered = "" if coverage is None else f", {coverage:.2%} of the sample's characters"
        print(f"{output}: {report['type']} vocabulary of {report['vocab_size']} pieces{covered}")
