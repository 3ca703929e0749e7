"""What cleaning does to single documents, step by step and rule by rule."""

from collections.abc import Iterator, Sequence
from typing import Any

from gaupt.config import CleanConfig
from gaupt.corpus.change.mojibake import HOPELESS, is_mojibake
from gaupt.corpus.cleaner import Cleaner, text_documents
from gaupt.corpus.counts import example_of_change
from gaupt.corpus.drop.language import identify
from gaupt.corpus.drop.rules import RULES
from gaupt.corpus.read.cut import READ
from gaupt.corpus.read.find import find_files
from gaupt.corpus.read.piece import Problem, Record
from gaupt.corpus.read.pieces import pieces_of
from gaupt.corpus.read.records import read_piece
from gaupt.files import AnyPath
from gaupt.text import characters


def explain(inputs: Sequence[AnyPath], config: CleanConfig) -> Iterator[dict[str, Any]]:
    """For every document of ``inputs``: what each step changed, each rule's value and threshold, the verdict.

    Raises:
        GauptError: as `gaupt.corpus.read.find.find_files` and `Cleaner`.
    """
    files, _ = find_files(inputs)
    cleaner, documents = Cleaner(config), text_documents(config)
    for file in files:
        for piece in pieces_of(file, READ, documents):
            for item in read_piece(piece, config.text_fields, documents):
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
