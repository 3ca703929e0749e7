"""RoFormer's tokenization of a corpus: normalized by table, cut by jieba once, and each word looked up once.

It gives what the tokenizers library gives with `gaupt.tokenizer.roformer.WordSplit`, which takes a slice of the text
for every word.
"""

import re
from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer as FastTokenizer
from tokenizers import models, normalizers

from gaupt.tokenizer.encode import Encoded, FastEncode, by_text, plain_copy
from gaupt.tokenizer.fast import in_python, parts_of
from gaupt.tokenizer.roformer import WordSplit

_REORDERED = re.compile(
    "[\u1715\u1734\u1b44\u1baa\u1bf2\u1bf3\u302e\u302f\ua953\ua9c0\U000111c0\U00011235\U0001134d\U000116b6\U0001193d"
    "\U000113cf\U00011f41\U00016ff0\U00016ff1\U0001d15e-\U0001d166\U0001d16d-\U0001d172\U0001d1bb-\U0001d1c0]"
)
"""Marks that the canonical order of Unicode 16 moves and BERT keeps: where they end up hangs on others."""
_REMEMBERED_WORDS = 500_000
_UNSEEN = -1
_Word = tuple[list[int], list[int]]
"""Ids of a word's tokens, and the character of the word where each begins."""


def is_roformer(fast: FastTokenizer) -> bool:
    """Whether a tokenizer is RoFormer's (`gaupt.tokenizer.roformer`), without tokens of its own."""
    return (
        in_python(fast)
        and isinstance(fast.model, models.WordPiece)
        and isinstance(fast.normalizer, normalizers.BertNormalizer)
        and all(token.special for token in fast.get_added_tokens_decoder().values())
    )


class RoFormerEncode:
    """Encode with a RoFormer's vocabulary of words (`is_roformer`)."""

    def __init__(self, fast: FastTokenizer) -> None:
        self._library = FastEncode(fast)
        copy = plain_copy(fast)
        assert copy.normalizer is not None
        self._normalize = copy.normalizer.normalize_str
        self._tokenize = copy.model.tokenize
        self._split = WordSplit(parts_of(fast)["model"]["vocab"])
        self._forms: dict[int, str] = {}
        """What characters become, those that change."""
        self._lengths = np.full(0x110000, _UNSEEN, np.int8)
        self._words: dict[str, _Word] = {}

    def __call__(self, texts: Sequence[str]) -> Encoded:
        """See `gaupt.tokenizer.encode.Encode`."""
        # A line end between texts separates words and is no token.
        joined = "\n".join(texts)
        if not joined.isascii() and _REORDERED.search(joined):
            return self._library(texts)
        characters = np.frombuffer(joined.encode("utf-32-le"), "<u4")
        lengths = self._lengths[characters]
        if (unseen := lengths == _UNSEEN).any():
            for character in np.unique(characters[unseen]).tolist():
                self._see(character)
            lengths = self._lengths[characters]
        words = self._split.cut(joined.translate(self._forms))
        known = self._words.get
        found = [known(word) or self._look_up(word) for word in words]
        counts = np.fromiter((len(ids) for ids, _ in found), np.int64, len(found))
        ids = np.fromiter(chain.from_iterable(ids for ids, _ in found), np.int32)
        inside = np.fromiter(chain.from_iterable(starts for _, starts in found), np.int64)
        ends = np.cumsum(np.fromiter(map(len, words), np.int64, len(words)))
        begins = np.append(0, ends[:-1])[: len(words)]
        origins = np.repeat(np.arange(len(lengths)), lengths)
        places: NDArray[np.int64] = origins[np.repeat(begins, counts) + inside]
        return by_text(ids, places, places[1:] == places[:-1], texts)

    def _see(self, character: int) -> None:
        form = self._normalize(chr(character))
        self._lengths[character] = len(form)
        if form != chr(character):
            self._forms[character] = form

    def _look_up(self, word: str) -> _Word:
        if len(self._words) >= _REMEMBERED_WORDS:
            self._words.clear()
        ids: list[int] = []
        starts: list[int] = []
        for start, stop in self._split.parts(word):
            part = word[start:stop]
            for token in self._tokenize(part):
                ids.append(token.id)
                # The library counts bytes.
                starts.append(start + len(part.encode()[: token.offsets[0]].decode()))
        self._words[word] = ids, starts
        return ids, starts
