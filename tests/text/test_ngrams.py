import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.splitmix import GOLDEN, finalize
from gaupt.text.characters import code_points
from gaupt.text.ngrams import ngram_hashes, repeated_share

SHORT = st.text("甲乙丙", max_size=40)


@pytest.mark.slow
@given(SHORT, st.integers(1, 14))
def test_there_is_a_hash_for_every_run_and_equal_runs_have_equal_ones(text: str, n: int) -> None:
    runs = [text[i : i + n] for i in range(max(0, len(text) - n + 1))]
    hashes = ngram_hashes(code_points(text), n).tolist()
    assert len(hashes) == len(runs)
    assert len(set(zip(hashes, runs, strict=True))) == len(set(runs))


def test_the_hash_of_a_run_is_made_of_those_of_its_halves() -> None:
    """Those of a run of three overlap."""
    one, two, three = (np.array([ord(character)], np.uint64) for character in "甲乙丙")
    first, second, third = finalize(one), finalize(two), finalize(three)
    pair, next_pair = first * GOLDEN + second, second * GOLDEN + third
    assert ngram_hashes(code_points("甲"), 1).tolist() == finalize(first).tolist()
    assert ngram_hashes(code_points("甲乙"), 2).tolist() == finalize(pair).tolist()
    assert ngram_hashes(code_points("甲乙丙"), 3).tolist() == finalize(pair * GOLDEN + next_pair).tolist()


@pytest.mark.slow
def test_runs_of_random_characters_have_hashes_of_their_own() -> None:
    points = np.random.default_rng(0).integers(0x4E00, 0x9FFF, 100_000, dtype=np.uint32)
    for n in (1, 2, 5, 13):
        runs = len(np.unique(np.lib.stride_tricks.sliding_window_view(points, n), axis=0))
        assert len(np.unique(ngram_hashes(points, n))) == runs


def test_no_run_in_a_text_one_shorter() -> None:
    none, one = (ngram_hashes(np.arange(length, dtype=np.uint32), 13) for length in (12, 13))
    assert (len(none), len(one), none.dtype, one.dtype) == (0, 1, np.uint64, np.uint64)


@pytest.mark.parametrize("times", [3, 51, 52, 60])
def test_the_share_of_repeated_runs_is_the_same_by_both_ways(times: int) -> None:
    """Short texts are counted by a set of strings, long ones by hashes."""
    text = "控制权就被传递给断点" * times
    runs = [text[i : i + 13] for i in range(len(text) - 12)]
    assert repeated_share(text, 13) == pytest.approx(1 - len(set(runs)) / len(runs))


def test_a_text_too_short_to_tell_repeats_nothing() -> None:
    assert repeated_share("甲" * 24, 13) == 0.0
    assert repeated_share("甲" * 25, 13) > 0.9
