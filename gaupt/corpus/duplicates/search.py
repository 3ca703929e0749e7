"""Which kept documents repeat an earlier one: exactly, or nearly.

Documents are numbered over all parts in order, and the first of several stays. Everything is done in buckets that
fit in memory: keys by their value, pairs by the later document, so that the memory does not grow with the corpus
but for two bits a document.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gaupt.corpus.duplicates.minhash import BANDS, jaccard, shingle_set
from gaupt.corpus.part_files import PartFiles, map_array, save_array
from gaupt.text.characters import letters
from gaupt.workers import Crew

Indices = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

BUCKET = 1 << 18
"""Keys or pairs sorted at once, about 60 bytes each; more where that would take over `MAX_BUCKETS` readings."""
MAX_BUCKETS = 32
PAIRS_PER_TASK = 20_000
OPEN_PARTS = 64
"""Parts whose n-grams are mapped at once: three files each, and some systems allow 256."""
EXACT = float("inf")


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Documents that go, ascending; the earlier document that each repeats; how similar they are."""

    repeats: Indices
    firsts: Indices
    similarity: npt.NDArray[np.float32]
    """Jaccard similarity of near duplicates; `EXACT` for exact ones."""

    def between(self, first: int, last: int) -> Iterator[tuple[int, int, float]]:
        """Those with ``first`` <= repeat < ``last``."""
        low, high = np.searchsorted(self.repeats, (first, last))
        columns = (self.repeats[low:high], self.firsts[low:high], self.similarity[low:high])
        return zip(*(column.tolist() for column in columns), strict=True)


@dataclass(frozen=True, slots=True)
class Parts:
    """The finished parts, and the number of the first document of each; one more for the end."""

    files: tuple[PartFiles, ...]
    starts: Indices

    @property
    def total(self) -> int:
        """Documents in all parts."""
        return int(self.starts[-1])


def number_documents(files: Sequence[PartFiles]) -> Parts:
    """Number the kept documents of finished parts."""
    lengths = [len(map_array(part.keys)) for part in files]
    return Parts(tuple(files), np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))))


def find_duplicates(parts: Parts, work: Path, exact: bool, threshold: float | None, crew: Crew) -> Duplicates:
    """The documents that repeat an earlier one; ``threshold`` is the Jaccard similarity of near duplicates."""
    gone = np.zeros(parts.total, dtype=bool)
    found: list[tuple[Indices, Indices, npt.NDArray[np.float32]]] = []
    if exact:
        for repeats, firsts in _exact(parts):
            gone[repeats] = True
            found.append((repeats, firsts, np.full(len(repeats), EXACT, np.float32)))
    if threshold is not None:
        candidates = _Pairs(work / "pairs", parts.total)
        for band in range(BANDS):
            candidates.add(_band_pairs(parts, band, gone))
        save_shingles = partial(_write_shingles, folder=work)
        tasks = [
            (part, wanted)
            for part, (start, end) in zip(parts.files, pairwise(parts.starts.tolist()), strict=True)
            if len(wanted := np.flatnonzero(candidates.named[start:end]))
        ]
        for _ in crew.run(save_shingles, tasks):
            pass
        for earlier, later in candidates.buckets():
            similarity = _similarities(parts, work, earlier, later, crew)
            found.append(_resolve(earlier, later, similarity, threshold, gone))
    if not found:
        return Duplicates(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))
    repeats, firsts, similarity = (np.concatenate(columns) for columns in zip(*found, strict=True))
    order = np.argsort(repeats)
    return Duplicates(repeats[order], firsts[order], similarity[order])


def _exact(parts: Parts) -> Iterator[tuple[Indices, Indices]]:
    """Documents with the same letters as an earlier one, and the first with them, bucket by bucket."""
    for keys, indices in _bucketed(parts, lambda part: map_array(part.keys), None):
        order = np.lexsort((indices, keys[:, 1], keys[:, 0]))
        keys, indices = keys[order], indices[order]
        repeated = np.zeros(len(keys), dtype=bool)
        repeated[1:] = (keys[1:] == keys[:-1]).all(axis=1)
        first = indices[~repeated][np.cumsum(~repeated) - 1]
        yield indices[repeated], first[repeated]


def _band_pairs(parts: Parts, band: int, gone: npt.NDArray[np.bool_]) -> Iterator[tuple[Indices, Indices]]:
    """Each document that shares the key of ``band`` with earlier ones, paired with the first and with the last."""
    for keys, indices in _bucketed(parts, lambda part: map_array(part.bands)[band][:, None], gone):
        order = np.lexsort((indices, keys[:, 0]))
        sorted_keys, indices = keys[order, 0], indices[order]
        repeated = np.zeros(len(indices), dtype=bool)
        repeated[1:] = sorted_keys[1:] == sorted_keys[:-1]
        first = indices[~repeated][np.cumsum(~repeated) - 1]
        previous = np.concatenate((indices[:1], indices[:-1]))
        yield first[repeated], indices[repeated]
        further = repeated & (previous != first)
        yield previous[further], indices[further]


