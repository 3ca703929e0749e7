"""Random numbers without state: each is a function of its key, so that any batch can be drawn by itself."""

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIERS = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_FEISTEL_ROUNDS = 6


def mix(keys: Keys, *numbers: int | NDArray[np.integer]) -> Keys:
    """Keys of their own for each combination of ``keys`` and ``numbers`` (broadcast together).

    The finalizer of SplitMix64 (Steele, Lea, Flood 2014: "Fast splittable pseudorandom number generators").
    """
    with np.errstate(over="ignore"):
        for number in numbers:
            value = np.asarray(number).astype(np.uint64)
            mixed = keys + (value + np.uint64(1)) * _STEP
            mixed ^= mixed >> np.uint64(30)
            mixed *= _MULTIPLIERS[0]
            mixed ^= mixed >> np.uint64(27)
            mixed *= _MULTIPLIERS[1]
            mixed ^= mixed >> np.uint64(31)
            keys = mixed
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
