"""Finished parts to the output: documents and dropped files, duplicates taken out."""

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import zstandard

from gaupt.corpus import characters
from gaupt.corpus.counts import EXCERPT, SAMPLES, Counts, counts_from_json
from gaupt.corpus.duplicates import EXACT
from gaupt.corpus.part_work import PartFiles
from gaupt.files import read_json, write_json, write_jsonl_zst

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
                position += 1
                if original is None:
                    documents.write(line)
                else:
                    dropped.write(_drop(line, original, changes))
    write_json(record, changes.to_json())
    return changes


def _drop(line: bytes, original: tuple[str, float], changes: Counts) -> bytes:
    value = json.loads(line)
    text = value["text"]
    source = changes.source(value["source"])
    source.kept -= 1
    duplicate_of, similarity = original
    reason = "exact_duplicate" if similarity == EXACT else "near_duplicate"
    source.dropped[reason] += 1
    source.bytes_after -= len(text.encode())
    source.chinese_after -= characters.chinese(characters.count(text))
    details = {
        "id": value["id"],
        "source": value["source"],
        "reason": reason,
        "duplicate_of": duplicate_of,
        "similarity": round(min(1.0, similarity), 3),
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
