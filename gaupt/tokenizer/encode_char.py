"""BERT's tokenization of Chinese by table: one look-up a character, the library only for other scripts.

In BERT's normalization and splitting, Chinese characters, punctuation and white space are tokens or
separators wherever they stand. What each character is, the tokenizers library itself is asked once, when the
character is first seen; runs of everything else (Latin words, digits, combining marks, control characters)
go to the library whole, but for plain ASCII words, and are remembered.
"""

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer as FastTokenizer

from gaupt.tokenizer.encode import Encoded, by_text, plain_copy
from gaupt.tokenizer.fast import in_python, parts_of

_SEPARATOR, _IN_RUN, _UNSEEN = -1, -2, -3
_REMEMBERED_RUNS = 200_000
_Run = tuple[list[int], list[int]]
"""Ids of a run's tokens, and the character of the run where each begins."""


def is_bert(fast: FastTokenizer) -> bool:
    """Whether a tokenizer is BERT's: its normalization and splitting, WordPiece, no tokens of its own."""
    parts = parts_of(fast)
    normalizer = parts["normalizer"] or {}
    return (
        not in_python(fast)
        and parts["model"]["type"] == "WordPiece"
        and parts["model"]["unk_token"] in parts["model"]["vocab"]
        and normalizer.get("type") == "BertNormalizer"
        and bool(normalizer["clean_text"] and normalizer["handle_chinese_chars"])
        and (parts["pre_tokenizer"] or {}).get("type") == "BertPreTokenizer"
        and all(token["special"] for token in parts["added_tokens"])
    )


class CharEncode:
    """Encode with a BERT vocabulary (`is_bert`)."""

    def __init__(self, fast: FastTokenizer) -> None:
        self._fast = plain_copy(fast)
        self._table = np.full(0x110000, _UNSEEN, np.int32)
        self._runs: dict[str, _Run] = {}
        parts = parts_of(fast)
        self._vocab: dict[str, int] = parts["model"]["vocab"]
        self._prefix: str = parts["model"]["continuing_subword_prefix"]
        self._unknown = self._vocab[parts["model"]["unk_token"]]
        self._longest_word: int = parts["model"]["max_input_chars_per_word"]
        self._longest_piece = max(map(len, self._vocab))
        self._lowercase: bool = parts["normalizer"]["lowercase"]

    def __call__(self, texts: Sequence[str]) -> Encoded:
        # A line end between texts separates words and is no token.
        joined = "\n".join(texts)
        characters = np.frombuffer(joined.encode("utf-32-le"), "<u4")
        kinds = self._table[characters]
        if (unseen := kinds == _UNSEEN).any():
            for character in np.unique(characters[unseen]).tolist():
                self._table[character] = self._classify(chr(character))
            kinds = self._table[characters]
        places = np.flatnonzero(kinds >= 0)
        ids: NDArray[np.int32] = kinds[places]
        if (in_run := kinds == _IN_RUN).any():
            run_ids, run_places = self._encode_runs(joined, in_run)
            places = np.concatenate([places, run_places])
            order = np.argsort(places, kind="stable")
            places, ids = places[order], np.concatenate([ids, run_ids])[order]
            # Several tokens of one character all claim its place: it is the first one's.
            repeated = places[1:] == places[:-1]
        else:
            repeated = np.zeros(max(len(places) - 1, 0), np.bool_)
        return by_text(ids, places, repeated, texts)

    def _encode_runs(
        self, text: str, in_run: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        bounds = np.flatnonzero(np.diff(in_run, prepend=False, append=False))
        starts, stops = bounds[::2], bounds[1::2]
        known = self._runs.get
        spans = zip(starts.tolist(), stops.tolist(), strict=True)
        # Once for every Latin word of a corpus: a look-up, and no call for a known word.
        ids, places = zip(*[known(run := text[a:b]) or self._encode_run(run) for a, b in spans], strict=True)
        counts = np.fromiter(map(len, ids), np.int64, len(ids))
        flat_ids = np.fromiter(chain.from_iterable(ids), np.int32)
        flat_places = np.fromiter(chain.from_iterable(places), np.int64)
        return flat_ids, flat_places + np.repeat(starts, counts)

    def _encode_run(self, text: str) -> _Run:
        if len(self._runs) >= _REMEMBERED_RUNS:
            self._runs.clear()
        if text.isascii() and text.isalnum():
            run = self._encode_ascii_word(text)
        else:
            encoding = self._fast.encode(text, add_special_tokens=False)
            run = encoding.ids, [start for start, _ in encoding.offsets]
        self._runs[text] = run
        return run

    def _encode_ascii_word(self, word: str) -> _Run:
        """WordPiece by longest match, which costs less than a call of the library for so short a text."""
        if self._lowercase:
            word = word.lower()
        ids: list[int] = []
        starts: list[int] = []
        start = 0
        while start < len(word) <= self._longest_word:
            prefix = self._prefix if start else ""
            for stop in range(min(len(word), start + self._longest_piece), start, -1):
                id_ = self._vocab.get(prefix + word[start:stop])
                if id_ is not None:
                    break
            else:
                break
            ids.append(id_)
            starts.append(start)
            start = stop
        return (ids, starts) if start == len(word) else ([self._unknown], [0])

    def _classify(self, character: str) -> int:
        """The id of a character that is always a token, _SEPARATOR, or _IN_RUN."""
        normalizer, pre_tokenizer = self._fast.normalizer, self._fast.pre_tokenizer
        around = pre_tokenizer.pre_tokenize_str(normalizer.normalize_str(f"a{character}a"))
        pieces = [piece for piece, _ in around]
        if pieces == ["a", "a"]:
            return _SEPARATOR
        if len(pieces) == 3:
            ids: list[int] = self._fast.encode(character, add_special_tokens=False).ids
            if len(ids) == 1:
                return ids[0]
        return _IN_RUN
