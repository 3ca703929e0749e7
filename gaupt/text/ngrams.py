"""Hashes of character n-grams, for repetition and for similarity between documents."""

import numpy as np
import numpy.typing as npt

from gaupt.splitmix import GOLDEN, finalize
from gaupt.text.characters import code_points

Hashes = npt.NDArray[np.uint64]


def ngram_hashes(points: npt.NDArray[np.uint32], n: int) -> Hashes:
    """A 64-bit hash of every run of ``n`` characters, shape (max(0, len(points) - n + 1),)."""
    if len(points) < n:
        return np.empty(0, dtype=np.uint64)
    # A run of n is made of one half as long and its neighbour, so that few passes do for any n.
    hashes, length = finalize(points.astype(np.uint64)), 1
    while length < n:
        step = min(length, n - length)
        longer = hashes[: len(hashes) - step] * GOLDEN
        longer += hashes[step:]
        hashes = longer
        length += step
    return finalize(hashes)


def repeated_share(text: str, n: int) -> float:
    """Share of the runs of ``n`` characters of ``text`` that occurred in it before, in [0, 1)."""
    count = len(text) - n + 1
    if count < n:
        return 0.0
    if count < 500:  # faster than arrays
        return 1 - len({text[i : i + n] for i in range(count)}) / count
    hashes = ngram_hashes(code_points(text), n)
    hashes.sort()
    return float(np.count_nonzero(hashes[1:] == hashes[:-1])) / count
