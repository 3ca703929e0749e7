"""The files of one finished part, between cleaning it and writing the output."""

import io
import json
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any, cast

import numpy as np
import numpy.typing as npt

from gaupt.corpus.counts import Counts, counts_from_json
from gaupt.files import atomic_write, read_lines_zst
from gaupt.remote import Remote


def save_array(path: Path, array: npt.NDArray[Any]) -> None:
    """Write an array beside a part."""
    with atomic_write(path) as file:
        # Of what it takes for a file of the system numpy does not say why it took fewer bytes than an array has.
        np.save(cast("IO[bytes]", SimpleNamespace(write=file.write)), array, allow_pickle=False)


def map_array(path: Path) -> npt.NDArray[Any]:
    """An array that `save_array` wrote, mapped from its file; read where that is in other storage."""
    if isinstance(path, Remote):
        loaded: npt.NDArray[Any] = np.load(io.BytesIO(path.read_bytes()), allow_pickle=False)
        return loaded
    array: npt.NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return array


@dataclass(frozen=True, slots=True)
class PartFiles:
    """Where the results of the part called ``name`` are."""

    folder: Path
    name: str

    def _path(self, suffix: str) -> Path:
        return self.folder / f"{self.name}{suffix}"

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
    def tries(self) -> Path:
        """Where the tries to clean the part ended, while it is not finished."""
        return self._path(".tries")

    def kept_texts(self, wanted: Container[int]) -> Iterator[str]:
        """Texts of the kept documents at the ``wanted`` positions, in order."""
        for position, line in enumerate(read_lines_zst(self.kept)):
            if position in wanted:
                yield json.loads(line)["text"]


@dataclass(frozen=True, slots=True)
class PartRecord:
    """What is known of a finished part."""

    counts: Counts
    bytes: int
    """Of its kept documents, before compression."""
    documents: int
    """How many those are."""
    paragraphs: int
    """Rows of `PartFiles.paragraphs`."""

    def to_json(self) -> dict[str, Any]:
        """A JSON value that `part_record` reads back."""
        return {
            "counts": self.counts.to_json(),
            "bytes": self.bytes,
            "documents": self.documents,
            "paragraphs": self.paragraphs,
        }


def part_record(value: dict[str, Any]) -> PartRecord:
    """Read what `PartRecord.to_json` gave."""
    return PartRecord(**{**value, "counts": counts_from_json(value["counts"])})
