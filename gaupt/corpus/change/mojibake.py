"""Text that was decoded in the wrong encoding: repair it where no byte was lost, tell where some were.

Method: few common characters (0.2 to 0.4 of the Chinese ones in mojibake, 0.95 and more in most real text) only
raise the suspicion, for a list of fish or an old poem has few too. What convicts a text is that the way back, from
its characters to the bytes of the wrong encoding and from these to characters of the right one, gives usual Chinese.
"""

import re
from collections import Counter
from functools import cache

import numpy as np
import numpy.typing as npt

from gaupt.corpus.change.latin import repair_latin
from gaupt.text import characters
from gaupt.text.characters import Counts, Kind

SUSPECT = 0.7
"""Below this share of common characters among the Chinese ones a text is tried for repair."""
HOPELESS = 0.5
"""Below this share it may be mojibake that lost bytes."""
USUAL, GAIN = 0.8, 0.2
"""The way back must make this share of a text usual, and so much more than was usual before."""
USUAL_REST, USUAL_PROSE, GAIN_OF_REST = 0.7, 0.5, 0.15
"""The same where bytes were lost, of the rest; less of what repeats its characters, as lists do not."""
MOST_LOST = 0.3
"""What is UTF-8 in all but this share of its characters was UTF-8, in whatever language."""

# What the wrong decoder was, what the right one is.
_ROUTES = (
    ("gb18030", "utf-8"),
    ("gb18030", "big5hkscs"),
    ("big5hkscs", "gb18030"),
    ("big5hkscs", "utf-8"),
    ("latin-1", "gb18030"),
    ("latin-1", "big5hkscs"),
)
# U+FFFD of lost bytes, and what stood between, as a reader of GBK sees them. Alone, 锟 is a character of names.
_SECOND = "".join(bytes((0xBD, byte)).decode("gbk") for byte in (*range(0x40, 0x7F), *range(0x80, 0xFF)))
_LAST = "".join(bytes((byte, 0xEF)).decode("gbk", "ignore") for byte in range(0x81, 0xFF))
_LOST = re.compile(f"(?:锟[{_SECOND}][{_LAST}]?拷|锟(?=锟))+(?:锟[{_SECOND}]?)?")
_OPENING, _CLOSING = frozenset("`'\"“‘「『《〈（([【"), frozenset("`'\"”’」』》〉）)]】")
# Uninitialized memory of C programs; three of them may be speech.
_UNINITIALIZED = re.compile("烫{6,}|屯{6,}")
_GAPS = re.compile("\ufffd+")
_NOT_CHINESE = re.compile("[^\u3400-\u9fff\U00020000-\U000323af]+")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_LATIN_TRACE = re.compile("[\xc0-\xff][\x80-\xbf]{2}")


def repair(text: str, counts: Counts) -> str:
    """``text`` with every mojibake that lost no byte turned back. ``counts`` as `characters.count` gives."""
    if counts[Kind.LATIN1] > 2:
        repaired = repair_latin(text)
        if counts[Kind.LATIN1] > 0.2 * characters.visible(counts):
            repaired = max(repaired, _best_route(text), key=usual_share)
        # Where these letters were no Latin-1, as à in Big5 that was read as GBK, the other ways back remain.
        if repaired != text:
            text, counts = repaired, characters.count(repaired)
    if _is_suspicious(counts, SUSPECT):
        text = _best_route(text)
    elif _has_foreign_lines(text, counts):
        text = "\n".join(
            _best_route(line) if _is_suspicious(characters.count(line), SUSPECT) else line
            for line in text.split("\n")
        )
    # One trace in a sound text goes; a text that is full of them has lost too much, see `is_mojibake`.
    lost = _lost(text) if counts[Kind.RARE_HAN] else []
    if len(lost) == 1 and lost[0][0].count("拷") == 1:
        text = text[: lost[0].start()] + text[lost[0].end() :]
    return text


def is_mojibake(text: str, counts: Counts) -> bool:
    """Whether ``text`` (after `repair`) is still broken."""
    if counts[Kind.REPLACEMENT] > max(2, 0.002 * len(text)) or (counts[Kind.RARE_HAN] and _lost(text)):
        return True
    if counts[Kind.LATIN1] > 2 and _LATIN_TRACE.search(text) is not None:
        return True
    if _is_suspicious(counts, HOPELESS):
        return _lost_bytes(text)
    if ("烫" * 6 in text or "屯" * 6 in text) and _rest_is_rare(text):
        return True
    return _has_foreign_lines(text, counts) and any(
        _is_suspicious(characters.count(line), HOPELESS) and _lost_bytes(line) for line in text.split("\n")
    )


