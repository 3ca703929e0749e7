import numpy as np
import pytest

from gaupt.batches.masking import LONGEST_WORD, Masked, Masking, mask_words
from gaupt.batches.random import key, mix

VOCAB, MASK = 1_000, 4
ORDINARY = np.arange(5, VOCAB)
DRAW = np.random.default_rng(0)
SAMPLES, LENGTH = 2_000, 120
LENGTHS = np.full(SAMPLES, LENGTH)
IDS = DRAW.integers(5, VOCAB, SAMPLES * LENGTH)
STARTS = DRAW.random(SAMPLES * LENGTH) < 0.6
STARTS[::LENGTH] = True
WORDS = np.cumsum(STARTS) - 1


def mask(masking: Masking, seed: int = 0) -> Masked:
    keys = mix(key(seed), np.arange(SAMPLES))
    return mask_words(IDS, STARTS, LENGTHS, keys, masking, MASK, ORDINARY)


def flags(masked: Masked) -> np.ndarray:
    chosen = np.zeros(len(IDS), np.bool_)
    chosen[masked.places] = True
    return chosen


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.15, 0.4])
@pytest.mark.parametrize("ngrams", [(1.0,), (0.4, 0.3, 0.2, 0.1)])
def test_the_rate_is_the_share_of_tokens(rate: float, ngrams: tuple[float, ...]) -> None:
    masked = sum(len(mask(Masking(rate, ngram_shares=ngrams), seed).places) for seed in range(4))
    assert masked / (4 * len(IDS)) == pytest.approx(rate, rel=0.02)


@pytest.mark.parametrize("ngrams", [(1.0,), (0.4, 0.3, 0.2, 0.1)])
def test_words_are_masked_whole(ngrams: tuple[float, ...]) -> None:
    chosen = flags(mask(Masking(ngram_shares=ngrams)))
    per_word = np.bincount(WORDS, chosen) / np.bincount(WORDS)
    assert set(np.unique(per_word)) == {0.0, 1.0}


def test_eighty_ten_ten_by_words() -> None:
    masked = mask(Masking())
    shown, true = masked.shown[masked.places], IDS[masked.places]
    assert (shown == MASK).mean() == pytest.approx(0.8, abs=0.01)
    assert (shown == true).mean() == pytest.approx(0.1, abs=0.01)
    # All tokens of a word are shown the same way.
    word = WORDS[masked.places]
    same_word = word[1:] == word[:-1]
    assert ((shown[1:] == MASK) == (shown[:-1] == MASK))[same_word].all()


def test_random_tokens_are_ordinary_and_spread_over_the_vocabulary() -> None:
    masked = mask(Masking(0.3, 0.0, 1.0))
    shown = masked.shown[masked.places]
    assert shown.min() >= 5
    counts = np.bincount(shown, minlength=VOCAB)[5:]
    assert counts.min() > 0 and counts.max() < 3 * counts.mean()


def test_each_token_of_a_word_shown_at_random_is_drawn_by_itself() -> None:
    masked = mask(Masking(0.3, 0.0, 1.0))
    word = WORDS[masked.places]
    same_word = word[1:] == word[:-1]
    shown = masked.shown[masked.places]
    assert same_word.sum() > 10_000
    # Two draws of 995 ids are equal once in as many pairs.
    assert (shown[1:] == shown[:-1])[same_word].mean() < 0.005


def test_what_is_not_masked_is_shown() -> None:
    masked = mask(Masking())
    chosen = flags(masked)
    assert (masked.shown[~chosen] == IDS[~chosen]).all()


def test_a_sample_masks_a_word_at_least() -> None:
    lengths = np.ones(500, np.int64)
    keys = mix(key(0), np.arange(500))
    masked = mask_words(np.full(500, 7), np.ones(500, np.bool_), lengths, keys, Masking(), MASK, ORDINARY)
    assert len(masked.places) == 500


