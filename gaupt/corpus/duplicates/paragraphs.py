"""Paragraphs that stand in many documents: found over all of them, and taken out of all but the first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import xxhash

from gaupt.corpus.duplicates.groups import Group, Search, buckets_for
from gaupt.corpus.duplicates.rows import by_key, read_rows, write_rows
from gaupt.corpus.duplicates.search import Duplicates
from gaupt.corpus.part_files import map_array
from gaupt.text.characters import letters
from gaupt.workers import Crew

MIN_LETTERS = 20
"""Letters, digits and Chinese characters of the shortest paragraph that is looked at."""
_ROW = np.dtype([("hash", "<u8"), ("document", "<u4")])
_FOUND = np.dtype([("document", "<u8"), ("hash", "<u8")])


def paragraph_hashes(text: str) -> Iterator[tuple[str, int | None]]:
    """Every line of ``text`` with the 64-bit hash of its letters; None for one too short to be looked at."""
    for line in text.split("\n"):
        points = letters(line) if len(line) >= MIN_LETTERS else None
        long = points is not None and len(points) >= MIN_LETTERS
        yield line, xxhash.xxh3_64_intdigest(points.data) if points is not None and long else None


def without(text: str, hashes: frozenset[int]) -> str:
    """``text`` without the paragraphs of these ``hashes``."""
    return "\n".join(line for line, hash_ in paragraph_hashes(text) if hash_ not in hashes)


@dataclass(frozen=True, slots=True)
class Repeated:
    """Where the paragraphs to take out are written, for the tasks that write the documents."""

    search: Search
    buckets: int

    def between(self, first: int, last: int) -> dict[int, frozenset[int]]:
        """Their hashes for each document with ``first`` <= number < ``last``."""
        starts = self.search.starts
        found = dict[int, set[int]]()
        for group in range(self.search.groups):
            if starts[group] < last and first < starts[group + 1]:
                for bucket in range(self.buckets):
                    path = self.search.path("repeated", bucket)
                    for document, hash_ in read_rows(path, _FOUND, group, self.search.groups).tolist():
                        if first <= document < last:
                            found.setdefault(document, set()).add(hash_)
        return {document: frozenset(hashes) for document, hashes in found.items()}


def find_repeated(
    groups: Sequence[Group], count: int, duplicates: Duplicates, limit: int, crew: Crew
) -> Repeated:
    """Paragraphs that stand in more than ``limit`` documents, for each of those but the first.

    ``count``: how many paragraphs the groups have. Documents that are ``duplicates`` count for nothing.
    """
    search, buckets = duplicates.search, buckets_for(count)
    search.run(crew, "paragraphs", partial(_write_paragraphs, duplicates, buckets), groups)
    search.run(crew, "repeated", partial(_find, buckets, limit), range(buckets))
    return Repeated(search, buckets)


def _write_paragraphs(duplicates: Duplicates, buckets: int, search: Search, group: Group) -> int:
    gone = (duplicates.numbers(group.number) - np.uint64(group.start)).astype(np.int64)
    found, place = [np.empty(0, _ROW)], 0
    for part in group.parts:
        table = map_array(part.paragraphs)
        rows = np.empty(len(table), _ROW)
        rows["hash"], rows["document"] = table[:, 0], table[:, 1] + np.uint64(place)
        found.append(rows[~np.isin(rows["document"], gone)])
        place += len(map_array(part.keys))
    rows = np.concatenate(found)
    write_rows(search.path("paragraphs", group.number), [rows], buckets, by_key("hash", buckets))
    return len(rows)


def _find(buckets: int, limit: int, search: Search, bucket: int) -> int:
    read, numbers = search.bucket("paragraphs", _ROW, bucket, buckets)
    rows = np.empty(len(read), _FOUND)
    rows["hash"], rows["document"] = read["hash"], numbers
    rows = rows[np.argsort(rows["hash"], kind="stable")]  # of one hash the documents stay in order
    _, first, count = np.unique(rows["hash"], return_index=True, return_counts=True)
    much = np.repeat(count > limit, count)
    much[first] = False
    write_rows(search.path("repeated", bucket), [rows[much]], search.groups, search.by_group("document"))
    return int(much.sum())
