"""The tokenizer and shards parts of a report."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gaupt.report import html
from gaupt.shards.format import open_shards


def tokenizer_section(report: Mapping[str, Any]) -> str:
    """The facts in a tokenizer's ``report.json``."""
    return html.section("Tokenizer", html.facts(report))


def shards_section(folder: Path) -> str:
    """Documents, tokens and samples by split."""
    shards = open_shards(folder)
    rows = [
        (split, counts["documents"], counts["tokens"], counts["samples"])
        for split, counts in shards.manifest["splits"].items()
    ]
    size = sum(facts["bytes"] for facts in shards.manifest["files"].values())
    return html.section(
        "Token shards",
        html.table(rows, header=("split", "documents", "tokens", "samples")),
        html.facts({"bytes on disk": size, "tokens in the longest sample": shards.seq_len}),
    )
