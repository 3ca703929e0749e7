"""Lines that were broken at a fixed width, as in mails, old text files and text taken from PDFs, joined again.

Where a program broke the lines, those that go on end at nearly the same column, in the middle of a sentence as a
rule, and the shorter ones end a paragraph. Verses, lists, subtitles and code do not look like that: their lines end
where a phrase ends, or wherever they like. A text is taken as a whole: all of its paragraphs are joined, or none.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gaupt.corpus.change.entities import resolve
from gaupt.corpus.change.normalize import BREAK, Form, normalize
from gaupt.text import characters
from gaupt.text.characters import Counts, Kind

MIN_WIDTH, MAX_WIDTH = 40, 140
"""Columns of the width at which lines were broken; a Chinese character takes two."""
MAX_CHARACTERS = 95
"""Characters of a line of `MAX_WIDTH` columns, half of them Chinese."""
SLACK = 6
"""Columns that a full line may lack: a mark that must not begin the next line, a long word, unequal spaces."""
MIN_JOINS = 3
"""Lines that must go on."""
MIN_COLUMNS = 4
"""Pieces with spaces between them that make a line the row of a table."""
ROUNDS = 3
"""How often what was joined is looked at again."""

_INDENT = re.compile("[ \t\xa0\u2002\u2003\u3000]*")
_END = tuple("。！？!?；;：:…”」』）)》.")  # a paragraph may end here
_PAUSE = (*_END, *"，、,—")
_INSIDE = re.compile("[，。；：、！？“”《》,;:!?]|[.．] ?(?=[一-鿿])")
# Columns, frames, markup: such a line is not joined to its neighbours.
_ALONE = re.compile(
    r"#{1,6} |[|>│┃├┌└┏+*=~_-]{2}|[|>]|<[/!a-zA-Z]|:::|\.\. |[^\n]*(?:\t|\S   +\S|[│┃║─━═]{2})"
)
_COLUMN_GAP = re.compile("(?<=[一-鿿]) +(?=[一-鿿])")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
# A line that begins so begins a paragraph.
_ITEM = re.compile(
    r"[-*+•●■◆▪➢✓·○] |\d{1,3}[.)、．）]|[(（]?[一二三四五六七八九十百]{1,4}[)）、]|[(（]\d{1,3}[)）]|[①-⑳]"
    r"|[A-Ha-h][.．、)）]|第 ?[一二三四五六七八九十百千零〇\d]{1,5} ?[章节節回卷篇]"
)
_NARROW = (Kind.SPACE, Kind.LETTER, Kind.DIGIT, Kind.ASCII_SYMBOL, Kind.LATIN1)
_COLUMNS = np.full(characters.KINDS, 2)
_COLUMNS[list(_NARROW)] = 1
_COLUMNS[[Kind.CONTROL, Kind.LINE, Kind.BREAK]] = 0
_SPACED, _UNSPACED = re.compile("[一-鿿] [A-Za-z0-9]"), re.compile("[一-鿿][A-Za-z0-9]")
_WORD = re.compile(r"[!-~]*")


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    """Without the white space around it."""
    width: int
    """Columns, the indent included."""
    first: bool
    """Whether it is indented or follows a blank line, and so begins a paragraph."""
    item: bool
    """Whether it looks like the beginning of an item of a list."""
    alone: bool
    """Whether it looks like the row of a table, or markup."""


_Pair = tuple[_Line, _Line]
"""A line and the one below it, if no paragraph begins there."""


def join_lines(text: str, counts: Counts, form: Form = "nfc") -> str:
    """``text`` with each paragraph on one line, if its lines were broken at a fixed width; else ``text`` itself.

    Paragraphs are told by their indent or the blank lines between them; where a text has neither, by a line that
    is shorter than the others. ``counts`` as `characters.count` gives; ``form`` is that of
    `normalize`, which has not happened yet.
    """
    if not _may_be_broken(text, counts):
        return text
    lines = _lines(BREAK.sub("\n", resolve(text)))
    joined = _join(lines, marked=True) or text
    for _ in range(ROUNDS):  # what the next cleaning would see
        again = _join(_lines(normalize(joined, characters.count(joined), form)), marked=False)
        if again is None:
            break
        joined = again
    return joined


def _may_be_broken(text: str, counts: Counts) -> bool:
    """A quick look: Chinese prose, hardly anything in too long or too short lines, and some that end in a sentence."""
    breaks = counts[Kind.LINE] + counts[Kind.BREAK]
    if breaks < MIN_JOINS or 2 * characters.chinese(counts) < characters.visible(counts):
        return False
    if len(text) > MAX_CHARACTERS * (breaks + 1):
        return False
    long = middle = ended = unended = 0
    for line in text.split("\n") if not counts[Kind.BREAK] else text.splitlines():
        length = len(line)
        if length > MAX_CHARACTERS:
            long += length
        elif length > MIN_WIDTH // 2 - SLACK:
            middle += length
            if line.endswith(_END):
                ended += 1
            else:
                unended += 1
    return (
        unended >= max(MIN_JOINS, ended / 3)
        and 5 * long < len(text) < 2 * middle
        and _FENCE.search(text) is None
    )


def _lines(text: str) -> list[_Line | None]:
    """The lines of ``text``; None for a blank one."""
    ends = np.concatenate(([0], np.cumsum(_COLUMNS[characters.kinds(text)])))
    lines: list[_Line | None] = []
    start, after_blank = 0, True
    raw = text.split("\n")
    indents = [_INDENT.match(line)[0] for line in raw]  # type: ignore[index]
    least = min((_columns(i) for i, line in zip(indents, raw, strict=True) if len(line) > len(i)), default=0)
    for line, indent in zip(raw, indents, strict=True):
        body = line.strip()
        if body:
            width = int(ends[start + len(line.rstrip())] - ends[start])
            first = after_blank or _columns(indent) > least
            alone = _ALONE.match(body) is not None or len(_COLUMN_GAP.findall(body)) >= MIN_COLUMNS - 1
            lines.append(_Line(body, width, first, _ITEM.match(body) is not None, alone))
        else:
            lines.append(None)
        after_blank = not body
        start += len(line) + 1
    return lines


def _columns(indent: str) -> int:
    return sum(2 if c == "\u3000" else 4 if c == "\t" else 1 for c in indent)


def _join(lines: list[_Line | None], marked: bool) -> str | None:
    """The lines with what belongs together joined; None: they were not broken at a fixed width.

    ``marked``: whether an indent or a blank line begins a paragraph, else the end of a sentence ends one.
    """
    pairs = [
        (a, b) for a, b in pairwise(lines) if a and b and not (b.first or b.item or a.alone or b.alone)
    ]  # fmt: skip
    if len(pairs) < MIN_JOINS:
        return None
    width = _width([a.width for a, _ in pairs])
    if not MIN_WIDTH <= width <= MAX_WIDTH:
        return None
    full = [(a, b) for a, b in pairs if _is_full(a, b, width)]
    going_on = full if marked else [(a, b) for a, b in full if not a.text.endswith(_END)]
    if len(going_on) < MIN_JOINS or not _is_broken(full, pairs, [line for line in lines if line], width):
        return None
    follows = {id(b) for _, b in going_on}
    spaced = _has_spaces([line for line in lines if line])
    out = list[list[str]]()
    for line in lines:
        if line and id(line) in follows:
            out[-1] += _between(out[-1][-1][-1], line.text[0], spaced), line.text
        else:
            out.append([line.text if line else ""])
    return "\n".join(map("".join, out))


def _is_broken(full: list[_Pair], pairs: list[_Pair], lines: list[_Line], width: int) -> bool:
    """Whether a program broke the lines: what full lines and the others have in common where it did."""
    short = sum(not a.text.endswith(_END) for a, _ in pairs) - sum(not a.text.endswith(_END) for a, _ in full)
    return (
        sum(line.width > width + 2 for line in lines) <= 0.15 * len(lines)
        and sum(a.width > width - 3 for a, _ in full) >= 0.4 * len(full)
        and sum(a.text.endswith(_PAUSE) for a, _ in full) <= 0.4 * len(full)
        and sum(_INSIDE.search(a.text[1:-1]) is not None for a, _ in full) >= 0.7 * len(full)
        and short <= 0.35 * (len(full) + short)
    )


def _width(widths: list[int]) -> int:
    """The column at or shortly before which most of the lines end."""
    counts = np.bincount(widths)
    near = np.convolve(counts, np.ones(SLACK))[: len(counts)]
    return int(np.flatnonzero(near == near.max())[0])


def _is_full(line: _Line, following: _Line, width: int) -> bool:
    """Whether ``line`` was broken: nothing, or not the next word, had room left."""
    word: str = _WORD.match(following.text)[0]  # type: ignore[index]
    return -2 <= width - line.width < max(SLACK, len(word))


def _has_spaces(lines: list[_Line]) -> bool:
    """Whether the text has spaces between Chinese characters and Latin words."""
    text = "\n".join(line.text for line in lines)
    return len(_SPACED.findall(text)) > len(_UNSPACED.findall(text))


def _between(last: str, first: str, spaced: bool) -> str:
    """What stood where a line was broken between these two characters."""
    if last.isascii() and first.isascii():
        return "" if last in "-/" or (last.isdigit() and first.isdigit()) else " "
    latin = last.isascii() or first.isascii()
    return " " if spaced and latin and last.isalnum() and first.isalnum() else ""
