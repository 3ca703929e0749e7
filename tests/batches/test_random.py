import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.batches.random import key, mix, permute, uniform


@pytest.mark.slow
@given(size=st.integers(1, 3_000), seed=st.integers(0, 2**63 - 1))
def test_permute_is_a_permutation(size: int, seed: int) -> None:
    assert sorted(permute(np.arange(size), size, key(seed)).tolist()) == list(range(size))


@pytest.mark.slow
@given(size=st.integers(1, 3_000), seed=st.integers(0, 2**63 - 1), data=st.data())
def test_a_place_is_permuted_alike_alone(size: int, seed: int, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, size - 1))
    whole = permute(np.arange(size), size, key(seed))
    assert permute(np.array([place]), size, key(seed))[0] == whole[place]


def test_a_permutation_is_one_beside_every_power_of_two() -> None:
    for size in sorted({max(1, (1 << bits) + beside) for bits in range(12) for beside in (-1, 0, 1)}):
        assert sorted(permute(np.arange(size), size, key(1)).tolist()) == list(range(size)), size


def test_drawn_numbers_are_the_same_in_every_release() -> None:
    """A resumed run must go on with the order and the masks that it began with."""
    assert mix(key(7), np.arange(2)).tolist() == [0x63CBE1E459320DD7, 0x044C3CD7F43C661C]
    assert key(7, 1, 2).tolist() == [0xE719A8A134EEF951]
    firsts = {
        3: [1, 2, 0],
        4: [3, 2, 0],
        16: [15, 0, 9],
        17: [2, 3, 1],
        256: [161, 212, 158],
        257: [125, 80, 93],
        1000: [664, 603, 321],
    }
    assert {size: permute(np.arange(3), size, key(7)).tolist() for size in firsts} == firsts


def test_a_number_is_the_53_highest_bits_of_its_key() -> None:
    keys = np.array([0, 2**11 - 1, 2**11, 2**63, 2**64 - 1], np.uint64)
    assert uniform(keys).tolist() == [0, 0, 2**-53, 0.5, 1 - 2**-53]


def test_permutations_are_shuffled_and_differ_by_key() -> None:
    size = 20_000
    a, b = (permute(np.arange(size), size, key(0, epoch)) for epoch in range(2))
    assert (a == b).mean() < 0.001
    assert abs(np.corrcoef(a, np.arange(size))[0, 1]) < 0.03
    assert abs(np.corrcoef(a[1:], a[:-1])[0, 1]) < 0.03


@pytest.mark.parametrize("size", [3, 7])
def test_every_place_is_as_likely(size: int) -> None:
    keys = mix(key(0), np.arange(20_000))
    counts = np.bincount(permute(np.zeros(20_000, np.int64), size, keys), minlength=size)
    assert np.abs(counts / 20_000 - 1 / size).max() < 0.015


def test_numbers_are_uniform_and_independent_of_their_neighbours() -> None:
    numbers = uniform(mix(key(3), np.arange(100_000)))
    assert numbers.min() >= 0 and numbers.max() < 1
    assert np.abs(np.histogram(numbers, 20, (0, 1))[0] / 100_000 - 0.05).max() < 0.004
    assert abs(np.corrcoef(numbers[1:], numbers[:-1])[0, 1]) < 0.01
