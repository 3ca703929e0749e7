"""Clean one part: a pure function from a `Part` to files, the last of which says that it is done."""

import io
import json
import time
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xxhash
import zstandard

from gaupt.config import CleanConfig
from gaupt.corpus.cleaner import Cleaned, Cleaner
from gaupt.corpus.counts import EXCERPT, SAMPLES, Counts, SourceCounts, counts_from_json, example_of_change
from gaupt.corpus.duplicates.minhash import band_keys
from gaupt.corpus.duplicates.paragraphs import paragraph_hashes
from gaupt.corpus.read.cut import Part
from gaupt.corpus.read.records import Problem, Record, read_piece
from gaupt.files import atomic_write, read_json, write_json, write_jsonl_zst
from gaupt.text import characters
from gaupt.text.characters import letters


@dataclass(frozen=True, slots=True)
class PartFiles:
    """Where the results of part ``number`` are."""

    folder: Path
    number: int

    def _path(self, suffix: str) -> Path:
        return self.folder / f"{self.number:08d}{suffix}"

    @property
    def kept(self) -> Path:
        """Documents that the rules kept, in the documents format."""
        return self._path(".kept.jsonl.zst")

    @property
    def dropped(self) -> Path:
        """Excerpts of those that they dropped."""
        return self._path(".dropped.jsonl.zst")

    @property
    def keys(self) -> Path:
        """128-bit hash of each kept document's letters, shape (kept, 2), uint64."""
        return self._path(".keys.npy")

    @property
    def bands(self) -> Path:
        """Band keys of each kept document, shape (BANDS, kept), uint64."""
        return self._path(".bands.npy")

    @property
    def paragraphs(self) -> Path:
        """Hash and document of each distinct paragraph of each kept document, shape (paragraphs, 2), uint64."""
        return self._path(".paragraphs.npy")

    @property
    def ids(self) -> Path:
        """Id of each kept document, a JSON string a line."""
        return self._path(".ids.jsonl")

    @property
    def counts(self) -> Path:
        """The counts; written last."""
        return self._path(".json")

    def is_done(self) -> bool:
        """Whether the part is finished."""
        return self.counts.exists()

    def read_counts(self) -> tuple[Counts, int]:
        """The counts of a finished part and the bytes of its kept documents."""
        value = read_json(self.counts)
        return counts_from_json(value["counts"]), int(value["bytes"])