@pytest.mark.parametrize("ngrams", [(1.0,), (0.5, 0.5)])
def test_where_no_word_is_drawn_one_of_each_sample_is_masked_all_as_likely(ngrams: tuple[float, ...]) -> None:
    lengths, keys = np.full(3_000, 3), mix(key(0), np.arange(3_000))
    every = np.ones(9_000, np.bool_)
    masking = Masking(1e-9, ngram_shares=ngrams)
    masked = mask_words(np.full(9_000, 7), every, lengths, keys, masking, MASK, ORDINARY)
    assert (masked.places // 3).tolist() == list(range(3_000))
    assert np.bincount(masked.places % 3) / 3_000 == pytest.approx([1 / 3] * 3, abs=0.03)


@pytest.mark.parametrize(
    ("tokens", "parts"),
    [(LONGEST_WORD, [32]), (LONGEST_WORD + 1, [32, 1]), (2 * LONGEST_WORD, [32, 32]), (70, [32, 32, 6])],
)
def test_a_word_of_more_than_32_tokens_counts_as_several(tokens: int, parts: list[int]) -> None:
    ends = np.append(2 + np.cumsum(parts), 2 + tokens + 3)  # between words of two tokens and of three
    starts = np.zeros(2 + tokens + 3, np.bool_)
    starts[[0, 2, 2 + tokens]] = True
    expected = [range(begin, end) for begin, end in zip([0, 2, *ends], [2, *ends], strict=False)]
    found = set()
    for seed in range(60):
        masked = mask_words(
            np.full(len(starts), 7), starts, np.array([len(starts)]), key(seed), Masking(1e-9), MASK, ORDINARY
        )
        found.add(tuple(masked.places.tolist()))
    assert found == {tuple(word) for word in expected}


def test_the_last_word_of_all_counts_as_several_too() -> None:
    starts = np.arange(LONGEST_WORD + 1) == 0
    masked = mask_words(
        np.full(len(starts), 7), starts, np.array([len(starts)]), key(0), Masking(1e-9), MASK, ORDINARY
    )
    assert len(masked.places) in (1, LONGEST_WORD)


def test_a_word_as_long_as_its_sample_is_not_masked_whole() -> None:
    lengths, starts = np.full(400, 510), np.zeros(400 * 510, np.bool_)
    keys = mix(key(0), np.arange(400))
    masked = mask_words(np.full(len(starts), 7), starts, lengths, keys, Masking(), MASK, ORDINARY)
    per_sample = np.bincount(masked.places // 510, minlength=400)
    assert per_sample.min() > 0 and per_sample.max() < 510
    assert len(masked.places) / len(starts) == pytest.approx(0.15, rel=0.1)


def test_words_are_drawn_independently() -> None:
    per_word = np.bincount(WORDS, flags(mask(Masking()))) > 0
    assert abs(np.corrcoef(per_word[1:], per_word[:-1])[0, 1]) < 0.01


def test_long_and_short_words_are_as_likely() -> None:
    size = np.bincount(WORDS)
    chosen = np.bincount(WORDS, flags(mask(Masking()))) > 0
    for length in (1, 2, 3):
        assert chosen[size == length].mean() == pytest.approx(0.15, abs=0.01)


@pytest.mark.parametrize("ngrams", [(0.4, 0.3, 0.2, 0.1), (0.5, 0.5, 0, 0)])
def test_spans_have_the_lengths_asked_for(ngrams: tuple[float, ...]) -> None:
    chosen = np.bincount(WORDS, flags(mask(Masking(0.05, ngram_shares=ngrams)))) > 0
    edges = np.flatnonzero(np.diff(chosen.astype(int), prepend=0, append=0))
    lengths = edges[1::2] - edges[::2]
    shares = np.bincount(lengths, minlength=5)[1:5] / len(lengths)
    np.testing.assert_allclose(shares, ngrams, atol=0.06)


def test_a_sample_is_masked_alike_in_any_company() -> None:
    keys = mix(key(0), np.arange(SAMPLES))
    masking = Masking(0.3, 0.2, 0.7)
    whole = flags(mask(masking))
    alone = mask_words(
        IDS[LENGTH : 2 * LENGTH],
        STARTS[LENGTH : 2 * LENGTH],
        LENGTHS[1:2],
        keys[1:2],
        masking,
        MASK,
        ORDINARY,
    )
    assert np.flatnonzero(whole[LENGTH : 2 * LENGTH]).tolist() == alone.places.tolist()
    assert mask(masking).shown[LENGTH : 2 * LENGTH].tolist() == alone.shown.tolist()


def test_masks_are_the_same_in_every_release() -> None:
    """A resumed run must go on with the masks that it began with."""
    expected = {
        (1.0,): {0: 7, 1: 7, 2: 524, 3: 974, 4: 4, 5: 4, 12: 4, 13: 4},
        (0.4, 0.3, 0.3): {0: 7, 1: 7, 2: 524, 3: 974, 4: 4, 5: 4, 6: 36, 7: 582, 8: 423, 12: 4, 13: 4},
    }
    lengths, starts = np.array([9, 15]), np.arange(24) % 2 == 0
    found = {}
    for ngrams in expected:
        masking = Masking(0.3, 0.5, 0.3, ngrams)
        masked = mask_words(
            np.full(24, 7), starts, lengths, mix(key(0), np.arange(2)), masking, MASK, ORDINARY
        )
        found[ngrams] = dict(zip(masked.places.tolist(), masked.shown[masked.places].tolist(), strict=True))
    assert found == expected


def test_shares_of_spans_are_taken_of_their_sum() -> None:
    tenths = mask(Masking(ngram_shares=(0.4, 0.3, 0.2, 0.1)))
    assert mask(Masking(ngram_shares=(4, 3, 2, 1))).places.tolist() == tenths.places.tolist()


def test_by_default_words_are_masked_one_by_one_at_berts_rate() -> None:
    assert Masking() == Masking(0.15, 0.8, 0.1, (1.0,), 0.0, 0, 0)


def test_the_rate_moves_in_a_straight_line_to_the_last_step() -> None:
    falling = Masking(0.5, final_rate=0.2, steps=4)
    assert [falling.at(step).rate for step in range(5)] == pytest.approx([0.5, 0.4, 0.3, 0.2, 0.2])
    stable = Masking(0.5, final_rate=0.2, steps=6, stable_steps=2)
    assert [stable.at(step).rate for step in range(6)] == pytest.approx([0.5, 0.5, 0.5, 0.4, 0.3, 0.2])
    assert Masking(0.5, final_rate=0.2, steps=3, stable_steps=3).at(2).rate == 0.5
    assert Masking(0.5, steps=4).at(3).rate == 0.5
    assert Masking(0.5, final_rate=0.2, steps=1).at(0).rate == 0.5
    assert Masking(0.5, final_rate=0.2, steps=2).at(1).rate == pytest.approx(0.2)
    assert falling.at(2).at(3) == falling.at(2)  # what holds at a step moves no more
