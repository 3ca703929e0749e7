"""Documents to samples: cut at sentence ends into at most as many tokens as fit in a row."""

import numpy as np
from numpy.typing import NDArray

from gaupt.tokenizer.load import Tokenizer

_ENDS = tuple("。！？；…!?;\n")
_CLOSING = frozenset("”’」』）】》〉\"')]")


class SentenceEnds:
    """Which tokens of a vocabulary end a sentence, and which close a quotation after its end."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        texts = [tokenizer.decode([id_]) for id_ in range(tokenizer.vocab_size)]
        self._ends = np.array([text.endswith(_ENDS) for text in texts], np.bool_)
        self._closing = np.array([text in _CLOSING for text in texts], np.bool_)

    def after(self, ids: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Whether a sentence ends with each token; quotation marks after its end belong to it."""
        ends: NDArray[np.bool_] = self._ends[ids]
        closing: NDArray[np.bool_] = self._closing[ids]
        ends[1:] |= closing[1:] & ends[:-1]
        ends[:-1] &= ~closing[1:]
        return ends


def cut_samples(
    ends: NDArray[np.bool_], starts: NDArray[np.bool_], documents: NDArray[np.integer], limit: int
) -> NDArray[np.uint64]:
    """Bounds of the samples: tokens before each, and in all; documents' bounds are among them.

    A document of more than ``limit`` tokens is cut after the last sentence end that fits, provided that at
    least half of ``limit`` is used; else before the last word start that fits; else after ``limit`` tokens.

    Args:
        ends: whether a sentence ends with each token, shape [tokens].
        starts: whether a word starts with each token, shape [tokens].
        documents: tokens before each document, and in all, shape [documents + 1].
        limit: most tokens in a sample.
    """
    if np.diff(documents).max(initial=0) <= limit:
        return documents.astype(np.uint64)
    places = np.arange(len(ends) + 1)
    # The last place at or before each one where a sentence has ended, or a word starts.
    last_end = np.maximum.accumulate(np.where(np.append(False, ends), places, 0))
    last_start = np.maximum.accumulate(np.where(np.append(starts, True), places, 0))
    first, stop = documents[:-1].astype(np.int64), documents[1:].astype(np.int64)
    cuts = [documents.astype(np.int64)]
    # All documents advance by one sample at a time, together.
    while len(first := first[(long := stop - first > limit)]):
        stop = stop[long]
        cut = last_end[first + limit]
        cut = np.where(cut >= first + limit // 2, cut, last_start[first + limit])
        first = np.where(cut > first, cut, first + limit)
        cuts.append(first)
    return np.unique(np.concatenate(cuts)).astype(np.uint64)
