"""What cleaning would do and take, by cleaning a sample of the input in a folder that goes afterwards."""

import json
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gaupt.config import CleanConfig
from gaupt.corpus.advice import nothing_kept, too_long, without_text_field
from gaupt.corpus.clean_part import clean_part
from gaupt.corpus.cleaner import text_documents
from gaupt.corpus.counts import Counts, SourceCounts
from gaupt.corpus.part_files import PartFiles
from gaupt.corpus.read.cut import MIN_PART, Part, part_bytes, runs
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.piece import MAX_DOCUMENT, Piece, Problem, Record
from gaupt.corpus.read.pieces import pieces_of
from gaupt.corpus.read.records import read_piece
from gaupt.corpus.read.text_shape import hint
from gaupt.files import read_jsonl_zst
from gaupt.workers import STARTING

SAMPLE, PATIENCE = 1_000, 3.0
"""Documents that a sample has where none is asked for, and seconds after which no more sources are looked at."""
_SAMPLE_BYTES = 4 << 20
"""Text that a sample has at most, but for one document of each source."""
MAX_SOURCES = 100
"""Sources that a sample is drawn from."""
WARN_SHARE, WARN_READ = 0.2, 5
"""A rule that drops more than this of a source is pointed out, where so many of its documents were looked at."""
FEW_DOCUMENTS = 100
"""A model of fewer learns them by heart."""
_RECORDS = 20_000
"""Records that are read at most of a file, or of a piece of it."""
_ONE_AFTER_ANOTHER = 0.1
"""Share of the work that follows the parts and is not shared: duplicates and the output, as measured on 200 MB."""
_COMPRESSED = 0.4
"""Size of Chinese text in a documents file, as a share of its size."""


@dataclass(frozen=True)
class Estimate:
    """What cleaning would give and take. Duplicates are not known: they depend on all documents."""

    sampled: int
    """Documents that were cleaned to tell."""
    sources: dict[str, dict[str, Any]]
    """How many were read of each source, and the share that each rule drops."""
    unreadable: dict[str, dict[str, int]]
    warnings: list[str]
    documents: float
    kept: float
    text_bytes: float
    """Bytes of the text that stays, UTF-8."""
    characters: float
    seconds: float
    disk: float
    """Bytes of the documents files."""
    texts: list[tuple[float, str]] = field(repr=False)
    """What stays of the sample: each text, and how much of the whole it stands for, by its length."""

    def numbers(self) -> dict[str, Any]:
        """All but the texts, for JSON."""
        return {
            "sampled": self.sampled,
            "sources": self.sources,
            "unreadable": self.unreadable,
            "warnings": self.warnings,
            "documents": round(self.documents),
            "kept": round(self.kept),
            "text_bytes": round(self.text_bytes),
            "characters": round(self.characters),
            "expected_seconds": round(self.seconds, 1),
            "disk": round(self.disk),
        }


@dataclass
class _Drawn:
    """What was read of one source: some records, and how much of the whole they are."""

    size: int
    """Bytes on disk of the source's files."""
    records: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    read: int = 0
    """Records that were read to choose these from."""
    bytes_read: int = 0
    """Bytes of their text."""
    disk: float = 0.0
    """Bytes on disk that they stand for."""
    seconds: float = 0.0

    @property
    def of_files(self) -> float:
        """How many times what was read the source is."""
        return self.size / max(self.disk, 1.0)

    @property
    def of_text(self) -> float:
        """How many times the text of the chosen records the source is."""
        chosen = sum(len(record.text.encode()) for record in self.records)
        return self.of_files * self.bytes_read / max(chosen, 1)

    @property
    def of_documents(self) -> float:
        """How many times the chosen records there are."""
        return self.of_files * self.read / max(len(self.records), 1)


