"""Combining marks: of a run of them no more than a text can mean, since normalizing a run takes quadratic time."""

import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

from gaupt.text.characters import code_points

LONGEST = 30
"""Marks of a run that stay, as in Unicode's Stream-Safe Text Format (UAX 15); no writing has half as many."""


def cut_marks(text: str) -> str:
    """``text`` with the first `LONGEST` of each run of combining marks."""
    if len(text) <= LONGEST or text.isascii():
        return text
    points = code_points(text)
    marks = _table()[points]
    if np.count_nonzero(marks) <= LONGEST:
        return text
    places = np.arange(len(points))
    before = np.maximum.accumulate(np.where(marks, -1, places))  # the last character that is none
    kept = places - before <= LONGEST
    return text if kept.all() else points[kept].tobytes().decode("utf-32-le", "surrogatepass")


@cache
def _table() -> npt.NDArray[np.bool_]:
    """Which code points become a mark, or begin with one, in any form of normalization, shape (0x110000,)."""
    table = np.zeros(0x110000, dtype=np.bool_)
    # None is among ideographs, syllables, surrogates and private use, nor in the planes above the first.
    for code in (*range(0x300, 0x3400), *range(0xA000, 0xAC00), *range(0xF900, 0x20000)):
        table[code] = unicodedata.combining(unicodedata.normalize("NFKD", chr(code))[0]) > 0
    return table
