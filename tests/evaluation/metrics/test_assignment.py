from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gaupt.evaluation.metrics.assignment import assign, assign_greedily, assign_lines

# Both blanks like idiom 0 best; the second loses more by giving it up.
SCORES = [[3.0, 2.9, 0.0], [2.5, 0.0, 0.1]]


def test_the_best_matching_gives_up_least() -> None:
    assert assign(SCORES) == [1, 0]
    assert assign([row[:2] for row in SCORES]) == [1, 0]


def test_the_greedy_way_takes_the_highest_score_first() -> None:
    assert assign_greedily(SCORES) == [0, 2]
    assert assign_greedily([[1.0], [2.0]]) == [-1, 0]  # nothing is left for the first


def test_blanks_compete_only_within_their_line() -> None:
    assert assign_lines([*SCORES, SCORES[0]], ["1", "1", "2"]) == [1, 0, 0]
    assert assign_lines([SCORES[1], SCORES[0]], ["2", "1"]) == [0, 0]


def test_more_blanks_than_idioms_take_their_best_each() -> None:
    assert assign([[1.0], [2.0]]) == [0, 0]


@pytest.mark.slow
@given(arrays(np.float64, (3, 4), elements=st.floats(-5, 5)))
def test_no_matching_is_better(scores: np.ndarray) -> None:
    def total(chosen: object) -> float:
        return float(sum(scores[blank, idiom] for blank, idiom in enumerate(chosen)))  # type: ignore[call-overload]

    best = max(total(chosen) for chosen in permutations(range(4), 3))
    assert total(assign(scores)) >= best - 1e-9
    assert total(assign_greedily(scores)) <= best + 1e-9
    assert len(set(assign(scores))) == len(set(assign_greedily(scores))) == 3