def estimate(
    files: Sequence[InputFile], config: CleanConfig, sample: int, seed: int, workers: int
) -> Estimate:
    """Clean about ``sample`` documents from the beginning of files drawn at random, and extrapolate to all.

    The seconds are those of a machine that does nothing else, with ``workers`` processes.
    """
    draw = random.Random(seed)
    sources = defaultdict[str, list[InputFile]](list)
    for file in files:
        if file.size:
            sources[file.source].append(file)
    names = sorted(sources)
    names = sorted(draw.sample(names, MAX_SOURCES)) if len(names) > MAX_SOURCES else names
    share, most = -(-sample // max(1, len(names))), _SAMPLE_BYTES // max(1, len(names))
    plain = config.model_copy(update={"text_fields": ("text",)})
    total, seen, stop = _Sums(), 0, time.monotonic() + PATIENCE
    with TemporaryDirectory(prefix="gaupt-") as temporary:
        folder = Path(temporary)
        for number, name in enumerate(draw.sample(names, len(names))):
            if number and time.monotonic() > stop:
                break
            chosen = draw.sample(sources[name], len(sources[name]))
            drawn = _draw(chosen, config, share, most, stop, draw)
            if number == 0:
                # What is loaded once, and what files take whatever is in them, is not to be multiplied.
                _clean(drawn.records[:1], plain, folder, "first")
                nothing, _ = _clean([], plain, folder, "nothing")
            total.add(drawn, *_clean(drawn.records, plain, folder, str(number)), nothing)
            seen += drawn.size
    # What was not looked at is taken to be like the rest.
    unseen = sum(file.size for file in files) / max(1, seen)
    found = _estimate(total, unseen, config, part_bytes(files), workers)
    return replace(found, warnings=[*found.warnings, *hint(files, text_documents(config))])


@dataclass
class _Sums:
    """What the sources that were looked at come to as a whole."""

    counts: Counts = field(default_factory=Counts)
    documents: float = 0.0
    kept: float = 0.0
    bytes_before: float = 0.0
    bytes_after: float = 0.0
    characters: float = 0.0
    cpu: float = 0.0
    texts: list[tuple[float, str]] = field(default_factory=list)

    def add(self, drawn: _Drawn, counts: Counts, stays: list[str], nothing: Counts) -> None:
        """Add a source; ``nothing`` is what cleaning takes where there is nothing to clean."""
        found = counts.total()
        work = sum(seconds - nothing.seconds[step] for step, seconds in counts.seconds.items())
        self.cpu += drawn.of_files * drawn.seconds + drawn.of_text * max(0.0, work)
        self.documents += drawn.of_documents * found.read
        self.kept += drawn.of_documents * found.kept
        self.bytes_before += drawn.of_text * found.bytes_before
        self.bytes_after += drawn.of_text * found.bytes_after
        self.characters += drawn.of_text * sum(map(len, stays))
        self.texts += [(drawn.of_text, text) for text in stays]
        self.counts.add(counts)
        for problem in drawn.problems:
            self.counts.problem(problem.file, problem.reason)


def _draw(
    files: Sequence[InputFile], config: CleanConfig, share: int, most: int, stop: float, draw: random.Random
) -> _Drawn:
    """Read ``share`` records of the files of one source, from as many of them as that takes, ``most`` bytes of text."""
    drawn, taken = _Drawn(sum(file.size for file in files)), 0
    for file in files:
        if len(drawn.records) >= share or taken >= most or (drawn.disk and time.monotonic() > stop):
            break
        if file.format == "json" and file.size > MAX_DOCUMENT and len(files) > 1:
            continue  # would be read whole
        start = time.process_time()
        documents = text_documents(config)
        pieces = next(runs(pieces_of(file, MIN_PART, documents), MIN_PART))
        read = (read_piece(piece, config.text_fields, documents) for piece in pieces)
        items = [item for found in read for item in islice(found, _RECORDS)]
        records = [item for item in items if isinstance(item, Record)]
        lengths = [len(record.text.encode()) for record in records]
        drawn.seconds += time.process_time() - start
        drawn.problems += [item for item in items if isinstance(item, Problem)]
        drawn.read += len(records)
        drawn.bytes_read += sum(lengths)
        whole, size = len(items) < _RECORDS * len(pieces), sum(piece.size for piece in pieces)
        drawn.disk += size if whole else min(size, sum(lengths))
        wanted = min(len(records), share - len(drawn.records))
        for index in sorted(draw.sample(range(len(records)), wanted)):
            if taken and taken + lengths[index] > most:
                break
            taken += lengths[index]
            drawn.records.append(records[index])
    return drawn


def _estimate(sums: _Sums, unseen: float, config: CleanConfig, part: int, workers: int) -> Estimate:
    """The whole from what was looked at, which is one in ``unseen``, in parts of ``part`` bytes."""
    cpu, parts = sums.cpu * unseen, 1 + int(sums.bytes_before * unseen / part)
    sources = {
        name: {
            "read": source.read,
            "dropped": {reason: count / source.read for reason, count in source.dropped.most_common()},
        }
        for name, source in sorted(sums.counts.sources.items())
    }
    return Estimate(
        sampled=sums.counts.total().read,
        sources=sources,
        unreadable={file: dict(reasons) for file, reasons in sums.counts.unreadable.items()},
        warnings=_warnings(sums.counts, sources, sums.kept * unseen, config),
        documents=sums.documents * unseen,
        kept=sums.kept * unseen,
        text_bytes=sums.bytes_after * unseen,
        characters=sums.characters * unseen,
        seconds=cpu / min(workers, parts) + _ONE_AFTER_ANOTHER * cpu + (STARTING if workers > 1 else 0.0),
        disk=sums.bytes_after * unseen * _COMPRESSED,
        texts=[(weight * unseen, text) for weight, text in sums.texts],
    )


def _clean(
    records: Sequence[Record], config: CleanConfig, folder: Path, name: str
) -> tuple[Counts, list[str]]:
    """Clean ``records`` as a part of their own; the counts, and the texts that stay."""
    lines = [json.dumps({"id": r.id, "text": r.text, "source": r.source}).encode() + b"\n" for r in records]
    file = InputFile("sample", "sample", "sample", "jsonl", None, 1)
    part = Part(name, (), (Piece(file, data=b"".join(lines)),))
    counts = clean_part(part, config, folder).counts
    return counts, [document["text"] for document in read_jsonl_zst(PartFiles(folder, name).kept)]


def _warnings(
    total: Counts, sources: dict[str, dict[str, Any]], kept: float, config: CleanConfig
) -> list[str]:
    found: SourceCounts = total.total()
    report = {"read": found.read, "kept": found.kept, "dropped": dict(found.dropped.most_common())}
    warnings = [f"sample: {lost}"] if (lost := nothing_kept(report, config)) else []
    if not found.read:
        warnings.append("nothing in the sample can be read")
    if not warnings:
        warnings += [
            f"{reason} drops {lost:.0%} of {name}; another --profile may fit it better"
            for name, source in sources.items()
            for reason, lost in source["dropped"].items()
            if lost > WARN_SHARE and source["read"] >= WARN_READ
        ]
        if kept < FEW_DOCUMENTS:
            warnings.append(
                f"documents that stay: about {kept:.0f}; fewer than {FEW_DOCUMENTS} teach a model nothing general "
                "(a text file is one document, or more with --text-document; in JSON lines each line is one)"
            )
    return warnings + too_long(total.unreadable) + without_text_field(total.unreadable)
