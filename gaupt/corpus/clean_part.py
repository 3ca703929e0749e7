"""Clean one part: a pure function from a `Part` to files, the last of which says that it is done."""

import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import xxhash

from gaupt.config import CleanConfig
from gaupt.corpus.cleaner import Cleaned, Cleaner, text_documents
from gaupt.corpus.counts import KILLED, TOO_SLOW, Counts
from gaupt.corpus.documents import document_line, quote
from gaupt.corpus.duplicates.minhash import Sketches
from gaupt.corpus.duplicates.paragraphs import paragraph_hashes
from gaupt.corpus.part_files import PartFiles, PartRecord, save_array
from gaupt.corpus.read.cut import Part, pieces_of_part
from gaupt.corpus.read.piece import Piece, Problem, Record
from gaupt.corpus.read.records import read_piece
from gaupt.files import atomic_write, write_jsonl_zst
from gaupt.text.characters import chinese, count, letters
from gaupt.workers.limit import Limit, TooSlow, limits
from gaupt.workers.watch import Watch, watch

KILLED_READING = "reading it killed its worker three times; the rest of it is left out"
SLOW_READING = "reading a document of it took too long; the rest of it is left out"

SECONDS = 60.0
"""Seconds of processor time in which a document must be read, and those in which it must be cleaned, and"""
MORE = 10e-6
"""so many more for each of its characters (ten times of what they take), or a tenth of that for each byte to read."""


def clean_part(part: Part, config: CleanConfig, folder: Path) -> PartRecord:
    """Clean the documents of ``part`` and leave its files in ``folder``; what is known of them."""
    cleaner, counts, clock = Cleaner(config), Counts(), _Clock()
    files = PartFiles(folder, part.name)
    traces = _Traces(config)
    with (
        watch(files.tries) as watched,
        limits() as limit,
        _Lines(files.kept) as kept,
        _Lines(files.dropped) as dropped,
    ):
        for name, record in _records(part, config, counts, watched, limit):
            clock.stop("read")
            if name in watched.set_aside:
                dropped.write(_set_aside(record, counts, KILLED))
                continue
            watched.at(name)
            treatment = cleaner.treatment(record.source)
            try:
                with limit(SECONDS + MORE * len(record.text)):
                    cleaned = cleaner.clean(record.text, treatment)
                    clock.stop("steps")
                    drop = cleaner.judge(cleaned, treatment)
            except TooSlow:
                dropped.write(_set_aside(record, counts, TOO_SLOW))
                clock.stop("steps")
                continue
            _count(record, cleaned, counts)
            clock.stop("rules")
            if drop is None:
                kept.write(document_line(record.id, cleaned.text, record.source))
                traces.add(record.id, cleaned.text)
                counts.keep(record.source, cleaned.text, chinese(cleaned.after))
            else:
                why = {"value": round(drop.value, 4), "threshold": drop.threshold}
                dropped.write(_drop(record, counts, drop.reason, cleaned.text, why))
            clock.stop("write")
        size = kept.size
    clock.stop("write")
    traces.write(files)
    clock.stop("sketch")
    counts.seconds.update(clock.seconds)
    return PartRecord(counts, size, traces.documents, traces.paragraphs)


def _set_aside(record: Record, counts: Counts, reason: str) -> bytes:
    """As `_drop`, for a document that could not be cleaned."""
    counts.read(record.source, record.text, chinese(count(record.text)))
    return _drop(record, counts, reason, record.text, {})


def _drop(record: Record, counts: Counts, reason: str, text: str, why: dict[str, Any]) -> bytes:
    """The line of the dropped file for a document, which is counted."""
    details = counts.drop(record.id, record.source, reason, text, **why)
    return json.dumps(details, ensure_ascii=False).encode() + b"\n"


def _count(record: Record, cleaned: Cleaned, counts: Counts) -> None:
    counts.read(record.source, record.text, chinese(cleaned.before))
    for change in cleaned.changes:
        counts.change(record.id, record.source, change.step, change.before, change.after)


def _records(
    part: Part, config: CleanConfig, counts: Counts, watched: Watch, limit: Limit
) -> Iterator[tuple[str, Record]]:
    """The documents of a part, each with its name for the watch."""
    documents = text_documents(config)
    for number, piece in enumerate(pieces_of_part(part, documents)):
        items = read_piece(piece, config.text_fields, documents)
        for place in itertools.count():
            reading = f"reading-{number}-{place}"
            if reading in watched.set_aside:
                counts.problem(piece.file.name, KILLED_READING)
                break
            watched.at(reading)
            try:
                with limit(_reading(piece)):
                    item = next(items, None)
            except TooSlow:
                counts.problem(piece.file.name, SLOW_READING)
                break
            if item is None:
                break
            if isinstance(item, Problem):
                counts.problem(item.file, item.reason)
            else:
                yield f"cleaning-{number}-{place}", item


def _reading(piece: Piece) -> float:
    """Seconds in which the next document of ``piece`` must be read; of an archive any part may be passed over first."""
    size = piece.file.size if piece.data is None else len(piece.data)
    return SECONDS + MORE / 10 * size


class _Clock:
    """CPU seconds of this process by what they went into."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(("read", "steps", "rules", "write", "sketch"), 0.0)
        self._now = time.process_time()

    def stop(self, name: str) -> None:
        before, self._now = self._now, time.process_time()
        self.seconds[name] += self._now - before


class _Traces:
    """What the search for duplicates needs of each kept document: its id, key, sketch and paragraphs."""

    def __init__(self, config: CleanConfig) -> None:
        self._ids, self._keys = bytearray(), bytearray()
        self._sketches = Sketches() if config.near_duplicates else None
        self._paragraphs: list[tuple[int, int]] | None = [] if config.max_paragraph_documents else None

    @property
    def documents(self) -> int:
        return len(self._keys) // 16

    @property
    def paragraphs(self) -> int:
        return len(self._paragraphs or ())

    def add(self, id_: str, text: str) -> None:
        document = self.documents
        points = letters(text)
        self._keys += xxhash.xxh3_128_digest(points.data)
        self._ids += quote(id_).encode() + b"\n"
        if self._sketches is not None:
            self._sketches.add(points)
        if self._paragraphs is not None:
            found = {hash_ for _, hash_ in paragraph_hashes(text) if hash_ is not None}
            self._paragraphs += [(hash_, document) for hash_ in sorted(found)]

    def write(self, files: PartFiles) -> None:
        if self._sketches is not None:
            save_array(files.bands, self._sketches.band_keys())
        if self._paragraphs is not None:
            save_array(files.paragraphs, np.array(self._paragraphs, dtype=np.uint64).reshape(-1, 2))
        save_array(files.keys, np.frombuffer(bytes(self._keys), dtype=np.uint64).reshape(-1, 2))
        with atomic_write(files.ids) as file:
            file.write(self._ids)


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
