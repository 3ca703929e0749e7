"""The files of one finished part, between cleaning it and writing the output."""

import json
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gaupt.corpus.counts import Counts, counts_from_json
from gaupt.files import atomic_write, read_json, read_lines_zst


def save_array(path: Path, array: npt.NDArray[Any]) -> None:
    """Write an array beside a part."""
    with atomic_write(path) as file:
        np.save(file, array, allow_pickle=False)


def map_array(path: Path) -> npt.NDArray[Any]:
    """An array that `save_array` wrote, mapped from its file."""
    array: npt.NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return array


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

    def kept_texts(self, wanted: Container[int]) -> Iterator[str]:
        """Texts of the kept documents at the ``wanted`` positions, in order."""
        for position, line in enumerate(read_lines_zst(self.kept)):
            if position in wanted:
                yield json.loads(line)["text"]


def finished_parts(folder: Path) -> list[PartFiles]:
    """The finished parts in ``folder``, in order."""
    return [PartFiles(folder, number) for number in sorted(int(p.stem) for p in folder.glob("[0-9]*.json"))]
