"""Rotary positions: each pair turned by its angle, and only differences of positions seen."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gaupt.model.rotary import rotary_angles, rotate

CPU = torch.device("cpu")


def test_angles_are_position_times_frequency() -> None:
    cos, sin = rotary_angles(5, 6, CPU)
    assert cos.shape == sin.shape == (5, 3) and cos.dtype == torch.float32
    for position in range(5):
        for pair in range(3):
            angle = position * 10_000 ** (-2 * pair / 6)
            assert math.isclose(cos[position, pair].item(), math.cos(angle), abs_tol=1e-6)
            assert math.isclose(sin[position, pair].item(), math.sin(angle), abs_tol=1e-6)


def test_angles_are_made_on_the_device_that_is_asked_for() -> None:
    assert {angles.device.type for angles in rotary_angles(5, 6, torch.device("meta"))} == {"meta"}


def test_angles_are_exact_far_into_a_long_text() -> None:
    """In float32 alone, the angle at position 16,384 would be wrong by a thousandth."""
    cos, sin = rotary_angles(16_385, 64, CPU)
    for pair in (0, 1, 5, 31):
        angle = 16_384 * 10_000 ** (-2 * pair / 64)
        assert math.isclose(cos[-1, pair].item(), math.cos(angle), abs_tol=1e-6)
        assert math.isclose(sin[-1, pair].item(), math.sin(angle), abs_tol=1e-6)


def test_pairs_are_turned_and_their_first_members_come_first() -> None:
    x = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0))
    cos, sin = rotary_angles(3, 4, CPU)
    out = rotate(x, cos, sin)
    assert out.shape == x.shape
    for pair in range(2):
        first, second, c, s = x[..., 2 * pair], x[..., 2 * pair + 1], cos[:, pair], sin[:, pair]
        torch.testing.assert_close(out[..., pair], first * c - second * s)
        torch.testing.assert_close(out[..., 2 + pair], second * c + first * s)


@pytest.mark.slow
@given(seed=st.integers(0, 99), size=st.sampled_from([2, 4, 10]))
def test_turning_changes_no_length_and_position_0_nothing_but_the_order(seed: int, size: int) -> None:
    x = torch.randn(1, 7, size, generator=torch.Generator().manual_seed(seed))
    out = rotate(x, *rotary_angles(7, size, CPU))
    torch.testing.assert_close(out.norm(dim=-1), x.norm(dim=-1))
    torch.testing.assert_close(out[0, 0], torch.cat((x[0, 0, ::2], x[0, 0, 1::2])))


@pytest.mark.slow
@given(query=st.integers(0, 30), key=st.integers(0, 30), shift=st.integers(0, 1_000), seed=st.integers(0, 99))
def test_scores_see_the_difference_of_positions_alone(query: int, key: int, shift: int, seed: int) -> None:
    q, k = torch.randn(2, 8, generator=torch.Generator().manual_seed(seed)).double()
    cos, sin = (x.double() for x in rotary_angles(1_031, 8, CPU))

    def score(i: int, j: int) -> float:
        turned = (rotate(x[None], cos[p : p + 1], sin[p : p + 1]) for x, p in ((q, i), (k, j)))
        return (next(turned) * next(turned)).sum().item()

    assert math.isclose(score(query, key), score(query + shift, key + shift), abs_tol=1e-5)
