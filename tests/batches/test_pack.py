from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.batches.pack import pack
from gaupt.batches.random import key, permute


@pytest.mark.slow
@given(st.lists(st.integers(1, 64), max_size=300), st.integers(0, 9))
def test_every_sample_is_in_one_row_and_every_row_fits(lengths: list[int], seed: int) -> None:
    sizes = np.array(lengths, np.int64)
    samples, offsets = pack(sizes, 64, seed)
    assert sorted(samples.tolist()) == list(range(len(lengths)))
    for first, stop in pairwise(offsets):
        assert 0 < sizes[samples[first:stop]].sum() <= 64


@pytest.mark.slow
@given(st.lists(st.integers(1, 64), min_size=1, max_size=300))
def test_no_two_rows_could_be_one(lengths: list[int]) -> None:
    sizes = np.array(lengths, np.int64)
    samples, offsets = pack(sizes, 64, 0)
    filled = np.sort(np.add.reduceat(sizes[samples], offsets[:-1]))
    assert len(filled) < 2 or filled[0] + filled[1] > 64


def test_short_samples_fill_what_long_ones_leave() -> None:
    draw = np.random.default_rng(0)
    sizes = np.concatenate([draw.integers(450, 513, 2_000), draw.integers(5, 120, 6_000)])
    _, offsets = pack(sizes, 512, 0)
    assert 1 - sizes.sum() / ((len(offsets) - 1) * 512) < 0.01


def test_equal_samples_are_shuffled_by_the_seed() -> None:
    for seed in (0, 1):
        samples, offsets = pack(np.full(1_000, 64), 512, seed)
        dealt = samples.reshape(-1, 8).T.ravel()  # the first of each row, then the second, …
        assert dealt.tolist() == permute(np.arange(1_000), 1_000, key(seed)).tolist()
        assert offsets.tolist() == list(range(0, 1_001, 8))


def test_a_sample_goes_into_the_fullest_row_that_has_room_and_rows_begin_with_their_longest() -> None:
    sizes = np.array([2, 7, 1, 6, 4, 3, 1])
    samples, offsets = pack(sizes, 10, 0)
    rows = [sizes[samples[first:stop]].tolist() for first, stop in pairwise(offsets)]
    assert rows == [[7, 3], [6, 4], [2, 1, 1]]
    many = np.random.default_rng(0).integers(1, 65, 3_000)
    samples, offsets = pack(many, 64, 0)
    for first, stop in pairwise(offsets):
        assert (np.diff(many[samples[first:stop]]) <= 0).all()


def test_no_samples_are_no_rows() -> None:
    samples, offsets = pack(np.zeros(0, np.int64), 64, 0)
    assert (samples.tolist(), offsets.tolist()) == ([], [0])
