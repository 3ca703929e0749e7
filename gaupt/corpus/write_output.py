"""Finished parts to the output: documents and dropped files, duplicates taken out."""

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import zstandard

from gaupt.config import CleanConfig
from gaupt.corpus.clean_part import PartFiles, document_line
from gaupt.corpus.cleaner import settings_of
from gaupt.corpus.counts import EXCERPT, SAMPLES, Counts, counts_from_json, example_of_change
from gaupt.corpus.duplicates.paragraphs import without
from gaupt.corpus.duplicates.search import EXACT
from gaupt.files import read_json, write_json, write_jsonl_zst
from gaupt.text import characters

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
            _copy(part.dropped, dropped)
            for line in _lines(part.kept):
                original = output.duplicates.get(position)
                repeated = output.paragraphs.get(position)
                position += 1
                if original is not None:
                    dropped.write(_drop(line, original, changes))
                elif repeated is None:
                    documents.write(line)
                else:
                    stays, written = _take_out(line, repeated, output.config, changes)
                    (documents if stays else dropped).write(written)
    write_json(record, changes.to_json())
    return changes


def _take_out(
    line: bytes, hashes: frozenset[int], config: CleanConfig, changes: Counts
) -> tuple[bool, bytes]:
    """The document without its repeated paragraphs; with False if it is too short then, and dropped."""
    value = json.loads(line)
    before = value["text"]
    after = without(before, hashes)
    chinese = characters.chinese(characters.count(after))
    least = settings_of(value["source"], config).rules.min_chinese
    if chinese < max(1, least):
        return False, _dropped(value, "repeated_paragraphs", {"value": chinese, "threshold": least}, changes)
    source = changes.source(value["source"])
    source.changed["repeated_paragraphs_removed"] += 1
    source.bytes_after -= len(before.encode()) - len(after.encode())
    source.chinese_after -= characters.chinese(characters.count(before)) - chinese
    examples = changes.changes.setdefault("repeated_paragraphs_removed", [])
    if len(examples) < SAMPLES:
        was, now = example_of_change(before, after)
        examples.append({"id": value["id"], "before": was, "after": now})
    return True, document_line(value["id"], after, value["source"])


def _drop(line: bytes, original: tuple[str, float], changes: Counts) -> bytes:
    duplicate_of, similarity = original
    reason = "exact_duplicate" if similarity == EXACT else "near_duplicate"
    details = {"duplicate_of": duplicate_of, "similarity": round(min(1.0, similarity), 3)}
    return _dropped(json.loads(line), reason, details, changes)


def _dropped(value: dict[str, Any], reason: str, why: dict[str, Any], changes: Counts) -> bytes:
    """The line of the dropped file for a document that the parts kept; the counts are corrected."""
    text = value["text"]
    source = changes.source(value["source"])
    source.kept -= 1
    source.dropped[reason] += 1
    source.bytes_after -= len(text.encode())
    source.chinese_after -= characters.chinese(characters.count(text))
    details = {
        "id": value["id"],
        "source": value["source"],
        "reason": reason,
        **why,
        "excerpt": text[:EXCERPT],
    }
    examples = changes.drops.setdefault(reason, [])
    if len(examples) < SAMPLES:
        examples.append(details)
    return json.dumps(details, ensure_ascii=False).encode() + b"\n"


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as stream:
        yield from io.BufferedReader(stream, 1 << 20)


def _copy(path: Path, target: IO[bytes]) -> None:
    with path.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as stream:
        while data := stream.read(1 << 20):
            target.write(data)
