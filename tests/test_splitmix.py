import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.splitmix import GOLDEN, finalize


def test_the_sequence_of_splitmix64_from_seed_0() -> None:
    """The first numbers of the published generator: each finalizes another step of GOLDEN."""
    steps = np.arange(1, 4, dtype=np.uint64) * GOLDEN
    assert [hex(value) for value in finalize(steps).tolist()] == [
        "0xe220a8397b1dcdaf",
        "0x6e789e6aa1b965f4",
        "0x6c45d188009454f",
    ]


@pytest.mark.slow
@given(st.lists(st.integers(0, 2**64 - 1), unique=True, min_size=1))
def test_different_numbers_stay_different_and_the_argument_stays_as_it_is(numbers: list[int]) -> None:
    values = np.array(numbers, np.uint64)
    assert len(set(finalize(values).tolist())) == len(numbers)
    assert values.tolist() == numbers


def test_one_bit_more_or_less_changes_half_of_the_bits() -> None:
    values = np.arange(1000, dtype=np.uint64)
    for bit in range(64):
        changed = finalize(values) ^ finalize(values ^ np.uint64(1 << bit))
        ones = np.unpackbits(changed.view(np.uint8)).mean()
        assert 0.48 < ones < 0.52
