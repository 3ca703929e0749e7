"""Keep evaluation texts out of training: find the documents that hold one, by character n-grams."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gaupt.errors import GauptError
from gaupt.files import read_jsonl_zst

_FILTER_BITS = 26
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


class Excluded:
    """An index of the n-grams of the texts to keep out.

    Texts are compared by their letters, digits and Chinese characters alone, in lower case. A text with fewer
    than ``n`` of them cannot be told from common phrases and is left out.

    Args:
        paths: files to read the texts from: JSON, JSON lines (also .zst), anything else line by line.
        n: characters in an n-gram.
        overlap: share of a text's different n-grams that make a document one that holds the text.

    Raises:
        GauptError: a file is missing or cannot be read.
    """

    def __init__(self, paths: tuple[Path, ...], n: int, overlap: float) -> None:
        self._n = n
        self._letters = _letter_table()
        hashes: list[NDArray[np.uint64]] = []
        for path in paths:
            for text in _texts(path):
                grams = np.unique(self._grams(text))
                if len(grams):
                    hashes.append(grams)
        sizes = np.array([len(grams) for grams in hashes], np.int64)
        self._needed = np.maximum(np.ceil(sizes * overlap), 1)
        every = np.concatenate(hashes) if hashes else np.zeros(0, np.uint64)
        order = np.argsort(every, kind="stable")
        self._hashes = every[order]
        self._text_of = np.repeat(np.arange(len(hashes)), sizes)[order]
        # Most n-grams of a corpus are in no text: one look-up here tells so.
        self._filter = np.zeros(1 << _FILTER_BITS, np.bool_)
        self._filter[self._hashes >> np.uint64(64 - _FILTER_BITS)] = True

    def __len__(self) -> int:
        return len(self._needed)

    def holds_one(self, document: str) -> bool:
        """Whether ``document`` holds enough of an excluded text."""
        grams = self._grams(document)
        grams = np.unique(grams[self._filter[grams >> np.uint64(64 - _FILTER_BITS)]])
        if not len(grams):
            return False
        first = np.searchsorted(self._hashes, grams, "left")
        count = np.searchsorted(self._hashes, grams, "right") - first
        if not count.any():
            return False
        places = np.repeat(first - (np.cumsum(count) - count), count) + np.arange(count.sum())
        texts, found = np.unique(self._text_of[places], return_counts=True)
        return bool((found >= self._needed[texts]).any())

    def _grams(self, text: str) -> NDArray[np.uint64]:
        """Hashes of the n-grams of ``text``'s letters."""
        letters = self._letters[np.frombuffer(text.encode("utf-32-le"), "<u4")]
        letters = letters[letters > 0].astype(np.uint64)
        count = len(letters) - self._n + 1
        if count <= 0:
            return np.zeros(0, np.uint64)
        hashes = np.zeros(count, np.uint64)
        with np.errstate(over="ignore"):
            for offset in range(self._n):
                hashes = (hashes ^ letters[offset : offset + count]) * _FACTOR
                hashes ^= hashes >> np.uint64(29)
        return hashes


def _letter_table() -> NDArray[np.uint32]:
    """Each character in lower case where it is a letter or digit, else 0."""
    table = np.zeros(0x110000, np.uint32)
    for code in range(0x110000):
        character = chr(code)
        if character.isalnum():
            lower = character.lower()
            table[code] = ord(lower) if len(lower) == 1 else code
    return table


def _texts(path: Path) -> Iterator[str]:
    try:
        if path.name.endswith(".jsonl.zst"):
            for record in read_jsonl_zst(path):
                yield from _strings(record)
        elif path.suffix in (".jsonl", ".json"):
            data = path.read_text(encoding="utf-8-sig")
            try:
                yield from _strings(json.loads(data))
            except ValueError:
                for line in filter(str.strip, data.split("\n")):
                    yield from _strings(json.loads(line))
        else:
            for line in path.read_text(encoding="utf-8-sig").split("\n"):
                yield from line.split("\t")
    except OSError as error:
        raise GauptError(f"cannot read {path} to exclude its texts: {error.strerror or error}") from None
    except ValueError as error:
        raise GauptError(f"cannot read {path} to exclude its texts: {error}") from None


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
