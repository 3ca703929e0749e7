"""Hashes of character n-grams, for repetition and for similarity between documents."""

import numpy as np
import numpy.typing as npt

from gaupt.text.characters import code_points

Hashes = npt.NDArray[np.uint64]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def mix(values: Hashes) -> Hashes:
    """A bijection of 64-bit numbers, every output bit depending on all of them (splitmix64's finalizer)."""
    values = values ^ (values >> np.uint64(30))
    # In place from here on: a text may have a million n-grams.
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values


def ngram_hashes(points: npt.NDArray[np.uint32], n: int) -> Hashes:
    """A 64-bit hash of every run of ``n`` characters, shape (max(0, len(points) - n + 1),)."""
    if len(points) < n:
        return np.empty(0, dtype=np.uint64)
    # A run of n is made of one half as long and its neighbour, so that few passes do for any n.
    hashes, length = mix(points.astype(np.uint64)), 1
    while length < n:
        step = min(length, n - length)
        longer = hashes[: len(hashes) - step] * _MULTIPLIER
        longer += hashes[step:]
        hashes = longer
        length += step
    return mix(hashes)


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
