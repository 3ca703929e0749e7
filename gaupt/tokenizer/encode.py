"""Texts to token ids and the place in the text where each token begins.

Engines with one result: sentencepiece itself for models of ours and a table for BERT's vocabularies
(`gaupt.tokenizer.encode_char`), which are the fastest, and the tokenizers library for every other. All read
a text as text: ``[MASK]`` in a corpus is six characters, never the special token.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from sentencepiece import SentencePieceProcessor
from tokenizers import Tokenizer as FastTokenizer

from gaupt.tokenizer.fast import copy_of


class Encoded(NamedTuple):
    """The tokens of several texts, one after the other."""

    ids: NDArray[np.int32]
    """Shape [tokens]."""
    places: NDArray[np.int64]
    """Index of the character where each token begins, in the texts joined; -1 inside a character, as a byte
    of it but the first. Shape [tokens]."""
    offsets: NDArray[np.int64]
    """Tokens before each text, and in all: shape [texts + 1]."""


def by_text(
    ids: NDArray[np.int32], places: NDArray[np.int64], repeated: NDArray[np.bool_], texts: Sequence[str]
) -> Encoded:
    """Tokens of ``texts`` joined by a character each, told apart; ``places`` [tokens] are in the joined text.

    ``repeated`` [tokens - 1]: whether a token begins in the character of the one before, which alone has its place.
    """
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    begins = np.cumsum(lengths + 1) - lengths - 1
    offsets = np.append(np.searchsorted(places, begins), len(places))
    places -= np.repeat(np.arange(len(texts)), np.diff(offsets))
    places[1:][repeated] = -1
    return Encoded(ids, places, offsets)


class Encode(Protocol):
    """Encode several texts at once, which is faster than one by one and gives the same."""

    def __call__(self, texts: Sequence[str]) -> Encoded: ...


class SentencePieceEncode:
    """Encode with a sentencepiece model that `gaupt.tokenizer.train` made: it covers every character."""

    def __init__(self, processor: SentencePieceProcessor) -> None:
        size = processor.get_piece_size()
        self._processor = processor
        self._lengths = np.zeros(size, np.int64)
        self._inside = np.zeros(size, np.bool_)
        for id_ in range(size):
            piece = processor.id_to_piece(id_)
            if processor.is_byte(id_):
                # Bytes of the form 10xxxxxx continue a character in UTF-8; the first byte stands for it.
                self._inside[id_] = int(piece[1:-1], 16) >> 6 == 0b10
                self._lengths[id_] = not self._inside[id_]
            else:
                self._lengths[id_] = len(piece)
        self._line_end: list[int] = processor.encode("\n")

    def __call__(self, texts: Sequence[str]) -> Encoded:
        # No piece crosses a line end, and sums of scores stay small and exact within a line.
        lines = [text.split("\n") for text in texts]
        encoded = iter(self._encode_lines([line for text in lines for line in text]))
        pieces: list[list[int]] = []
        counts = [0]
        for text in lines:
            start = len(pieces)
            for _ in text:
                pieces += (next(encoded), self._line_end)
            pieces.pop()
            counts.append(sum(map(len, pieces[start:])))
        offsets = np.cumsum(counts)
        ids = np.fromiter(chain.from_iterable(pieces), np.int32, int(offsets[-1]))
        lengths = self._lengths[ids]
        places = np.cumsum(lengths) - lengths
        places[self._inside[ids]] = -1
        return Encoded(ids, places, offsets)

    def _encode_lines(self, lines: list[str]) -> list[list[int]]:
        if len(lines) < 50:  # a batch starts a thread pool, which costs as much as some tens of lines
            return [self._processor.encode(line) for line in lines]
        encoded: list[list[int]] = self._processor.encode(lines, num_threads=1)
        return encoded


class FastEncode:
    """Encode with the tokenizers library."""

    def __init__(self, tokenizer: FastTokenizer) -> None:
        self._tokenizer = plain_copy(tokenizer)
        vocab = tokenizer.get_vocab(with_added_tokens=True)
        self._begins = np.zeros(max(vocab.values(), default=-1) + 1, np.bool_)
        """Whether a piece is the first byte of a character in UTF-8."""
        for byte in chain(range(0x80), range(0xC0, 0x100)):
            if (id_ := vocab.get(f"<0x{byte:02X}>")) is not None:
                self._begins[id_] = True

    def __call__(self, texts: Sequence[str]) -> Encoded:
        encodings = [self._tokenizer.encode(text, add_special_tokens=False) for text in texts]
        offsets = np.cumsum([0, *map(len, encodings)])
        ids = np.fromiter(chain.from_iterable(e.ids for e in encodings), np.int32, int(offsets[-1]))
        spans = np.fromiter(chain.from_iterable(self._spans(texts, encodings)), np.int64, 2 * len(ids))
        places, stops = spans[::2].copy(), spans[1::2]
        repeated = np.append(False, places[1:] == places[:-1])[: len(ids)]
        if (begins := self._begins[ids]).any():
            # The library gives all bytes of several unknown characters the place of the first: count them.
            counted = np.cumsum(begins)
            first = np.flatnonzero(~repeated)
            before: NDArray[np.int64] = np.repeat(
                (counted - begins)[first], np.diff(np.append(first, len(ids)))
            )
            places = np.minimum(places + np.maximum(counted - before - 1, 0), np.maximum(stops - 1, places))
            repeated = np.append(False, places[1:] == places[:-1])[: len(ids)]
        # Several tokens of one character (its bytes) all claim its place: it is the first one's.
        places[repeated] = -1
        return Encoded(ids, places, offsets)

    @staticmethod
    def _spans(texts: Sequence[str], encodings: Sequence[object]) -> Iterator[list[int]]:
        before = 0
        for text, encoding in zip(texts, encodings, strict=True):
            yield [before + place for span in encoding.offsets for place in span]  # type: ignore[attr-defined]
            before += len(text)


def plain_copy(tokenizer: FastTokenizer) -> FastTokenizer:
    """A copy that reads the names of special tokens as text, and cuts and pads nothing."""
    copy = copy_of(tokenizer)
    copy.encode_special_tokens = True
    return copy
