"""Spaces between the characters or words of a text, as optical recognition and word segmentation leave them.

Chinese prose has none. A text, or a long line of one, is taken for prose that was spaced out where most neighbours are
a space apart and the little words that hold sentences together (的 了 是 …) stand among them. Lists of names, words or
characters have no such words; verses, headings and tables have longer words between the spaces.
"""

import re

import numpy as np

from gaupt.text import characters
from gaupt.text.characters import Counts, Kind

MIN_SHARE = 0.25
"""Spaces for each Chinese character, from which a text is looked at."""
MIN_GAPS = 8
"""Spaces between two Chinese characters, at least."""
MIN_LINE_GAPS = 20
"""The same for a line of a text that is not spaced out as a whole."""
SEGMENTED, SPELLED = 0.4, 0.8
"""Share of spaced neighbours: 0.5 where words of two characters are apart, 1 where characters are; 0.1 in verse."""
PARTICLES = 0.05, 0.5
"""Share of little words among the words, at least and at most: 0.08 to 0.2 in prose."""

_PARTICLES = frozenset("的了是在不这就也着那到说要会没都很把啊吗呢吧还被但而与之其以为者")
_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
_MARKS = "，。、；：？！…—“”‘’（）《》〈〉「」『』【】〔〕"
_WORD = re.compile(f"[{_HAN}]+")
_GAP = re.compile(
    f"(?<=[{_HAN}]) +(?=[{_HAN}])| +(?=[{_MARKS}])|(?<=[{_MARKS}]) +|(?<=[{_HAN}]) +(?=[,.!?;:](?:\\s|$))"
)
_AFTER_MARK = re.compile(f"(?<=[{_HAN}][,.!?;:]) +(?=[{_HAN}])")
_NUMBER = re.compile("(?<![0-9A-Za-z] )(?<![0-9A-Za-z])[0-9](?: [0-9])+(?= [年月日号时点分秒元个人岁名次种])")
_MARKED = re.compile(f"(?<=[{_HAN}])( ?)[，。；：？！,.;:?!]")
_IS_HAN = np.isin(np.arange(characters.KINDS), (Kind.HAN, Kind.RARE_HAN, Kind.TRADITIONAL))


def remove_spaces(text: str, counts: Counts) -> str:
    """``text`` without the spaces between Chinese characters and marks, where it or a line was spaced out.

    The spaces beside Latin words and numbers stay. ``text`` is normalized; ``counts`` as `characters.count` gives.
    """
    chinese = characters.chinese(counts)
    if counts[Kind.SPACE] < max(MIN_GAPS, MIN_SHARE * chinese) or 2.5 * chinese < characters.visible(counts):
        return text
    gaps, joints = _neighbours(text)
    if gaps < MIN_GAPS:
        return text
    if _is_spaced(text, gaps, joints):
        return _close(text, gaps, joints)
    if gaps < MIN_LINE_GAPS:
        return text
    return "\n".join(map(_close_line, text.split("\n")))


def _neighbours(text: str) -> tuple[int, int]:
    """How often two Chinese characters are a space apart, and how often they stand together."""
    kinds = characters.kinds(text)
    han, space = _IS_HAN[kinds], kinds == Kind.SPACE
    gaps = np.count_nonzero(han[:-2] & space[1:-1] & han[2:])
    return int(gaps), int(np.count_nonzero(han[:-1] & han[1:]))


def _is_spaced(text: str, gaps: int, joints: int) -> bool:
    share = gaps / (gaps + joints)
    if share < SEGMENTED:
        return False
    words = _WORD.findall(text)
    little = sum(word in _PARTICLES for word in words)
    marks = _MARKED.findall(text)
    if share < SPELLED and sum(map(len, marks)) < 0.7 * len(marks):
        return False  # segmented text has its marks apart as well
    return little >= 2 and PARTICLES[0] <= little / len(words) <= PARTICLES[1]


def _close_line(line: str) -> str:
    if line.count(" ") < MIN_LINE_GAPS:
        return line
    gaps, joints = _neighbours(line)
    return _close(line, gaps, joints) if gaps >= MIN_LINE_GAPS and _is_spaced(line, gaps, joints) else line


def _close(text: str, gaps: int, joints: int) -> str:
    if gaps >= SPELLED * (gaps + joints):
        text = _NUMBER.sub(lambda match: match[0].replace(" ", ""), text)
    return _AFTER_MARK.sub("", _GAP.sub("", text))
