"""What to tell after cleaning, or a sample of it, besides the numbers: what looks like a mistake, and the remedy."""

from collections.abc import Mapping
from typing import Any

from gaupt.config import CleanConfig
from gaupt.corpus.counts import KILLED, TOO_SLOW
from gaupt.corpus.drop.rules import RULES
from gaupt.corpus.read.fields import START
from gaupt.corpus.read.records import TOO_LONG_TEXT

_FILES_NAMED = 3
_OTHER_REMEDIES = {
    "traditional": "use --set clean.traditional=simplify",
    "other_language": "use --set clean.language=scripts",
    "too_slow": "split it: no text of its length takes that long, unless it is made to",
    "mojibake": "the text was decoded in a wrong encoding before; get it anew",
    "repeated_paragraphs": "use --set clean.max_paragraph_documents=0",
}


def without_text_field(unreadable: Mapping[str, Mapping[str, int]]) -> list[str]:
    """A line for each of the first files in which records have none of the text fields."""
    return _first_files(
        [
            f"{file}: {reason} ({count:,} {'time' if count == 1 else 'times'})"
            for file, reasons in unreadable.items()
            for reason, count in reasons.items()
            if reason.startswith(START)
        ]
    )


def too_long(unreadable: Mapping[str, Mapping[str, int]]) -> list[str]:
    """A line for each of the first text files that are too large for one document."""
    return _first_files(
        [f"{file}: {TOO_LONG_TEXT}" for file, reasons in unreadable.items() if TOO_LONG_TEXT in reasons]
    )


def killed(report: Mapping[str, Any]) -> str:
    """What to say of documents that were set aside because workers died of them."""
    return f"set aside, because workers died of them three times: {_names(report, KILLED)}"


def slow(report: Mapping[str, Any]) -> str:
    """What to say of documents that were set aside because they took too long."""
    return f"set aside, because they took too long: {_names(report, TOO_SLOW)}"


def _names(report: Mapping[str, Any], reason: str) -> str:
    """The first documents that were dropped for ``reason``, and where the others are named."""
    examples = report["examples"]["dropped"][reason]
    names = ", ".join(f"{example['id']} of {example['source']}" for example in examples)
    more = report["dropped"][reason] - len(examples)
    return f"{names}{f' and {more:,} more' if more else ''}; the dropped-*.jsonl.zst files name them all ({reason})"


def _first_files(found: list[str]) -> list[str]:
    more = len(found) - _FILES_NAMED
    return [*found[:_FILES_NAMED], *([f"{more:,} more files like these"] if more > 0 else [])]


def nothing_kept(report: Mapping[str, Any], config: CleanConfig) -> str | None:
    """Why none of the documents of a ``report`` was kept, and what would keep them; None where some were."""
    dropped: Mapping[str, int] = report["dropped"]
    if report["kept"] or not dropped:
        return None
    most = max(dropped, key=lambda reason: dropped[reason])
    counts = ", ".join(f"{reason} {count:,}" for reason, count in dropped.items())
    documents = "the only document was" if report["read"] == 1 else f"all {report['read']:,} documents were"
    return f"{documents} dropped ({counts}); {remedy(most, config)}"


def remedy(reason: str, config: CleanConfig) -> str:
    """What keeps the documents that are dropped for ``reason``."""
    if reason == "too_short" and config.profile != "short":
        return "for texts as short as these use --profile short"
    for rule in RULES:
        if rule.reason == reason:
            off = {"at least": 0, "at most": 1}[rule.bound]
            return f"if they are what you want, use --set clean.rules.{rule.threshold}={off}"
    return _OTHER_REMEDIES.get(reason, "gaupt clean --explain FILE shows why")
