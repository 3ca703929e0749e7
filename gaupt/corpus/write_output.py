"""Finished parts to the output: documents and dropped files, duplicates taken out."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gaupt.config import CleanConfig
from gaupt.corpus.cleaner import settings_of
from gaupt.corpus.counts import Counts, counts_from_json
from gaupt.corpus.documents import document_line
from gaupt.corpus.duplicates.paragraphs import without
from gaupt.corpus.duplicates.search import EXACT
from gaupt.corpus.part_files import PartFiles
from gaupt.files import read_json, read_lines_zst, read_zst, write_json, write_jsonl_zst
from gaupt.text.characters import chinese, count

MIN_OUTPUT, MAX_OUTPUT = 64 << 20, 1 << 30


@dataclass(frozen=True, slots=True)
class Output:
    """One documents file, the parts that make it, and which of their documents go."""

    number: int
    parts: tuple[PartFiles, ...]
    duplicates: dict[int, tuple[str, float]]
    """Position among the kept documents of the parts to the id of the document that it repeats and how similar
    they are."""
    folder: Path
    paragraphs: dict[int, frozenset[int]]
    """Position of a kept document to the hashes of the paragraphs to take out of it."""
    config: CleanConfig

    @property
    def documents(self) -> Path:
        """The documents that stay."""
        return self.folder / f"documents-{self.number:05d}.jsonl.zst"

    @property
    def dropped(self) -> Path:
        """Excerpts of those that were dropped."""
        return self.folder / f"dropped-{self.number:05d}.jsonl.zst"


def group(parts: Sequence[PartFiles], sizes: Sequence[int]) -> Iterator[list[PartFiles]]:
    """Runs of parts for one documents file each, from the ``sizes`` in bytes of what they kept."""
    limit = min(MAX_OUTPUT, max(MIN_OUTPUT, sum(sizes) // 1000))
    gathered, weight = list[PartFiles](), 0
    for part, size in zip(parts, sizes, strict=True):
        gathered.append(part)
        weight += size
        if weight >= limit:
            yield gathered
            gathered, weight = [], 0
    if gathered:
        yield gathered


def write_output(output: Output) -> Counts:
    """Write one documents file and its dropped file; return how duplicates change the counts of the parts."""
    record = output.parts[0].folder / f"output-{output.number:05d}.json"
    if record.exists():
        return counts_from_json(read_json(record))
    changes, position = Counts(), 0
    with write_jsonl_zst(output.documents) as documents, write_jsonl_zst(output.dropped) as dropped:
        for part in output.parts:
            for piece in read_zst(part.dropped):
                dropped.write(piece)
            for line in read_lines_zst(part.kept):
                original = output.duplicates.get(position)
                repeated = output.paragraphs.get(position)
                position += 1
                if original is not None:
                    dropped.write(_drop_duplicate(json.loads(line), original, changes))
                elif repeated is None:
                    documents.write(line + b"\n")
                else:
                    stays, written = _take_out(json.loads(line), repeated, output.config, changes)
                    (documents if stays else dropped).write(written)
    write_json(record, changes.to_json())
    return changes


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
