"""Finished parts to the output: documents and dropped files, duplicates taken out."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gaupt.config import CleanConfig
from gaupt.corpus.cleaner import settings_of
from gaupt.corpus.counts import Counts
from gaupt.corpus.documents import document_line
from gaupt.corpus.duplicates.exact import EXACT
from gaupt.corpus.duplicates.paragraphs import Repeated, without
from gaupt.corpus.duplicates.search import Duplicates
from gaupt.corpus.part_files import PartFiles
from gaupt.files import read_lines_zst, read_zst, write_jsonl_zst
from gaupt.text.characters import chinese, count

MIN_OUTPUT, MAX_OUTPUT = 64 << 20, 1 << 30


@dataclass(frozen=True, slots=True)
class Output:
    """One documents file, and the parts that make it."""

    number: int
    parts: tuple[PartFiles, ...]
    first: int
    """The number of their first document."""
    stop: int
    """The number of the document after their last."""
    folder: Path
    config: CleanConfig
    duplicates: Duplicates
    repeated: Repeated | None
    """Paragraphs to take out."""

    @property
    def documents(self) -> Path:
        """The documents that stay."""
        return self.folder / f"documents-{self.number:05d}.jsonl.zst"

    @property
    def dropped(self) -> Path:
        """Excerpts of those that were dropped."""
        return self.folder / f"dropped-{self.number:05d}.jsonl.zst"


def output_sizes(sizes: Sequence[int]) -> list[int]:
    """How many parts each documents file is made of, from the ``sizes`` in bytes of what they kept."""
    limit = min(MAX_OUTPUT, max(MIN_OUTPUT, sum(sizes) // 1000))
    counts, gathered, weight = list[int](), 0, 0
    for size in sizes:
        gathered, weight = gathered + 1, weight + size
        if weight >= limit:
            counts.append(gathered)
            gathered, weight = 0, 0
    return [*counts, gathered] if gathered else counts


def write_output(output: Output) -> dict[str, Any]:
    """Write one documents file and its dropped file; the facts of both, and how duplicates change the counts."""
    changes, number = Counts(), output.first
    repeats = output.duplicates.between(output.first, output.stop)
    repeat = next(repeats, None)
    paragraphs = output.repeated.between(output.first, output.stop) if output.repeated else {}
    digests = {path: hashlib.sha256() for path in (output.documents, output.dropped)}
    with (
        write_jsonl_zst(output.documents, digests[output.documents]) as documents,
        write_jsonl_zst(output.dropped, digests[output.dropped]) as dropped,
    ):
        for part in output.parts:
            for piece in read_zst(part.dropped):
                dropped.write(piece)
            for line in read_lines_zst(part.kept):
                if repeat is not None and repeat[0] == number:
                    dropped.write(_drop_duplicate(json.loads(line), repeat[1:], changes))
                    repeat = next(repeats, None)
                elif number in paragraphs:
                    stays, written = _take_out(json.loads(line), paragraphs[number], output.config, changes)
                    (documents if stays else dropped).write(written)
                else:
                    documents.write(line + b"\n")
                number += 1
    files = {
        path.name: {"bytes": path.stat().st_size, "sha256": digest.hexdigest()}
        for path, digest in digests.items()
    }
    return {"changes": changes.to_json(), "files": files}


def _take_out(
    value: dict[str, Any], hashes: frozenset[int], config: CleanConfig, changes: Counts
) -> tuple[bool, bytes]:
    """The document without its repeated paragraphs; with False if it is too short then, and dropped."""
    id_, source, before = value["id"], value["source"], value["text"]
    after = without(before, hashes)
    left = chinese(count(after))
    least = settings_of(source, config).rules.min_chinese
    if left < max(1, least):
        return False, _drop(value, "repeated_paragraphs", {"value": left, "threshold": least}, changes)
    changes.take_back(source, before, chinese(count(before)))
    changes.keep(source, after, left)
    changes.change(id_, source, "repeated_paragraphs_removed", before, after)
    return True, document_line(id_, after, source)


def _drop_duplicate(value: dict[str, Any], original: tuple[str, float], changes: Counts) -> bytes:
    duplicate_of, similarity = original
    reason = "exact_duplicate" if similarity == EXACT else "near_duplicate"
    why = {"duplicate_of": duplicate_of, "similarity": round(min(1.0, similarity), 3)}
    return _drop(value, reason, why, changes)


def _drop(value: dict[str, Any], reason: str, why: dict[str, Any], changes: Counts) -> bytes:
    """The line of the dropped file for a document that the parts kept; the counts are corrected."""
    id_, source, text = value["id"], value["source"], value["text"]
    changes.take_back(source, text, chinese(count(text)))
    details = changes.drop(id_, source, reason, text, **why)
    return json.dumps(details, ensure_ascii=False).encode() + b"\n"
