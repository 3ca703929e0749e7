"""Traditional writing: told from simplified, and turned into it."""

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from gaupt.corpus.change.particle import with_particle
from gaupt.text import characters
from gaupt.text.characters import Counts, Kind

MANY = 5
"""So many traditional characters in a line are no name, and convert it even among twice as many simplified ones."""


def is_traditional(text: str, counts: Counts) -> bool:
    """Whether ``text`` holds more characters of traditional writing alone than of simplified alone."""
    return counts[Kind.TRADITIONAL] > 0 and counts[Kind.TRADITIONAL] > int(_simplified_only(text).sum())


def simplify(text: str, counts: Counts) -> str:
    """Turn traditional writing into simplified, and leave simplified text exactly as it is.

    OpenCC alone harms simplified text (覆盖 becomes 复盖), so that it is shown only traditional texts without their
    simplified lines, and the traditional lines of other texts.
    """
    if not counts[Kind.TRADITIONAL]:
        return text
    simplified = _simplified_only(text)
    if not simplified.any():
        return _simple(text)
    starts = [0, *(np.flatnonzero(characters.code_points(text) == ord("\n")) + 1)]
    here = np.add.reduceat(np.append(characters.kinds(text) == Kind.TRADITIONAL, False), starts, dtype=int)
    others = np.add.reduceat(np.append(simplified, False), starts, dtype=int)
    if here.sum() > others.sum():
        changes = (here > 0) | (others == 0)
    else:
        changes = (here > others) | ((here >= MANY) & (2 * here > others))
    lines = zip(text.split("\n"), changes, strict=True)
    return "\n".join(_simple(line) if change else line for line, change in lines)


def _simplified_only(text: str) -> npt.NDArray[np.bool_]:
    """Which characters of ``text`` are in simplified writing only, shape (len(text),)."""
    return _table()[characters.code_points(text)]


@cache
def _table() -> npt.NDArray[np.bool_]:
    table = np.zeros(0x110000, dtype=np.bool_)
    table[[ord(character) for character in characters.simplified_only()]] = True
    return table


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def _simple(text: str) -> str:
    converted: str = _converter().convert(text)
    return with_particle(converted) if "著" in converted else converted
