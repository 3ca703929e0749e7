"""The finalizer of SplitMix64: what hashes of n-grams and random numbers without state are mixed with."""

import numpy as np
from numpy.typing import NDArray

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
"""2**64 over the golden ratio: SplitMix64's step, and a multiplier that spreads well."""


def finalize(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A bijection of 64-bit numbers, every output bit depending on all of them.

    Steele, Lea and Flood 2014: "Fast splittable pseudorandom number generators".
    """
    values = values ^ (values >> np.uint64(30))
    # In place from here on: a text may have a million n-grams.
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values
