"""What cleaning would do: to single documents, and on average to a sample."""

import random
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from gaupt.config import CleanConfig
from gaupt.corpus.change.mojibake import HOPELESS, is_mojibake
from gaupt.corpus.cleaner import Cleaner
from gaupt.corpus.counts import Counts, example_of_change
from gaupt.corpus.drop.language import identify
from gaupt.corpus.drop.rules import RULES
from gaupt.corpus.read.cut import MIN_PART, cut
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.find import find_files
from gaupt.corpus.read.piece import Problem, Record
from gaupt.corpus.read.records import read_piece
from gaupt.files import AnyPath
from gaupt.text import characters

WARN_SHARE = 0.2
"""A rule that drops more of a source than this is pointed out."""
MAX_FILES = 500
"""Files that a sample is drawn from."""


def explain(inputs: Sequence[AnyPath], config: CleanConfig) -> Iterator[dict[str, Any]]:
    """For every document of ``inputs``: what each step changed, each rule's value and threshold, the verdict.

    Raises:
        GauptError: as `gaupt.corpus.read.find.find_files` and `Cleaner`.
    """
    files, _ = find_files(inputs)
    cleaner = Cleaner(config)
    for part in cut(files, MIN_PART):
        for piece in part.pieces:
            for item in read_piece(piece, config.text_fields):
                if isinstance(item, Problem):
                    yield {"file": item.file, "unreadable": item.reason}
                else:
                    yield _explain(item, cleaner)


def _explain(record: Record, cleaner: Cleaner) -> dict[str, Any]:
    treatment = cleaner.treatment(record.source)
    cleaned = cleaner.clean(record.text, treatment)
    measures = cleaner.measures(cleaned)
    drop = cleaner.judge(cleaned, treatment)
    changes = []
    for change in cleaned.changes:
        before, after = example_of_change(change.before, change.after)
        changes.append({"step": change.step, "before": before, "after": after})
    rules = [
        {
            "rule": "mojibake",
            "value": round(characters.common_share(cleaned.after), 4),
            "threshold": f"share of common characters = {HOPELESS:g}, and no trace of lost bytes",
            "keeps": not is_mojibake(cleaned.text, cleaned.after),
        }
    ]
    for rule in RULES:
        value, limit = rule.measure(measures), float(getattr(treatment.settings.rules, rule.threshold))
        rules.append(
            {
                "rule": rule.reason,
                "value": round(value, 4),
                "threshold": f"{rule.threshold} = {limit:g}",
                "keeps": rule.keeps(value, limit),
            }
        )
    language = {}
    if treatment.settings.language == "py3langid":
        language = {"language": identify(cleaned.text)}
    return {
        "id": record.id,
        "source": record.source,
        "profile": treatment.settings.profile,
        "changes": changes,
        "rules": rules,
        **language,
        "verdict": "kept" if drop is None else f"dropped: {drop.reason}",
        "text": cleaned.text,
    }


def estimate(
    files: Sequence[InputFile], config: CleanConfig, sample: int, seed: int, workers: int
) -> dict[str, Any]:
    """Clean about ``sample`` documents, from the beginning of files drawn at random, and extrapolate.

    Returns drops by source and rule, warnings, and the expected seconds. Duplicates are not estimated: they
    depend on all documents.
    """
    draw = random.Random(seed)
    chosen = [file for file in files if file.size]
    if len(chosen) > MAX_FILES:
        chosen = draw.sample(chosen, MAX_FILES)
    cleaner, counts = Cleaner(config), Counts()
    share = -(-sample // max(1, len(chosen)))
    start, disk_bytes = time.perf_counter(), 0.0
    for file in chosen:
        seen, text_bytes = 0, 0
        part = next(cut([file], MIN_PART // 4), None)
        for piece in part.pieces if part else ():
            for item in islice(read_piece(piece, config.text_fields), share - seen):
                seen += 1
                if isinstance(item, Problem):
                    counts.problem(item.file, item.reason)
                    continue
                text_bytes += _judge(item, cleaner, counts)
            whole = len(piece.data) if piece.data is not None else piece.size
            disk_bytes += piece.size * min(1.0, text_bytes / max(1, whole))
    seconds = time.perf_counter() - start
    size = sum(file.size for file in files)
    sources: dict[str, dict[str, Any]] = {
        name: {
            "read": source.read,
            "dropped": {reason: count / source.read for reason, count in source.dropped.most_common()},
        }
        for name, source in sorted(counts.sources.items())
    }
    return {
        "sampled": counts.total().read,
        "sources": sources,
        "unreadable": {file: dict(reasons) for file, reasons in counts.unreadable.items()},
        "warnings": [
            f"{reason} drops {lost:.0%} of {name}"
            for name, source in sources.items()
            for reason, lost in source["dropped"].items()
            if lost > WARN_SHARE
        ],
        "expected_seconds": round(seconds * size / max(1, disk_bytes) / workers),
    }


def _judge(record: Record, cleaner: Cleaner, counts: Counts) -> int:
    """Clean a document and count what becomes of it; its bytes."""
    treatment = cleaner.treatment(record.source)
    cleaned = cleaner.clean(record.text, treatment)
    drop = cleaner.judge(cleaned, treatment)
    counts.read(record.source, record.text, characters.chinese(cleaned.before))
    if drop is None:
        counts.keep(record.source, cleaned.text, characters.chinese(cleaned.after))
    else:
        counts.drop(record.id, record.source, drop.reason, cleaned.text)
    return len(record.text.encode())
