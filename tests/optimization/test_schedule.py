"""The learning rate as a function of the step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.optimization.schedule import flat_until, rate_share, stable_steps

LINEAR = ((1.0, 0.0),)
STABLE = ((0.5, 1.0), (1.0, 0.0))


def shares(steps: int, warmup_steps: float, points: tuple[tuple[float, float], ...] = LINEAR) -> list[float]:
    return [rate_share(step, warmup_steps=warmup_steps, steps=steps, points=points) for step in range(steps)]


def test_rises_to_the_peak_then_falls_to_zero() -> None:
    rates = shares(12, 4)
    assert rates[:4] == [0.25, 0.5, 0.75, 1.0]
    assert rates[4] == 1.0
    assert rates[-1] == 1 / 8
    assert rates[4:] == sorted(rates[4:], reverse=True)


def test_a_point_at_the_peak_is_the_end_of_a_stable_phase() -> None:
    assert shares(8, 2, STABLE) == pytest.approx([0.5, 1, 1, 1, 1, 0.75, 0.5, 0.25])


def test_points_are_joined_by_straight_lines_and_the_last_is_kept() -> None:
    points = ((0.25, 0.5), (0.5, 0.1))
    assert shares(8, 0, points) == pytest.approx([1, 0.75, 0.5, 0.3, 0.1, 0.1, 0.1, 0.1])


def test_points_that_the_warm_up_covers_are_passed_over() -> None:
    assert shares(8, 4, ((0.25, 0.5), (1.0, 0.0))) == pytest.approx(
        [0.25, 0.5, 0.75, 1, 0.5, 0.375, 0.25, 0.125]
    )


def test_a_point_at_the_very_end_of_the_warm_up_holds_from_there() -> None:
    assert shares(8, 4, ((0.5, 0.8), (1.0, 0.0))) == pytest.approx([0.25, 0.5, 0.75, 1, 0.8, 0.6, 0.4, 0.2])


def test_a_warm_up_may_end_between_two_steps() -> None:
    assert shares(10, 2.5)[:5] == pytest.approx([0.4, 0.8, 1, 14 / 15, 0.8])


def test_without_points_the_rate_falls_in_a_line_to_zero_at_the_last_step() -> None:
    rates = [rate_share(step, warmup_steps=1, steps=5) for step in range(7)]
    assert rates == pytest.approx([1, 1, 0.75, 0.5, 0.25, 0, 0])


@pytest.mark.parametrize(
    ("points", "until"),
    [
        (LINEAR, 0.0),
        (STABLE, 0.5),
        (((1.0, 1.0),), 1.0),
        (((0.25, 1.0), (0.5, 1.0), (1.0, 0.0)), 0.5),
        (((0.25, 1.0), (0.5, 0.9), (0.75, 1.0)), 0.25),  # what falls and rises again is not stable
        ((), 0.0),
    ],
)
def test_where_the_stable_phase_ends(points: tuple[tuple[float, float], ...], until: float) -> None:
    assert flat_until(points) == until


@pytest.mark.parametrize(("steps", "stable"), [(8, 4), (9, 4), (1, 0)])
def test_the_stable_phase_ends_with_a_whole_step(steps: int, stable: int) -> None:
    assert stable_steps(STABLE, steps) == stable
    rates = [rate_share(step, warmup_steps=0, steps=steps, points=STABLE) for step in range(steps)]
    assert rates[:stable] == [1.0] * stable and stable_steps(LINEAR, steps) == 0


@pytest.mark.slow
@given(
    steps=st.integers(1, 1000),
    warmup=st.integers(0, 2000),
    at=st.floats(0.01, 0.99),
    level=st.floats(0.01, 1),
)
def test_every_step_moves_and_none_exceeds_the_peak(steps: int, warmup: int, at: float, level: float) -> None:
    for step in (0, steps // 2, steps - 1):
        assert 0 < rate_share(step, warmup_steps=warmup, steps=steps, points=((at, level), (1.0, 0.0))) <= 1
