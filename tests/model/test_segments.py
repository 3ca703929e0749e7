"""Which tokens of a row belong together."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gaupt.model.segments import additive_mask, padding_last, reordered, same_segment, segment_lengths
from tests.model.small import MASKS


def test_segment_lengths_count_each_tokens_own_segment() -> None:
    segments = MASKS["packed"]
    assert segments is not None
    assert torch.equal(segment_lengths(segments), same_segment(segments).sum(-1))


ROWS = st.integers(1, 8).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, n), min_size=n, max_size=n), min_size=1, max_size=3)
)


@pytest.mark.slow
@given(ROWS)
def test_a_token_sees_the_tokens_of_its_own_segment_in_its_own_row(rows: list[list[int]]) -> None:
    segments = torch.tensor(rows)
    expected = [[[query == key for key in row] for query in row] for row in rows]
    assert same_segment(segments).tolist() == expected
    mask = additive_mask(segments)
    assert mask.dtype == torch.float32
    assert (mask == 0).tolist() == expected
    assert (mask == -math.inf).logical_not().tolist() == expected


@pytest.mark.slow
@given(ROWS)
def test_a_segment_is_as_long_as_its_tokens_are_many(rows: list[list[int]]) -> None:
    for dtype in (torch.int32, torch.int64):
        lengths = segment_lengths(torch.tensor(rows, dtype=dtype))
        assert lengths.dtype == torch.int64
        assert lengths.tolist() == [[row.count(id_) for id_ in row] for row in rows]


def test_padding_sees_padding_so_that_no_row_of_weights_is_empty() -> None:
    assert additive_mask(torch.zeros(1, 3, dtype=torch.long)).softmax(-1).isfinite().all()


def test_padding_is_put_behind_the_tokens_of_each_row_and_back() -> None:
    segments = torch.tensor([[0, 0, 1, 2, 0], [1, 1, 0, 2, 0]])
    order = padding_last(segments)
    assert order is not None
    assert order.tolist() == [[2, 3, 0, 1, 4], [0, 1, 3, 2, 4]]
    x = torch.randn(2, 5, 3)
    assert torch.equal(reordered(x, order)[0, :2], x[0, 2:4])
    assert torch.equal(reordered(reordered(x, order), order.argsort(1)), x)


def test_rows_that_end_with_their_padding_stay_as_they_are() -> None:
    assert padding_last(torch.tensor([[1, 2, 0], [1, 1, 1], [0, 0, 0]])) is None
    assert padding_last(torch.tensor([[1, 0, 1], [1, 1, 1]])) is not None
