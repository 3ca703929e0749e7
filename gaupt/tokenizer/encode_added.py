"""Words that are cut out of a text before anything else looks at it, as the tokenizers library does it."""

import re
from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
from tokenizers import Tokenizer as FastTokenizer

from gaupt.tokenizer.encode import Encode, Encoded
from gaupt.tokenizer.fast import of_parts, parts_of


def added_words(fast: FastTokenizer) -> dict[str, int]:
    """The words by id that ``fast`` cuts out of a text wherever they are written so."""
    return {
        token.content: id_
        for id_, token in fast.get_added_tokens_decoder().items()
        if not (token.special or token.normalized or token.lstrip or token.rstrip or token.single_word)
    }


def without_words(fast: FastTokenizer) -> FastTokenizer:
    """A copy that cuts none of `added_words` out of a text."""
    words, parts = added_words(fast), parts_of(fast)
    parts["added_tokens"] = [token for token in parts["added_tokens"] if token["content"] not in words]
    return of_parts(parts, fast)


class AddedWordsEncode:
    """Cut ``words`` out, the leftmost first, of those that begin there the longest; ``rest`` encodes what is between.

    The names in ``special`` are text; a word inside of one is not found.
    """

    def __init__(self, words: Mapping[str, int], special: Sequence[str], rest: Encode) -> None:
        self._ids = dict(words)
        self._rest = rest
        names = sorted({*words, *special}, key=len, reverse=True)
        self._found = re.compile("|".join(map(re.escape, names)))

    def __call__(self, texts: Sequence[str]) -> Encoded:
        """See `gaupt.tokenizer.encode.Encode`."""
        parts = [self._parts(text) for text in texts]
        pieces = list(chain.from_iterable(parts))
        ids = np.array([self._ids[piece] if is_word else -1 for piece, is_word in pieces], np.int64)
        is_word = ids >= 0
        encoded = self._rest(["" if word else piece for piece, word in pieces])
        lengths = np.array([len(piece) for piece, _ in pieces], np.int64)
        counts = np.diff(encoded.offsets)
        # Where each piece begins in the texts joined, and in those of the rest, where words are no characters.
        begins = np.cumsum(lengths) - lengths
        moved = begins - (np.cumsum(lengths * ~is_word) - lengths * ~is_word)
        places = np.where(encoded.places < 0, -1, encoded.places + np.repeat(moved, counts))
        at = encoded.offsets[:-1][is_word]
        counts = counts + is_word
        per_text = np.cumsum([0, *map(len, parts)])
        return Encoded(
            np.insert(encoded.ids, at, ids[is_word]).astype(np.int32),
            np.insert(places, at, begins[is_word]),
            np.concatenate([[0], np.cumsum(counts)])[per_text],
        )

    def _parts(self, text: str) -> list[tuple[str, bool]]:
        """The text in parts, and whether each is a word."""
        parts, end = [], 0
        for match in self._found.finditer(text):
            if match[0] in self._ids:
                parts += [(text[end : match.start()], False), (match[0], True)]
                end = match.end()
        return [*parts, (text[end:], False)]