def _bucketed(
    parts: Parts, load: Callable[[PartFiles], Keys], gone: npt.NDArray[np.bool_] | None
) -> Iterator[tuple[Keys, Indices]]:
    """All keys with the numbers of their documents, in buckets by the value of the first column."""
    buckets = np.uint64(min(MAX_BUCKETS, parts.total // BUCKET + 1))
    for bucket in range(int(buckets)):
        keys, indices = [], []
        for part, start in zip(parts.files, parts.starts.tolist(), strict=False):
            part_keys = load(part)
            chosen = part_keys[:, 0] % buckets == np.uint64(bucket)
            if gone is not None:
                chosen &= ~gone[start : start + len(part_keys)]
            keys.append(part_keys[chosen])
            indices.append(np.flatnonzero(chosen) + start)
        if keys:
            yield np.concatenate(keys), np.concatenate(indices)


class _Pairs:
    """Candidate pairs on disk, in files by the number of the later document."""

    def __init__(self, folder: Path, total: int) -> None:
        folder.mkdir(exist_ok=True)
        self._files = [folder / f"{bucket:05d}" for bucket in range(total // BUCKET + 1)]
        for file in self._files:
            file.write_bytes(b"")
        self.named = np.zeros(total, bool)
        """Which documents are in a pair."""

    def add(self, pairs: Iterable[tuple[Indices, Indices]]) -> None:
        """Append pairs of an earlier and a later document."""
        for earlier, later in pairs:
            self.named[earlier] = self.named[later] = True
            rows, bucket = np.stack((later, earlier), axis=1), later // BUCKET
            for number in np.unique(bucket).tolist():
                with self._files[number].open("ab") as file:
                    file.write(rows[bucket == number].tobytes())

    def buckets(self) -> Iterator[tuple[Indices, Indices]]:
        """The distinct pairs (earlier, later), ascending by the later document, a file at a time."""
        for file in self._files:
            rows = np.fromfile(file, dtype=np.int64).reshape(-1, 2)
            rows = np.unique(rows, axis=0)
            yield rows[:, 1], rows[:, 0]


def _shingle_file(work: Path, number: int, name: str) -> Path:
    return work / f"{number:08d}.shingles.{name}.npy"


def _write_shingles(task: tuple[PartFiles, Indices], folder: Path) -> None:
    """Write the n-grams of the wanted documents of one part, for the comparison of pairs."""
    part, wanted = task
    sets = [shingle_set(letters(text)) for text in part.kept_texts(set(wanted.tolist()))]
    starts = np.concatenate(([0], np.cumsum([len(s) for s in sets])))
    for name, array in {"of": wanted, "starts": starts, "hashes": np.concatenate(sets)}.items():
        save_array(_shingle_file(folder, part.number, name), array)


def _similarities(
    parts: Parts, work: Path, earlier: Indices, later: Indices, crew: Crew
) -> npt.NDArray[np.float32]:
    """The Jaccard similarity of every pair."""
    result = np.zeros(len(later), dtype=np.float32)
    tasks = [
        (start, earlier[start : start + PAIRS_PER_TASK], later[start : start + PAIRS_PER_TASK])
        for start in range(0, len(later), PAIRS_PER_TASK)
    ]
    for (start, _, _), values in crew.run(partial(_compare, parts=parts, work=work), tasks):
        result[start : start + len(values)] = values
    return result


def _compare(task: tuple[int, Indices, Indices], parts: Parts, work: Path) -> npt.NDArray[np.float32]:
    _, earlier, later = task
    sets = _ShingleSets(parts, work)
    return np.array([jaccard(sets[a], sets[b]) for a, b in zip(earlier, later, strict=True)], np.float32)


class _ShingleSets:
    """The n-grams of a document by number, memory-mapped; the part opened longest ago is closed for a new one."""

    def __init__(self, parts: Parts, work: Path) -> None:
        self._parts, self._work = parts, work
        self._open: dict[int, list[npt.NDArray[Any]]] = {}

    def __getitem__(self, document: np.int64) -> npt.NDArray[np.uint32]:
        index = int(np.searchsorted(self._parts.starts, document, side="right")) - 1
        if index not in self._open:
            if len(self._open) >= OPEN_PARTS:
                del self._open[next(iter(self._open))]
            number = self._parts.files[index].number
            names = ("of", "starts", "hashes")
            self._open[index] = [map_array(_shingle_file(self._work, number, name)) for name in names]
        of, starts, hashes = self._open[index]
        place = int(np.searchsorted(of, document - self._parts.starts[index]))
        # A copy: a view would keep the file open after its part was closed.
        found: npt.NDArray[np.uint32] = np.array(hashes[starts[place] : starts[place + 1]])
        return found


def _resolve(
    earlier: Indices,
    later: Indices,
    similarity: npt.NDArray[np.float32],
    threshold: float,
    gone: npt.NDArray[np.bool_],
) -> tuple[Indices, Indices, npt.NDArray[np.float32]]:
    """Drop each document that is similar to an earlier one that stays; ``gone`` is updated.

    So every document that goes is near one that stays, and chains of small changes do not swallow a corpus.
    """
    similar = np.flatnonzero(similarity >= threshold)
    rows = []
    for pair in similar.tolist():
        if not gone[later[pair]] and not gone[earlier[pair]]:
            gone[later[pair]] = True
            rows.append(pair)
    return later[rows], earlier[rows], similarity[rows]