def _is_suspicious(counts: Counts, share: float) -> bool:
    chinese = characters.chinese(counts)
    return chinese > max(5, counts[Kind.KANA]) and characters.common_share(counts) < share


def _rest_is_rare(text: str) -> bool:
    return characters.common_share(characters.count(_UNINITIALIZED.sub("", text))) < SUSPECT


def _has_foreign_lines(text: str, counts: Counts) -> bool:
    # What the comma, the full stop and quotation marks of UTF-8 begin with for a reader of GBK.
    rare = counts[Kind.RARE_HAN] + counts[Kind.TRADITIONAL]
    return rare > 2 and ("锛" in text or "銆" in text or "鈥" in text)


def _lost(text: str) -> list[re.Match[str]]:
    """The traces of lost bytes, without those that the text only speaks of: “锟斤拷”."""
    if "锟" not in text or "乱码" in text:
        return []
    return [trace for trace in _LOST.finditer(text) if "拷" in trace[0] and not _is_quoted(trace)]


def _is_quoted(trace: re.Match[str]) -> bool:
    text, start, end = trace.string, trace.start(), trace.end()
    return text[max(0, start - 1) : start] in _OPENING and text[end : end + 1] in _CLOSING


def _best_route(text: str) -> str:
    """The way back that gives the most usual text, if there is one."""
    if _is_list(text):
        return text
    best, share = text, max(USUAL, usual_share(text) + GAIN)
    for wrong, right in _ROUTES:
        try:
            candidate = text.encode(wrong).decode(right)
        except UnicodeError:
            continue
        if (new := usual_share(candidate)) > share and len(_PRIVATE.findall(candidate)) <= 0.02 * len(
            candidate
        ):
            counts = characters.count(candidate)
            if 2 * characters.chinese(counts) > characters.visible(counts):
                best, share = candidate, new
    return best


def _lost_bytes(text: str) -> bool:
    """Whether some way back gives usual Chinese with gaps, or UTF-8 of any language with few."""
    if _is_list(text):
        return False
    prose = len(text) > 60 and len(set(text)) < 0.8 * len(text)
    least = max(USUAL_PROSE if prose else USUAL_REST, usual_share(text) + GAIN_OF_REST)
    for wrong, right in _ROUTES:
        try:
            data = text.replace("\ufffd", "?").encode(wrong)
        except UnicodeError:
            continue
        # Gaps that were there before, U+FFFD in UTF-8, are none of this decoder.
        candidate = data.replace(b"\xef\xbf\xbd", b"").decode(right, "replace")
        points = characters.code_points(_GAPS.sub("\ufffd", candidate))
        points = points[points >= 0x80]
        rest = points[points != 0xFFFD]
        if right == "utf-8" and len(rest) >= (1 - MOST_LOST) * len(points):
            return True
        if len(np.unique(rest)) > 3 and _usual()[rest].mean() >= least:
            return True
    return False


def usual_share(text: str) -> float:
    """Share of common Chinese characters, simplified or traditional, and marks among those beyond ASCII."""
    points = characters.code_points(text)
    points = points[points >= 0x80]
    return float(_usual()[points].mean()) if len(points) else 1.0


@cache
def _usual() -> npt.NDArray[np.bool_]:
    table = np.zeros(0x110000, dtype=np.bool_)
    table[[ord(character) for character in characters.common_han()]] = True
    table[[ord(character) for character in "、。，；：？！…—·“”‘’「」『』《》〈〉（）【】　"]] = True
    return table


def _is_list(text: str) -> bool:
    """Whether ``text`` lists characters: each like the last, as a dictionary has them, or one mark between all."""
    points = characters.code_points(text).astype(np.int64)
    points = points[points >= 0x3400]
    if len(points) < 2:
        return False
    if (np.abs(np.diff(points)) < 0x100).mean() > 0.5:
        return True
    marks = Counter(_NOT_CHINESE.findall(text))
    return 3 * marks.total() > len(points) and max(marks.values()) > 0.6 * marks.total()
