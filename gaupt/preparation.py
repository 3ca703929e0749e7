"""Raw text to token shards: cleaning, tokenizer and shards, one after the other."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gaupt.config import Config
from gaupt.corpus import clean as cleaning
from gaupt.corpus.report import format_report
from gaupt.files import AnyPath, write_json
from gaupt.folders import check_whole
from gaupt.progress import Progress
from gaupt.shards.build import build_shards
from gaupt.stage import Plan, write_config
from gaupt.tokenizer.build import build_tokenizer, with_vocab_size

CLEAN, TOKENIZER, SHARDS, REPORT = "clean", "tokenizer", "shards", "report.json"


def plan(
    inputs: Sequence[AnyPath], output: AnyPath, config: Config | None = None, *, overwrite: bool = False
) -> Plan:
    """What `prepare` would read, and what ``output`` holds already. Writes nothing. Raises as `prepare`."""
    output, config = Path(output), config or Config()
    check_whole(output, "prepared")
    cleaned = cleaning.plan(inputs, output / CLEAN, config, overwrite=overwrite).facts
    facts = {
        "files": cleaned["files"],
        "bytes": cleaned["bytes"],
        "skipped": cleaned["skipped"],
        "clean": f"{output / CLEAN} ({cleaned['state']})",
        "tokenizer": f"{output / TOKENIZER}: {config.tokenizer.type}, {config.tokenizer.vocab_size:,} pieces",
        "shards": f"{output / SHARDS}: samples of {config.shards.seq_len} tokens",
    }
    return Plan(config, facts)


def prepare(
    inputs: Sequence[AnyPath],
    output: AnyPath,
    config: Config | None = None,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Clean ``inputs``, learn a vocabulary from what is kept, and cut it into token shards.

    Each stage skips what is complete and continues what was interrupted. Returns the reports by stage,
    also written to ``report.json``.

    Raises:
        GauptError: as the stages do; none of the documents was kept.
    """
    output, config, progress = Path(output), config or Config(), progress or Progress(quiet=True)
    common: dict[str, Any] = {"workers": workers, "progress": progress, "overwrite": overwrite}
    check_whole(output, "prepared")
    cleaned, tokenizer, shards = (output / name for name in (CLEAN, TOKENIZER, SHARDS))
    documents = cleaning.clean(inputs, cleaned, config, **common, must_keep=True)
    vocabulary = build_tokenizer(cleaned, tokenizer, config, **common)
    report = {
        "clean": documents,
        "tokenizer": vocabulary,
        "shards": build_shards(cleaned, tokenizer, shards, config, **common)["splits"],
    }
    write_config(output, with_vocab_size(config, vocabulary["vocab_size"]))
    write_json(output / REPORT, report)
    return report


def summary(report: Mapping[str, Any], output: AnyPath) -> str:
    """Three lines for people on what `prepare` made."""
    output = Path(output)
    train, validation = report["shards"]["train"], report["shards"]["validation"]
    return (
        f"documents: {report['clean']['kept']:,} of {report['clean']['read']:,} kept, in {output / CLEAN}\n"
        f"tokenizer: {report['tokenizer']['type']}, {report['tokenizer']['vocab_size']:,} pieces, "
        f"in {output / TOKENIZER}\n"
        f"shards:    {train['tokens']:,} training and {validation['tokens']:,} validation tokens, "
        f"in {output / SHARDS}"
    )


def describe(report: Mapping[str, Any], output: AnyPath) -> str:
    """The tables of cleaning, and the `summary`."""
    return f"{format_report(report['clean'])}{summary(report, output)}"
