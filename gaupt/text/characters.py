"""What the characters of a text are, counted in one vectorized pass.

Most rules need no regular expression: they look at these counts, and a document without, say, a single
full-width letter skips the step that narrows them.
"""

import unicodedata
from enum import IntEnum
from functools import cache

import numpy as np
import numpy.typing as npt

Counts = list[int]
"""How many characters of each `Kind`, indexed by it."""


class Kind(IntEnum):
    """The class of a character; every character has exactly one."""

    OTHER = 0
    SPACE = 1
    """White space other than the line feed."""
    LINE = 2
    """Line feed."""
    LETTER = 3
    """ASCII letter."""
    DIGIT = 4
    """ASCII digit."""
    ASCII_SYMBOL = 5
    """ASCII punctuation and symbols."""
    PUNCTUATION = 6
    """Chinese and general Unicode punctuation."""
    SYMBOL = 7
    """Mathematical, currency, pictographic and other symbols."""
    HAN = 8
    """Common Chinese character: level 1 of GB 2312 or of Big5."""
    RARE_HAN = 9
    """Any other Chinese character."""
    TRADITIONAL = 10
    """Chinese character that occurs in traditional writing only."""
    KANA = 11
    HANGUL = 12
    LATIN1 = 13
    """U+0080 to U+00FF: rare in Chinese, dense in UTF-8 that was read as Latin-1."""
    WIDE = 14
    """Full-width ASCII letter or digit, or the ideographic space."""
    CONTROL = 15
    """Control, format (zero-width, direction, byte order mark, variation selector), surrogate and private use."""
    BREAK = 16
    """A line break other than the line feed."""
    REPLACEMENT = 17
    """U+FFFD: bytes were lost when somebody decoded this text."""
    VARIANT = 18
    """Another form of a Chinese character or mark: radical, small, vertical or half-width."""


KINDS = len(Kind)
_HAN = (
    range(0x3007, 0x3008),
    range(0x3400, 0x4DC0),
    range(0x4E00, 0xA000),
    range(0xF900, 0xFB00),
    range(0x20000, 0x323B0),
)
_VARIANTS = ((0x2E80, 0x2FD5), (0xFE10, 0xFE19), (0xFE30, 0xFE6B), (0xFF61, 0xFF9F))


@cache
def common_han() -> frozenset[str]:
    """The characters of level 1 of GB 2312 (3,755) and of Big5 (5,401), from Python's own codecs."""
    rows = {bytes((row,)) for row in range(0xB0, 0xD8)}
    return frozenset(
        c
        for c in map(chr, range(0x4E00, 0xA000))
        if c.encode("gb2312", "ignore")[:1] in rows
        or b"\xa4\x40" <= c.encode("big5", "ignore") <= b"\xc6\x7e"
    )


@cache
def _simplified() -> dict[str, str]:
    """The characters that OpenCC simplifies, taken by themselves."""
    return _converted("t2s", [chr(code) for codes in _HAN for code in codes])


def _converted(config: str, han: list[str]) -> dict[str, str]:
    from opencc import OpenCC

    others = OpenCC(config).convert("\n".join(han)).split("\n")
    return {c: o for c, o in zip(han, others, strict=True) if c != o}


def traditional_only() -> frozenset[str]:
    """Characters that OpenCC simplifies and that GB 2312 does not hold.

    The second condition keeps characters with a life of their own in simplified writing (覆, 乾, 後).
    """
    return frozenset(c for c in _simplified() if not c.encode("gb2312", "ignore"))


def simplified_only() -> frozenset[str]:
    """Characters that OpenCC makes traditional and that Big5 does not hold.

    The second condition keeps characters with a life of their own in traditional writing (后, 里, 云).
    """
    found = _converted("s2t", sorted(set(_simplified().values())))  # others have no traditional form
    return frozenset(c for c in found if not c.encode("big5", "ignore"))


