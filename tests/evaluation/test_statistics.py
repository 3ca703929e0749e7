"""Intervals that hold, and what they are taken over."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.evaluation.statistics import (
    BLOCK,
    Difference,
    Sample,
    difference,
    holm,
    mcnemar,
    resampled_differences,
    summarize,
)


def sample(*runs: list[float], groups: list[str] | None = None) -> Sample:
    parts = np.stack([np.stack([np.array(run, float), np.ones(len(run))], 1) for run in runs])
    return Sample(parts, tuple(groups or map(str, range(len(runs[0])))))


def coins(rate: float, count: int, seed: int) -> list[float]:
    return (np.random.default_rng(seed).random(count) < rate).astype(float).tolist()


def test_scores_are_ratios_of_sums() -> None:
    f1 = Sample(np.array([[[2.0, 4.0], [0.0, 1.0]]]), ("a", "b"))
    assert f1.scores.tolist() == [40.0]
    assert Sample(np.zeros((1, 2, 2)), ("a", "b")).scores.tolist() == [0.0]  # nothing to divide by


def test_a_model_against_itself_differs_by_nothing() -> None:
    one = sample(coins(0.6, 200, 0))
    found = difference(one, one, 500, 0)
    assert (found.mean, found.low, found.high, found.p) == (0, 0, 0, 1)


@pytest.mark.slow
def test_the_interval_is_that_of_the_normal_approximation() -> None:
    # Independent rows: half-width 1.96 sqrt(variance of the difference / n).
    a, b = coins(0.7, 2000, 1), coins(0.6, 2000, 2)
    found = difference(sample(a), sample(b), 4000, 0)
    half = 196 * np.std(np.array(a) - np.array(b)) / np.sqrt(2000)
    assert found.mean == pytest.approx(100 * (np.mean(a) - np.mean(b)))
    assert found.high - found.mean == pytest.approx(half, rel=0.1)
    assert found.mean - found.low == pytest.approx(half, rel=0.1)


def test_rows_of_a_group_are_drawn_together_which_widens_the_interval() -> None:
    a, b = coins(0.7, 50, 1), coins(0.5, 50, 2)
    alone = difference(sample(a * 4), sample(b * 4), 2000, 0)
    groups = [str(place) for place in range(50)] * 4
    together = difference(sample(a * 4, groups=groups), sample(b * 4, groups=groups), 2000, 0)
    assert together.high - together.low == pytest.approx(2 * (alone.high - alone.low), rel=0.2)


def test_seeds_are_drawn_as_well() -> None:
    steady = sample(coins(0.6, 300, 0), coins(0.6, 300, 0))
    shaky = sample([1.0] * 300, [0.0] * 300)
    # Of right and wrong two are drawn: their mean is 0, 50, 50 or 100.
    spread = resampled_differences(shaky, sample([0.5] * 300), 1000, 0).std()
    assert spread == pytest.approx(50 / np.sqrt(2), rel=0.1)
    middling = sample([0.5] * 300)
    np.testing.assert_allclose(
        resampled_differences(shaky, steady, 1000, 0, draw_runs=False),
        resampled_differences(middling, steady, 1000, 0, draw_runs=False),
    )


@pytest.mark.parametrize("resamples", [1, BLOCK, BLOCK + 1, 2 * BLOCK + 7])
def test_there_are_as_many_resamples_as_asked_for_and_the_seed_decides_them(resamples: int) -> None:
    one, other = sample(coins(0.6, 20, 0)), sample(coins(0.5, 20, 1))
    drawn = resampled_differences(one, other, resamples, 3)
    assert len(drawn) == resamples
    assert drawn.tolist() == resampled_differences(one, other, resamples, 3).tolist()
    assert drawn.tolist() != resampled_differences(one, other, resamples, 4).tolist()


@pytest.mark.parametrize(
    ("least", "low", "high", "p"),
    [
        (-100, -75, 875, 2 * 101 / 1001),  # 0 is among those that turn the sign
        (-900, -875, 75, 2 * 101 / 1001),
        (-1, 24, 974, 2 * 2 / 1001),
        (0, 25, 975, 2 / 1001),
        (1, 26, 976, 1 / 1001),  # none: as little as one resample can tell
        (-500, -475, 475, 1),
    ],
)
def test_a_difference_is_summed_up_by_its_middle_95_percent_and_how_often_it_turns(
    least: int, low: float, high: float, p: float
) -> None:
    found = summarize(7, np.arange(least, least + 1001.0))
    assert found == Difference(7, pytest.approx(low), pytest.approx(high), pytest.approx(p))


def test_mcnemar_looks_at_the_rows_where_one_alone_is_right() -> None:
    assert mcnemar([True] * 10, [False] * 10) == pytest.approx(2 * 0.5**10)
    assert mcnemar([True, False, True], [False, True, True]) == 1
    assert mcnemar([True], [True]) == 1
    # Five times one alone, once the other alone; both and neither tell nothing.
    one, other = [True] * 5 + [False] + [True] * 3 + [False], [False] * 5 + [True] + [True] * 3 + [False]
    assert mcnemar(one, other) == mcnemar(other, one) == pytest.approx(2 * (1 + 6) / 2**6)
    with pytest.raises(ValueError, match="longer"):
        mcnemar([True], [True, True])


def test_holm_multiplies_the_least_p_by_all_and_never_turns_the_order() -> None:
    adjusted = holm({"b": 0.04, "a": 0.01, "c": 0.03})
    assert list(adjusted.items()) == [("b", pytest.approx(0.06)), ("a", 0.03), ("c", 0.06)]
    assert holm({"a": 0.9, "b": 0.6}) == {"a": 1, "b": 1}


@pytest.mark.slow
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_lies_between_p_and_bonferroni(values: list[float]) -> None:
    adjusted = holm({str(place): value for place, value in enumerate(values)})
    for place, value in enumerate(values):
        assert value <= adjusted[str(place)] <= min(1, value * len(values)) or adjusted[str(place)] == max(
            adjusted[str(other)] for other in range(len(values)) if values[other] <= value
        )
