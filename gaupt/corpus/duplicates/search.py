"""Which kept documents repeat an earlier one: exactly, or nearly.

Documents are numbered over all parts in order, and the first of several stays. The work is cut twice: into groups of
neighbouring documents, and into buckets of keys. A task of a group writes what it knows of its documents by bucket; a
task of a bucket reads its own of every group, and writes what it found by group again. So no task reads the whole
corpus or holds more than a group or a bucket, and all run side by side but one: the similar pairs come to one place,
which decides in the order of the corpus what stays, and holds a bit a document.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gaupt.corpus.duplicates.exact import exact_repeats, find_exact
from gaupt.corpus.duplicates.groups import Group, Search, name_of, search_of
from gaupt.corpus.duplicates.near import find_near, near_repeats
from gaupt.corpus.duplicates.rows import REPEAT, Rows, write_ragged
from gaupt.workers import Crew

_BYTE = np.dtype("u1")


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Where the documents that go are written, for the tasks that write the others."""

    search: Search
    exact: bool
    """Whether there are exact ones."""
    near: bool

    def between(self, first: int, last: int) -> Iterator[tuple[int, str, float]]:
        """Those with ``first`` <= number < ``last``, ascending: the number, the id of the document that each repeats,
        and how similar they are.
        """
        starts = self.search.starts
        for group in range(self.search.groups):
            if starts[group] < last and first < starts[group + 1]:
                rows = self._of_group(group)
                rows = rows[slice(*np.searchsorted(rows["document"], (first, last)))]
                ids = self.search.fetch(partial(_ids, self.search), _BYTE, rows["original"])
                for document, original, similarity in rows.tolist():
                    yield document, json.loads(ids[original].tobytes()), similarity

    def numbers(self, group: int) -> npt.NDArray[np.uint64]:
        """The numbers of those of a group, ascending."""
        return self._of_group(group)["document"]

    def _of_group(self, group: int) -> Rows:
        found = [np.empty(0, REPEAT)]
        if self.exact:
            found.append(exact_repeats(self.search, group))
        if self.near:
            found.append(near_repeats(self.search, group))
        rows = np.concatenate(found)
        return rows[np.argsort(rows["document"])]


def find_duplicates(
    groups: Sequence[Group], folder: Path, exact: bool, threshold: float | None, crew: Crew
) -> Duplicates:
    """Find the documents of ``groups`` that repeat an earlier one; the tasks leave their files in ``folder``.

    ``threshold`` is the Jaccard similarity of near duplicates; None: they are not looked for.
    """
    search = search_of(groups, folder)
    if not search.total:
        return Duplicates(search, False, False)
    found_exact = exact and find_exact(search, groups, crew) > 0
    near = threshold is not None and find_near(search, groups, threshold, found_exact, crew) > 0
    if found_exact or near:
        search.run(crew, "ids", _write_ids, groups)
    return Duplicates(search, found_exact, near)


def _write_ids(search: Search, group: Group) -> int:
    with write_ragged(_ids(search, group.number)) as add:
        for part in group.parts:
            for line in part.ids.read_bytes().split(b"\n")[:-1]:
                add(np.frombuffer(line, _BYTE))
    return len(group)


def _ids(search: Search, group: int) -> Path:
    return search.path("ids", f"{name_of(group)}.ids")
