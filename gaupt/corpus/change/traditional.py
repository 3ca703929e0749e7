"""Traditional writing: told from simplified, and turned into it."""

import re
from functools import cache
from typing import Any

from gaupt.text import characters
from gaupt.text.characters import Counts, Kind


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


# Taiwan and Hong Kong write 著 for the particle 着 too, which ``t2s`` leaves: every 著 but that of these words.
_PARTICLE = re.compile(
    "(?<![显卓编原专论巨昭土译合拙遗所名新旧大主校撰知较共自])著(?![名作者称书述录有于论文译《])"
)


def _simple(text: str) -> str:
    converted: str = _converter().convert(text)
    return _PARTICLE.sub("着", converted) if "著" in converted else converted


TRADITIONAL_SHARE = 0.1
"""A text or line with this share of traditional-only characters among its Chinese ones is traditional."""


def is_traditional(counts: Counts) -> bool:
    """Whether a text with these counts is in traditional writing."""
    return counts[Kind.TRADITIONAL] >= max(1, TRADITIONAL_SHARE * characters.chinese(counts))


def simplify(text: str, counts: Counts) -> str:
    """Turn traditional writing into simplified, and leave simplified text exactly as it is.

    OpenCC alone harms simplified text (覆盖 becomes 复盖), so that it is shown only traditional texts and the
    traditional lines of others.
    """
    if not counts[Kind.TRADITIONAL]:
        return text
    if is_traditional(counts):
        return _simple(text)
    return "\n".join(
        _simple(line) if is_traditional(characters.count(line)) else line for line in text.split("\n")
    )
