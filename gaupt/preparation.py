"""Raw text to token shards: cleaning, tokenizer and shards, one after the other."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gaupt.config import Config, to_toml
from gaupt.corpus.clean import clean, make_stage
from gaupt.corpus.read.find import find_files
from gaupt.files import write_bytes, write_json
from gaupt.progress import Progress
from gaupt.shards.build import build_shards
from gaupt.stage import inspect
from gaupt.tokenizer.build import build_tokenizer

CLEAN, TOKENIZER, SHARDS, REPORT = "clean", "tokenizer", "shards", "report.json"


def prepare(
    inputs: Sequence[str | Path],
    output: Path,
    config: Config,
    *,
    workers: int | None,
    progress: Progress,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Clean ``inputs``, learn a vocabulary from what is kept, and cut it into token shards.

    Each stage skips what is complete and continues what was interrupted. Returns the reports by stage,
    also written to ``report.json``.

    Raises:
        GauptError: as the stages do.
    """
    common: dict[str, Any] = {"workers": workers, "progress": progress, "overwrite": overwrite}
    cleaned, tokenizer = output / CLEAN, output / TOKENIZER
    report = {
        "clean": clean(inputs, cleaned, config.clean, seed=config.seed, **common),
        "tokenizer": build_tokenizer(cleaned, tokenizer, config, **common),
        "shards": build_shards(cleaned, tokenizer, output / SHARDS, config, **common)["splits"],
    }
    write_bytes(output / "config.toml", to_toml(config).encode())
    write_json(output / REPORT, report)
    return report


def preparation_plan(
    inputs: Sequence[str | Path], output: Path, config: Config, overwrite: bool
) -> dict[str, Any]:
    """What `prepare` would read, and what ``output`` holds already. Writes nothing. Raises as `prepare`."""
    files, skipped = find_files(inputs)
    state = inspect(make_stage(files, output / CLEAN, config.clean), overwrite)
    return {
        "files": len(files),
        "bytes": sum(file.size for file in files),
        "skipped": skipped,
        "clean": f"{output / CLEAN} ({state.value})",
        "tokenizer": f"{output / TOKENIZER}: {config.tokenizer.type}, {config.tokenizer.vocab_size:,} pieces",
        "shards": f"{output / SHARDS}: samples of {config.shards.seq_len} tokens",
    }


def describe(report: Mapping[str, Any], output: Path) -> str:
    """A few lines for people on what `prepare` made."""
    train, validation = report["shards"]["train"], report["shards"]["validation"]
    return (
        f"documents: {report['clean']['kept']:,} of {report['clean']['read']:,} kept, in {output / CLEAN}\n"
        f"tokenizer: {report['tokenizer']['type']}, {report['tokenizer']['vocab_size']:,} pieces, "
        f"in {output / TOKENIZER}\n"
        f"shards:    {train['tokens']:,} training and {validation['tokens']:,} validation tokens, "
        f"in {output / SHARDS}"
    )
