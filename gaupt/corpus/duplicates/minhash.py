"""Sketches of documents: two documents agree in a register with the probability of their Jaccard similarity.

The method is fast similarity sketching (Dahlgaard, Knudsen and Thorup, 2017, arXiv:1704.04370): every n-gram
falls into one register of a round and the smallest hash wins; registers that stay empty wait for the next round.
It costs about one hash an n-gram where classic MinHash costs one for each register.

Near duplicates are found by bands of registers (locality-sensitive hashing): documents of similarity s share a
band of ``rows`` registers with probability s**rows, and at least one of ``bands`` with the probability that
`found_share` gives.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gaupt.splitmix import GOLDEN, finalize
from gaupt.text.ngrams import Hashes, ngram_hashes

NGRAM = 5
"""Characters of an n-gram (letters, digits and Chinese characters only)."""
BANDS, ROWS = 18, 7
REGISTERS = BANDS * ROWS
_ROUNDS = 16
"""Rounds before the registers still empty are filled one by one, with every n-gram."""
_EMPTY = np.uint32(0xFFFFFFFF)
_HALF = np.uint64(32)
BATCH = 1 << 18
"""N-grams sketched at once, about 60 bytes each."""


def found_share(similarity: float) -> float:
    """Share of the pairs of this similarity that become candidates: 0.13 at 0.5, 0.985 at 0.8, 0.9999 at 0.9."""
    return float(1 - (1 - similarity**ROWS) ** BANDS)


Letters = npt.NDArray[np.uint32]
"""The code points of a document that are letters, digits or Chinese characters."""


def _bands(registers: npt.NDArray[np.uint32]) -> Hashes:
    rows = registers.reshape(len(registers), BANDS, ROWS).astype(np.uint64)
    keys = np.broadcast_to(np.arange(1, BANDS + 1, dtype=np.uint64), (len(registers), BANDS)).copy()
    for row in range(ROWS):
        keys = finalize(keys * GOLDEN + rows[:, :, row])
    return np.ascontiguousarray(keys.T)  # a reader takes one band of all documents


def sketches(documents: Sequence[Letters]) -> npt.NDArray[np.uint32]:
    """The registers of each document, shape (len(documents), REGISTERS)."""
    hashes, owner = _shingles(documents)
    registers = np.full(len(documents) * REGISTERS, _EMPTY)
    for round_ in range(_ROUNDS):
        drawn = finalize(hashes ^ finalize(np.array([round_ + 1], dtype=np.uint64)))
        bins = (((drawn >> _HALF) * np.uint64(REGISTERS)) >> _HALF).astype(np.int64)
        new = np.full(len(registers), _EMPTY)
        np.minimum.at(new, owner * REGISTERS + bins, _value(drawn))
        np.copyto(registers, new, where=registers == _EMPTY)
        active = (registers.reshape(len(documents), REGISTERS) == _EMPTY).any(axis=1)[owner]
        hashes, owner = hashes[active], owner[active]
    # Every n-gram of a document that still has empty registers competes for each of them. It has few different ones,
    # but perhaps each of them a million times.
    order = np.lexsort((hashes, owner))
    hashes, owner = hashes[order], owner[order]
    new_one = np.append(True, (hashes[1:] != hashes[:-1]) | (owner[1:] != owner[:-1]))[: len(hashes)]
    hashes, owner = hashes[new_one], owner[new_one]
    empty = np.flatnonzero(registers == _EMPTY)
    counts = np.bincount(empty // REGISTERS)
    repeats = counts[owner]
    first = (np.cumsum(counts) - counts)[owner]
    rank = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    places = empty[np.repeat(first, repeats) + rank]
    salts = finalize((places % REGISTERS + (_ROUNDS << 16)).astype(np.uint64))
    np.minimum.at(registers, places, _value(finalize(np.repeat(hashes, repeats) ^ salts)))
    return registers.reshape(len(documents), REGISTERS)


def _value(drawn: Hashes) -> npt.NDArray[np.uint32]:
    low: npt.NDArray[np.uint32] = drawn.astype(np.uint32)  # the lower half
    return np.minimum(low, _EMPTY - np.uint32(1))


def _shingles(documents: Sequence[Letters]) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """The n-gram hashes of all documents in one array, and the number of the document of each."""
    padded = [_padded(document) for document in documents]
    ends = np.cumsum([len(document) for document in padded])
    hashes = ngram_hashes(np.concatenate(padded), NGRAM) if padded else np.empty(0, np.uint64)
    owner = np.searchsorted(ends, np.arange(len(hashes)), side="right")
    inside = np.arange(len(hashes)) + NGRAM <= ends[owner]  # not across two documents
    return hashes[inside], owner[inside]


def _padded(letters: Letters) -> Letters:
    """At least one n-gram long, so that no document is too short to be compared."""
    missing = NGRAM - len(letters)
    return np.pad(letters, (0, missing)) if missing > 0 else letters


def shingle_set(letters: Letters) -> npt.NDArray[np.uint32]:
    """The distinct n-grams of a document as sorted 32-bit hashes, for `jaccard`."""
    return np.unique((ngram_hashes(_padded(letters), NGRAM) >> _HALF).astype(np.uint32))


def jaccard(first: npt.NDArray[np.uint32], second: npt.NDArray[np.uint32]) -> float:
    """Jaccard similarity of two sets given as sorted arrays without repeats."""
    if not len(first) and not len(second):
        return 1.0
    joined = np.concatenate((first, second))
    joined.sort(kind="stable")  # merges two sorted runs
    common = int(np.count_nonzero(joined[1:] == joined[:-1]))
    return common / (len(joined) - common)


class Sketches:
    """Gathers documents until it is worth while to sketch them together."""

    def __init__(self) -> None:
        self._waiting: list[Letters] = []
        self._size = 0
        self._done: list[Hashes] = []

    def add(self, document: Letters) -> None:
        self._waiting.append(document)
        self._size += len(document) + NGRAM
        if self._size >= BATCH:
            self._sketch()

    def band_keys(self) -> Hashes:
        """A key for each band of each document added, shape (BANDS, documents); equal keys make a candidate pair."""
        self._sketch()
        return np.concatenate(self._done, axis=1)

    def _sketch(self) -> None:
        self._done.append(_bands(sketches(self._waiting)))
        self._waiting, self._size = [], 0
