"""Paragraphs that stand in many documents: found over all of them, and taken out of all but the first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xxhash

from gaupt.corpus.part_files import map_array
from gaupt.text.characters import letters

MIN_LETTERS = 20
"""Letters, digits and Chinese characters of the shortest paragraph that is looked at."""
BUCKET, MAX_BUCKETS = 1 << 20, 256
"""Paragraphs sorted at once, some 60 bytes each; more where that would take over `MAX_BUCKETS` readings."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """Paragraphs to take out: the numbers of their documents, ascending, and their hashes."""

    documents: npt.NDArray[np.int64]
    hashes: npt.NDArray[np.uint64]

    def between(self, first: int, last: int) -> dict[int, frozenset[int]]:
        """The hashes for each document with ``first`` <= number < ``last``."""
        low, high = np.searchsorted(self.documents, (first, last))
        found: dict[int, set[int]] = {}
        for document, hash_ in zip(
            self.documents[low:high].tolist(), self.hashes[low:high].tolist(), strict=True
        ):
            found.setdefault(document, set()).add(hash_)
        return {document: frozenset(hashes) for document, hashes in found.items()}


def paragraph_hashes(text: str) -> Iterator[tuple[str, int | None]]:
    """Every line of ``text`` with the 64-bit hash of its letters; None for one too short to be looked at."""
    for line in text.split("\n"):
        points = letters(line) if len(line) >= MIN_LETTERS else None
        long = points is not None and len(points) >= MIN_LETTERS
        yield line, xxhash.xxh3_64_intdigest(points.data) if points is not None and long else None


def without(text: str, hashes: frozenset[int]) -> str:
    """``text`` without the paragraphs of these ``hashes``."""
    return "\n".join(line for line, hash_ in paragraph_hashes(text) if hash_ not in hashes)


def find_repeated(
    files: Sequence[Path], starts: Sequence[int], gone: npt.NDArray[np.int64], limit: int
) -> Repeated:
    """Paragraphs that stand in more than ``limit`` documents, for each of those but the first.

    Each of ``files`` holds the paragraphs of one part, shape (paragraphs, 2): the hash and the position of the
    document, whose number is that and the part's item of ``starts``. Documents in ``gone`` (sorted) count for
    nothing. Memory: a bucket, and 16 bytes for each paragraph found.
    """
    buckets = min(MAX_BUCKETS, sum(len(map_array(file)) for file in files) // BUCKET + 1)
    found_documents, found_hashes = [np.empty(0, np.int64)], [np.empty(0, np.uint64)]
    for bucket in range(buckets):
        bucket_documents, bucket_hashes = [], []
        for file, (start, end) in zip(files, pairwise(starts), strict=True):
            table = map_array(file)
            rows = table[table[:, 0] % np.uint64(buckets) == np.uint64(bucket)]
            documents = rows[:, 1].astype(np.int64) + start
            inside = gone[slice(*np.searchsorted(gone, (start, end)))]
            stays = ~np.isin(documents, inside)
            bucket_documents.append(documents[stays])
            bucket_hashes.append(rows[stays, 0])
        documents, hashes = np.concatenate(bucket_documents), np.concatenate(bucket_hashes)
        order = np.lexsort((documents, hashes))
        hashes, documents = hashes[order], documents[order]
        _, first, count = np.unique(hashes, return_index=True, return_counts=True)
        much = np.repeat(count > limit, count)
        much[first] = False
        found_documents.append(documents[much])
        found_hashes.append(hashes[much])
    documents, hashes = np.concatenate(found_documents), np.concatenate(found_hashes)
    order = np.lexsort((hashes, documents))
    return Repeated(documents[order], hashes[order])
