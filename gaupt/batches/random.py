"""Random numbers without state: each is a function of its key, so that any batch can be drawn by itself."""

import numpy as np
from numpy.typing import NDArray

from gaupt.splitmix import GOLDEN, finalize

Keys = NDArray[np.uint64]

_FEISTEL_ROUNDS = 6


def mix(keys: Keys, *numbers: int | NDArray[np.integer]) -> Keys:
    """Keys of their own for each combination of ``keys`` and ``numbers`` (broadcast together)."""
    with np.errstate(over="ignore"):
        for number in numbers:
            value = np.asarray(number).astype(np.uint64)
            keys = finalize(keys + (value + np.uint64(1)) * GOLDEN)
    return keys


def key(seed: int, *numbers: int) -> Keys:
    """The key of a seed and ``numbers``, shape [1]."""
    return mix(np.array([seed], np.uint64), *numbers)


def uniform(keys: Keys) -> NDArray[np.float64]:
    """A number in [0, 1) for each key."""
    return (keys >> np.uint64(11)).astype(np.float64) * 2.0**-53


def permute(places: NDArray[np.int64], size: int, keys: Keys) -> NDArray[np.int64]:
    """Where a random permutation of ``range(size)`` puts each of ``places``; ``keys`` choose permutations.

    A Feistel network on the next power of four, walked until it is back in the range (Black and Rogaway 2002:
    "Ciphers with arbitrary finite domains"): nothing is stored and nothing before a place is computed.
    """
    half = np.uint64(max((size - 1).bit_length() + 1, 2) // 2)
    mask = np.uint64((1 << int(half)) - 1)
    values = places.astype(np.uint64)
    keys = np.broadcast_to(keys, values.shape)
    outside = np.ones(values.shape, np.bool_)
    while outside.any():
        current, key_ = values[outside], keys[outside]
        left, right = current >> half, current & mask
        for round_ in range(_FEISTEL_ROUNDS):
            left, right = right, left ^ (mix(mix(key_, round_), right) & mask)
        values[outside] = left << half | right
        outside = values >= np.uint64(size)
    return values.astype(np.int64)
