"""Keep evaluation texts out of training: find the documents that hold one, by character n-grams."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gaupt.config import CleanSource
from gaupt.corpus.cleaner import run_steps
from gaupt.errors import GauptError
from gaupt.files import atomic_write, read_jsonl_zst
from gaupt.text.characters import letters_of_one_writing
from gaupt.text.ngrams import Hashes, ngram_hashes

_FILTER_BITS = 26


class Excluded:
    """An index of the n-grams of the texts to keep out.

    A corpus holds a text as cleaning left it: lines of boilerplate removed, personal data masked. So each text goes
    through the same steps first. Texts and documents are then compared by their letters, digits and Chinese
    characters alone, in lower case and in simplified writing, whatever the corpus is written in. A text with fewer
    than ``n`` of them cannot be told from common phrases and is left out.

    Args:
        n: characters in an n-gram.
        hashes: the different n-grams of each text, ascending over all texts, shape [n-grams].
        text_of: the text of each, shape [n-grams].
        needed: how many of a text's n-grams make a document one that holds the text, shape [texts].
    """

    def __init__(
        self, n: int, hashes: Hashes, text_of: NDArray[np.int64], needed: NDArray[np.float64]
    ) -> None:
        self._n, self._hashes, self._text_of, self._needed = n, hashes, text_of, needed
        # Most n-grams of a corpus are in no text: one look-up here tells so.
        self._filter = np.zeros(1 << _FILTER_BITS, np.bool_)
        self._filter[hashes >> np.uint64(64 - _FILTER_BITS)] = True

    def save(self, path: Path) -> None:
        """Write the index, for `load_excluded`."""
        with atomic_write(path) as file:
            np.savez(file, n=self._n, hashes=self._hashes, text_of=self._text_of, needed=self._needed)

    def __len__(self) -> int:
        return len(self._needed)

    def holds_one(self, document: str) -> bool:
        """Whether ``document`` holds enough of an excluded text."""
        grams = _grams(document, self._n)
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


def _grams(text: str, n: int) -> Hashes:
    """Hashes of the n-grams of ``text``'s letters."""
    return ngram_hashes(letters_of_one_writing(text), n)


def read_excluded(paths: Iterable[Path], n: int, overlap: float, cleaned: CleanSource) -> Excluded:
    """Read the texts to keep out.

    Args:
        paths: files with them: JSON, JSON lines (also .zst), anything else line by line.
        n: characters in an n-gram.
        overlap: share of a text's different n-grams that make a document one that holds the text.
        cleaned: the steps that the documents went through.

    Raises:
        GauptError: a file is missing or cannot be read.
    """
    hashes: list[Hashes] = []
    for path in paths:
        for text in _texts(path):
            grams = np.unique(_grams(run_steps(text, cleaned).text, n))
            if len(grams):
                hashes.append(grams)
    sizes = np.array([len(grams) for grams in hashes], np.int64)
    every = np.concatenate(hashes) if hashes else np.zeros(0, np.uint64)
    order = np.argsort(every, kind="stable")
    text_of = np.repeat(np.arange(len(hashes)), sizes)[order]
    return Excluded(n, every[order], text_of, np.maximum(np.ceil(sizes * overlap), 1))


def load_excluded(path: Path) -> Excluded:
    """Load what `Excluded.save` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        return Excluded(int(arrays["n"]), arrays["hashes"], arrays["text_of"], arrays["needed"])


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