def clean_part(part: Part, config: CleanConfig, folder: Path) -> Counts:
    """Clean the documents of ``part`` and leave its files in ``folder``; return its counts."""
    cleaner, counts = Cleaner(config), Counts()
    files = PartFiles(folder, part.number)
    keys, ids, sketches, paragraphs = bytearray(), bytearray(), _Sketches(), list[tuple[int, int]]()
    seconds = dict.fromkeys(("read", "steps", "rules", "write", "sketch"), 0.0)
    with _Lines(files.kept) as kept, _Lines(files.dropped) as dropped:
        now = time.process_time()
        for record in _records(part, config, counts):
            before, now = now, time.process_time()
            seconds["read"] += now - before
            treatment = cleaner.treatment(record.source)
            cleaned = cleaner.clean(record.text, treatment)
            source = counts.source(record.source)
            _count_changes(record, cleaned, source, counts)
            before, now = now, time.process_time()
            seconds["steps"] += now - before
            drop = cleaner.judge(cleaned, treatment)
            before, now = now, time.process_time()
            seconds["rules"] += now - before
            if drop is None:
                kept.write(document_line(record.id, cleaned.text, record.source))
                document_letters = letters(cleaned.text)
                keys += xxhash.xxh3_128_digest(document_letters.data)
                ids += _quote(record.id).encode() + b"\n"
                if config.near_duplicates:
                    sketches.add(document_letters)
                if config.max_paragraph_documents:
                    found = {hash_ for _, hash_ in paragraph_hashes(cleaned.text) if hash_ is not None}
                    paragraphs += [(hash_, len(keys) // 16 - 1) for hash_ in sorted(found)]
                source.kept += 1
                source.bytes_after += len(cleaned.text.encode())
                source.chinese_after += characters.chinese(cleaned.after)
            else:
                source.dropped[drop.reason] += 1
                details = {
                    "id": record.id,
                    "source": record.source,
                    "reason": drop.reason,
                    "value": round(drop.value, 4),
                    "threshold": drop.threshold,
                    "excerpt": cleaned.text[:EXCERPT],
                }
                dropped.write(json_line(details))
                examples = counts.drops.setdefault(drop.reason, [])
                if len(examples) < SAMPLES:
                    examples.append(details)
            before, now = now, time.process_time()
            seconds["write"] += now - before
        size = kept.size
    if config.near_duplicates:
        with atomic_write(files.bands) as file:
            np.save(file, sketches.band_keys(), allow_pickle=False)
        seconds["sketch"] = time.process_time() - now
    if config.max_paragraph_documents:
        with atomic_write(files.paragraphs) as file:
            np.save(file, np.array(paragraphs, dtype=np.uint64).reshape(-1, 2), allow_pickle=False)
    with atomic_write(files.keys) as file:
        np.save(file, np.frombuffer(bytes(keys), dtype=np.uint64).reshape(-1, 2), allow_pickle=False)
    with atomic_write(files.ids) as file:
        file.write(ids)
    counts.seconds.update(seconds)
    write_json(files.counts, {"counts": counts.to_json(), "bytes": size})
    return counts


def _count_changes(record: Record, cleaned: Cleaned, source: SourceCounts, counts: Counts) -> None:
    source.read += 1
    source.bytes_before += len(record.text.encode())
    source.chinese_before += characters.chinese(cleaned.before)
    for change in cleaned.changes:
        source.changed[change.step] += 1
        examples = counts.changes.setdefault(change.step, [])
        if len(examples) < SAMPLES:
            before, after = example_of_change(change.before, change.after)
            examples.append({"id": record.id, "before": before, "after": after})


def _records(part: Part, config: CleanConfig, counts: Counts) -> Iterator[Record]:
    for piece in part.pieces:
        for item in read_piece(piece, config.text_fields):
            if isinstance(item, Problem):
                counts.problem(item.file, item.reason)
            else:
                yield item


_quote = json.encoder.encode_basestring  # a JSON string without escaping Chinese


def document_line(id_: str, text: str, source: str) -> bytes:
    """One line of the documents format."""
    line = f'{{"id": {_quote(id_)}, "text": {_quote(text)}, "source": {_quote(source)}}}\n'
    return line.encode()


def json_line(value: dict[str, Any]) -> bytes:
    """``value`` as one line of JSON."""
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


class _Lines:
    """A compressed file of lines, written in larger pieces than a line."""

    def __init__(self, path: Path) -> None:
        self._opened = write_jsonl_zst(path)
        self._waiting = bytearray()
        self.size = 0
        """Bytes before compression."""

    def __enter__(self) -> "_Lines":
        self._file = self._opened.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        if error[0] is None:
            self._file.write(self._waiting)
        self._opened.__exit__(*error)

    def write(self, line: bytes) -> None:
        self._waiting += line
        self.size += len(line)
        if len(self._waiting) > 1 << 18:
            self._file.write(self._waiting)
            self._waiting = bytearray()


def kept_documents(part: PartFiles, wanted: Container[int]) -> Iterator[tuple[int, str]]:
    """Position and text of the kept documents of a finished part that are at the ``wanted`` positions."""
    with part.kept.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as stream:
        for position, line in enumerate(io.BufferedReader(stream, 1 << 20)):
            if position in wanted:
                yield position, json.loads(line)["text"]


class _Sketches:
    """Gathers documents until it is worth while to sketch them together."""

    def __init__(self) -> None:
        self._waiting: list[npt.NDArray[np.uint32]] = []
        self._size = 0
        self._done: list[npt.NDArray[np.uint64]] = []

    def add(self, document_letters: npt.NDArray[np.uint32]) -> None:
        self._waiting.append(document_letters)
        self._size += len(document_letters)
        if self._size >= 1 << 20:
            self._sketch()

    def band_keys(self) -> npt.NDArray[np.uint64]:
        """The keys of all documents added, shape (BANDS, documents)."""
        self._sketch()
        return np.concatenate(self._done, axis=1)

    def _sketch(self) -> None:
        self._done.append(band_keys(self._waiting))
        self._waiting, self._size = [], 0
