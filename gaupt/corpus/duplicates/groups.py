"""The documents of a search in groups of neighbours, numbered over all parts in order."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from gaupt.corpus.duplicates.rows import Rows, read_ragged, read_rows
from gaupt.corpus.part_files import PartFiles
from gaupt.workers import Crew

Task = TypeVar("Task")
Numbers = npt.NDArray[np.uint64]

GROUP = 1 << 21
"""Documents of a group, as far as parts allow; some 160 bytes of each are in memory at once."""
BUCKET = 1 << 23
"""Keys of a bucket, as hashes fall; some 60 bytes of each are in memory at once."""


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring parts, and the numbers of their first document and of the one after their last."""

    number: int
    parts: tuple[PartFiles, ...]
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


def group_parts(
    parts: Sequence[PartFiles], lengths: Sequence[int], weights: Sequence[int] | None = None
) -> list[Group]:
    """Runs of parts of about `GROUP` documents; ``lengths``: how many documents each part has kept.

    ``weights`` are what the parts count for instead, where documents are not all that is held of them.
    """
    groups, gathered, start, stop, weight = list[Group](), list[PartFiles](), 0, 0, 0
    for part, length, more in zip(parts, lengths, weights or lengths, strict=True):
        if gathered and weight + more > GROUP:
            groups.append(Group(len(groups), tuple(gathered), start, stop))
            gathered, start, weight = [], stop, 0
        gathered.append(part)
        stop, weight = stop + length, weight + more
    if gathered:
        groups.append(Group(len(groups), tuple(gathered), start, stop))
    return groups


@dataclass(frozen=True, slots=True)
class Search:
    """What every task of a search knows: where its files are, and how the documents are spread."""

    folder: Path
    starts: tuple[int, ...]
    """The number of the first document of each group, and that of the one after the last."""

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return len(self.starts) - 1

    @property
    def total(self) -> int:
        """Documents of all groups."""
        return self.starts[-1]

    def path(self, phase: str, number: int | str) -> Path:
        """The file that a task of a phase leaves."""
        return self.folder / phase / (number if isinstance(number, str) else name_of(number))

    def group_of(self, documents: Numbers) -> npt.NDArray[np.int64]:
        """The group of each document, by its number."""
        return np.searchsorted(self.starts, documents.astype(np.int64), side="right") - 1

    def bucket(
        self, phase: str, row: np.dtype[Any], bucket: int, buckets: int, table: int = 0, tables: int = 1
    ) -> tuple[Rows, Numbers]:
        """What all groups have written for a bucket, in the order of the documents, whose numbers come with it.

        A row has the place of its ``document`` in its group.
        """
        found, numbers = [np.empty(0, row)], [np.empty(0, np.uint64)]
        for group, start in enumerate(self.starts[:-1]):
            rows = read_rows(self.path(phase, group), row, bucket, buckets, table, tables)
            found.append(rows)
            numbers.append(rows["document"] + np.uint64(start))
        return np.concatenate(found), np.concatenate(numbers)

    def by_group(self, name: str) -> Callable[[Rows], npt.NDArray[np.int64]]:
        """The group of the document that each row has under a ``name``, for `write_rows`."""
        return lambda rows: self.group_of(rows[name])

    def fetch(
        self, path_of: Callable[[int], Path], type_: np.dtype[Any], documents: Numbers
    ) -> dict[int, npt.NDArray[Any]]:
        """What files of groups, written by `write_ragged`, hold of some ``documents``, by their numbers."""
        documents = np.unique(documents)
        groups, found = self.group_of(documents), dict[int, npt.NDArray[Any]]()
        for group in np.unique(groups).tolist():
            here = documents[groups == group]
            places = here.astype(np.int64) - self.starts[group]
            found.update(zip(here.tolist(), read_ragged(path_of(group), type_, places), strict=True))
        return found

    def run(
        self, crew: Crew, phase: str, function: Callable[["Search", Task], Any], tasks: Iterable[Task]
    ) -> list[Any]:
        """Do every task of a phase; the results, JSON values, in the order of the tasks."""
        named = [(name_of(number), task) for number, task in enumerate(tasks)]
        results = {}
        with crew.progress.task(f"searching duplicates: {phase}", len(named), "tasks") as advance:
            for name, result in crew.do_once(self.folder / phase, partial(function, self), lambda: named):
                results[name] = result
                advance(1, crew.told_by(len(results)))
        return [results[name] for name, _ in named]


def search_of(groups: Sequence[Group], folder: Path) -> Search:
    """A search over ``groups`` that leaves its files in ``folder``."""
    return Search(folder, (*(group.start for group in groups), groups[-1].stop if groups else 0))


def buckets_for(keys: int) -> int:
    """How many buckets so many ``keys`` are spread over."""
    return -(-keys // BUCKET) or 1


def name_of(number: int) -> str:
    """The name of a numbered task."""
    return f"{number:05d}"