@cache
def _table() -> npt.NDArray[np.uint8]:
    """Kind of every code point, shape (0x110000,)."""
    table = np.zeros(0x110000, dtype=np.uint8)
    by_category = {
        "P": Kind.PUNCTUATION,
        "S": Kind.SYMBOL,
        "Z": Kind.SPACE,
        "C": Kind.CONTROL,
    }
    for code in (*range(0x10000), *range(0x1F000, 0x20000), *range(0xE0000, 0xE0200)):
        category = unicodedata.category(chr(code))
        # Unassigned (Cn) is newer than this Python's tables, not a control character.
        table[code] = by_category.get(category[0], Kind.OTHER) if category != "Cn" else Kind.OTHER
    for codes in _HAN:
        table[codes.start : codes.stop] = Kind.RARE_HAN
    table[[ord(c) for c in common_han()]] = Kind.HAN
    table[[ord(c) for c in traditional_only()]] = Kind.TRADITIONAL
    table[0x3041:0x3097] = table[0x30A1:0x30FB] = table[0x31F0:0x3200] = Kind.KANA
    table[0xAC00:0xD7A4] = table[0x1100:0x1200] = table[0x3131:0x318F] = Kind.HANGUL
    table[0x80:0x100] = Kind.LATIN1
    table[[0xB7, 0xD7, 0xB0, 0xB1]] = Kind.SYMBOL  # · × ° ±, at home in Chinese text
    table[0xA0] = Kind.SPACE
    for code in range(0x21, 0x7F):
        table[code] = (
            Kind.DIGIT if chr(code).isdigit() else Kind.LETTER if chr(code).isalpha() else Kind.ASCII_SYMBOL
        )
    table[[0x20, 0x09]] = Kind.SPACE
    table[0x0A] = Kind.LINE
    table[[0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029]] = Kind.BREAK
    table[0xFF10:0xFF1A] = table[0xFF21:0xFF3B] = table[0xFF41:0xFF5B] = Kind.WIDE
    table[0x3000] = Kind.WIDE
    table[0xF0000:] = Kind.CONTROL
    table[0xFE00:0xFE10] = table[0xE0100:0xE01F0] = Kind.CONTROL  # variation selectors
    table[0xFFFD] = Kind.REPLACEMENT
    for first, last in _VARIANTS:
        table[first : last + 1] = Kind.VARIANT
    return table


def code_points(text: str) -> npt.NDArray[np.uint32]:
    """The code points of ``text``, shape (len(text),)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def kinds(text: str) -> npt.NDArray[np.uint8]:
    """The `Kind` of every character, shape (len(text),)."""
    return _table()[code_points(text)]


def count(text: str) -> Counts:
    """How many characters of each `Kind` there are."""
    found: Counts = np.bincount(kinds(text), minlength=KINDS).tolist()
    return found


_NO_LETTERS = (
    Kind.SPACE,
    Kind.LINE,
    Kind.BREAK,
    Kind.CONTROL,
    Kind.ASCII_SYMBOL,
    Kind.PUNCTUATION,
    Kind.SYMBOL,
    Kind.WIDE,
    Kind.VARIANT,
)
_LETTERS = ~np.isin(np.arange(KINDS), _NO_LETTERS)


def letters(text: str) -> npt.NDArray[np.uint32]:
    """Lower-case letters, digits and Chinese characters of ``text``: what makes two texts the same."""
    points = code_points(text.lower())
    return points[_LETTERS[_table()[points]]]


@cache
def _one_writing() -> npt.NDArray[np.uint32]:
    """The simplified character of every code point, shape (0x110000,); itself for what is none."""
    table = np.arange(0x110000, dtype=np.uint32)
    for character, simple in _simplified().items():
        table[ord(character)] = ord(simple)
    table[ord("著")] = ord("着")  # one particle, written either way in traditional text
    return table


def simplified(text: str) -> str:
    """``text`` in simplified writing, each character by itself, so that places stay what they were."""
    return text.translate(_simplifying())


@cache
def _simplifying() -> dict[int, str]:
    return str.maketrans(_simplified())


def letters_of_one_writing(text: str) -> npt.NDArray[np.uint32]:
    """`letters`, with simplified characters for traditional ones: what two texts in any writing share.

    Each character is taken by itself, so that 乾 becomes 干 in a name too: good for comparing, not for reading.
    """
    return _one_writing()[letters(text)]


def chinese(counts: Counts) -> int:
    """Chinese characters of any kind."""
    return counts[Kind.HAN] + counts[Kind.RARE_HAN] + counts[Kind.TRADITIONAL]


def visible(counts: Counts) -> int:
    """Characters that are not white space."""
    return sum(counts) - counts[Kind.SPACE] - counts[Kind.LINE] - counts[Kind.BREAK]


def common_share(counts: Counts) -> float:
    """Share of common characters among the Chinese ones: over 0.9 in real text, under 0.5 in mojibake."""
    han = chinese(counts)
    if not han:
        return 1.0
    # Most traditional-only characters are common in traditional text, but mojibake is rich in them too: they
    # count only where the other characters are common.
    rare, common = counts[Kind.RARE_HAN], counts[Kind.HAN]
    traditional = counts[Kind.TRADITIONAL] if rare <= 0.15 * (rare + common) else 0
    return (common + traditional) / han
