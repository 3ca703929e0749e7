"""Whole-word masking, drawn when a batch is made."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gaupt.batches.random import Keys, mix, uniform

# Streams of random numbers of one sample.
_WHETHER, _HOW, _WHAT, _SPAN = range(4)
LONGEST_WORD = 32
"""Tokens that are masked as one word: a hash or a page of base64 is one of jieba's words, and would leave nothing
of its sample to guess from."""


@dataclass(frozen=True)
class Masking:
    """How much is masked, and what is shown instead."""

    rate: float = 0.15
    """Share of the tokens that are masked, on average: the chance of every word, whatever its length."""
    mask_token_share: float = 0.8
    """Share of the masked words shown as [MASK]."""
    random_token_share: float = 0.1
    """Share of the masked words shown as random tokens; the rest stays as it is."""
    ngram_shares: tuple[float, ...] = (1.0,)
    """Share of the masked spans that are 1, 2, 3, … words long; (1.0,) masks words one by one,
    (0.4, 0.3, 0.2, 0.1) is the n-gram masking of MacBERT (arXiv:2004.13922)."""
    final_rate: float = 0.0
    """The rate at the last of ``steps``, to which it moves in a straight line; 0: it stays."""
    steps: int = 0
    stable_steps: int = 0
    """Steps before it begins to move."""

    def at(self, step: int) -> "Masking":
        """What holds at ``step`` (from 0)."""
        if not self.final_rate:
            return self
        moving = max(1, self.steps - 1 - self.stable_steps)
        done = min(max(0, step - self.stable_steps) / moving, 1.0)
        return replace(self, rate=self.rate + done * (self.final_rate - self.rate), final_rate=0.0)


@dataclass(frozen=True)
class Masked:
    """Tokens with some masked."""

    shown: NDArray[np.int64]
    """What the model reads: shape [tokens]."""
    places: NDArray[np.int64]
    """Indices of the masked tokens: shape [masked]."""


def mask_words(
    ids: NDArray[np.int64],
    starts: NDArray[np.bool_],
    lengths: NDArray[np.int64],
    keys: Keys,
    masking: Masking,
    mask_id: int,
    ordinary_ids: NDArray[np.int64],
) -> Masked:
    """Mask whole words of several samples; what a sample gets depends on its key alone.

    Whether a word is masked and how it is shown ([MASK], random tokens, itself) is decided for the word, as
    GAU-alpha does; each token of a word shown at random is drawn by itself. At least one word of every sample
    is masked. A word of more than LONGEST_WORD tokens counts as several.

    Args:
        ids: tokens of the samples, one after the other, without [CLS] and [SEP], shape [tokens].
        starts: whether a word starts with each token, shape [tokens]; a sample's first token always does.
        lengths: tokens of each sample, at least 1, shape [samples].
        keys: a random key for each sample, shape [samples].
        masking: how much, and what is shown.
        mask_id: id of [MASK].
        ordinary_ids: ids that random tokens are drawn from.
    """
    firsts = np.cumsum(lengths) - lengths
    starts = starts.copy()
    starts[firsts] = True
    begins = np.flatnonzero(starts)
    if np.diff(begins, append=len(ids)).max() > LONGEST_WORD:
        inside = np.arange(len(ids)) - begins[np.cumsum(starts) - 1]
        starts[inside % LONGEST_WORD == 0] = True
        begins = np.flatnonzero(starts)
    word_of_token = np.cumsum(starts) - 1
    first_word = word_of_token[firsts]  # of each sample
    words_in = np.diff(np.append(first_word, word_of_token[-1] + 1))
    place = np.arange(word_of_token[-1] + 1) - np.repeat(first_word, words_in)  # of a word in its sample
    sample_keys = np.repeat(keys, words_in)
    word_keys = mix(sample_keys, place)
    chance = uniform(mix(word_keys, _WHETHER))
    single = len(masking.ngram_shares) == 1
    chosen = chance < masking.rate if single else _choose_spans(sample_keys, place, masking)
    none = ~np.logical_or.reduceat(chosen, first_word)
    least = np.minimum.reduceat(chance, first_word)
    chosen |= np.repeat(none, words_in) & (chance == np.repeat(least, words_in))

    places = np.flatnonzero(chosen[word_of_token])
    word = word_of_token[places]
    how = uniform(mix(word_keys, _HOW))[word]
    place_in_word = places - begins[word]
    what = uniform(mix(mix(word_keys[word], _WHAT), place_in_word))
    replacement = np.where(
        how < masking.mask_token_share, mask_id, ordinary_ids[(what * len(ordinary_ids)).astype(np.int64)]
    )
    shown = ids.copy()
    change = how < masking.mask_token_share + masking.random_token_share
    shown[places[change]] = replacement[change]
    return Masked(shown, places)


def _choose_spans(sample_keys: Keys, place: NDArray[np.int64], masking: Masking) -> NDArray[np.bool_]:
    """Words covered by spans, which start at any word with the chance that covers ``rate`` of the words.

    A span may start before its sample, so that the first words are as likely as the others.
    """
    shares = np.array(masking.ngram_shares) / sum(masking.ngram_shares)
    at_least = 1 - np.cumsum(shares) + shares  # share of spans of at least 1, 2, … words
    start_rate = _solve_start_rate(masking.rate, at_least)
    chosen = np.zeros(len(place), np.bool_)
    for back in range(len(shares)):
        word_keys = mix(sample_keys, place - back)
        covers = uniform(mix(word_keys, _SPAN)) >= np.cumsum(shares)[back - 1] if back else True
        chosen |= (uniform(mix(word_keys, _WHETHER)) < start_rate) & covers
    return chosen


def _solve_start_rate(rate: float, at_least: NDArray[np.float64]) -> float:
    """The chance p of a span at each word for which 1 - prod(1 - p * at_least) = rate, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        covered = 1 - np.prod(1 - middle * at_least)
        low, high = (middle, high) if covered < rate else (low, middle)
    return low
