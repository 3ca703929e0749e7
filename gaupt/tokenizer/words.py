"""Chinese words: jieba's segmentation, through its Rust port by default.

Words are what whole-word masking masks and what no piece of a sentencepiece vocabulary crosses.
rjieba reads the same dictionary and model as jieba and is many times as fast; the two differ only inside
runs of ASCII such as ``TiO2-xNy``, which are repaired here.
"""

import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from itertools import chain, pairwise
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gaupt.errors import GauptError

Engine = Literal["rjieba", "jieba"]
WordBounds = Callable[[Sequence[str]], NDArray[np.bool_]]
"""Whether a word starts at each character of several texts joined, shape [characters]; a text starts one."""

DELIMITER = "\x1f"
"""Stands between the words of a training line; sentencepiece lets no piece cross it."""
_LATIN_SPACE = re.compile(rf"{DELIMITER} {DELIMITER}(?=[A-Za-z])")
# A word in which rjieba may keep together what jieba splits: ASCII with one of jieba's joining signs.
_ASCII_RUN = re.compile(r"[a-zA-Z0-9+#&._%\-]+")
_JOINING_SIGNS = np.isin(np.arange(129), [ord(sign) for sign in "+#&._%-"])
# Where jieba's model for unknown words splits what is not Chinese (jieba.finalseg.re_skip).
_PART = re.compile(r"[a-zA-Z0-9]+(?:\.\d+)?%?")
_REMEMBERED_RUNS = 100_000


@cache
def load_words(engine: Engine = "rjieba", user_dictionary: Path | None = None) -> WordBounds:
    """The segmenter: `engine` with its own dictionary, and the words of ``user_dictionary`` added.

    A user dictionary is jieba's: UTF-8, a line is ``word [frequency] [tag]``.

    Raises:
        GauptError: the user dictionary cannot be read (file and line are named).
    """
    entries = [] if user_dictionary is None else _read_user_dictionary(user_dictionary)
    return _load_rjieba(entries) if engine == "rjieba" else _load_jieba(entries)


def split_words(text: str, words: WordBounds) -> list[str]:
    """The words of ``text``; joined, they are the text again."""
    starts = [*np.flatnonzero(words([text])).tolist(), len(text)]
    return [text[start:end] for start, end in pairwise(starts)]


def delimited(line: str, words: WordBounds) -> str:
    """The words of ``line`` with delimiters between; a space joins the Latin word after it."""
    line = line.replace(DELIMITER, "")
    return _LATIN_SPACE.sub(f"{DELIMITER} ", DELIMITER.join(split_words(line, words)))


def _load_rjieba(entries: list[tuple[str, int | None]]) -> WordBounds:
    import rjieba

    # A dictionary takes a tenth of a second and 30 MB to build, and rjieba comes with one.
    jieba = rjieba.Jieba() if entries else rjieba
    for word, frequency in entries:
        jieba.add_word(word, frequency, None)

    @lru_cache(_REMEMBERED_RUNS)
    def cuts_of(word: str) -> list[int]:
        """Where jieba splits a word that rjieba does not, by characters from its start."""
        if not _ASCII_RUN.fullmatch(word) or jieba.has_word(word):
            return []
        return [place for part in _PART.finditer(word) for place in part.span() if place < len(word)]

    def word_bounds(texts: Sequence[str]) -> NDArray[np.bool_]:
        bounds = _bounds(map(jieba.cut, texts), texts)
        joined = "".join(texts)
        characters = np.frombuffer(joined.encode("utf-32-le"), "<u4")
        signs = np.flatnonzero(_JOINING_SIGNS[np.minimum(characters, 128)])
        starts = np.flatnonzero(bounds)
        # The words with a sign in them.
        numbers = np.unique(np.searchsorted(starts, signs, "right") - 1)
        first, stop = starts[numbers], np.append(starts, len(joined))[numbers + 1]
        for start, end in np.stack((first, stop), 1).tolist():
            for cut in cuts_of(joined[start:end]):
                bounds[start + cut] = True
        return bounds

    return word_bounds


def _load_jieba(entries: list[tuple[str, int | None]]) -> WordBounds:
    with warnings.catch_warnings():
        # Its patterns are written so that later versions of Python warn when they compile it.
        warnings.simplefilter("ignore", SyntaxWarning)
        import jieba

    tokenizer = jieba.Tokenizer()
    # jieba would unmarshal a cache from the temporary folder that everybody may write: build it instead.
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    for word, frequency in entries:
        tokenizer.add_word(word, frequency)
    return lambda texts: _bounds(map(tokenizer.lcut, texts), texts)


def _bounds(words: Iterable[list[str]], texts: Sequence[str]) -> NDArray[np.bool_]:
    bounds = np.zeros(sum(map(len, texts)) + 1, np.bool_)
    bounds[0] = True
    bounds[np.cumsum(np.fromiter(map(len, chain.from_iterable(words)), np.int64))] = True
    return bounds[:-1]


def _read_user_dictionary(path: Path) -> list[tuple[str, int | None]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise GauptError(f"cannot read the user dictionary {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise GauptError(f"the user dictionary {path} is not UTF-8; convert it") from None
    entries: list[tuple[str, int | None]] = []
    for number, line in enumerate(lines, 1):
        fields = line.split()
        if not fields:
            continue
        if len(fields) > 1 and fields[1].isdecimal():
            entries.append((fields[0], int(fields[1])))
        elif len(fields) <= 2:
            entries.append((fields[0], None))
        else:
            raise GauptError(f"{path}:{number}: expected 'word [frequency] [tag]', got {line.strip()!r}")
    return entries
