"""Text that was decoded in the wrong encoding: repair it where no byte was lost, tell where some were.

Method: real Chinese text consists of common characters (0.95 of them and more in level 1 of GB 2312 or Big5),
mojibake does not (0.2 to 0.4), so that the share of common characters tells both that a text is broken and
whether re-encoding mended it.
"""

import re

from gaupt.text import characters
from gaupt.text.characters import Counts, Kind

SUSPECT = 0.7
"""Below this share of common characters among the Chinese ones a text is tried for repair."""
HOPELESS = 0.5
"""Below this share it is called mojibake."""

# UTF-8 that was read as Latin-1 or Windows-1252: every byte became one of these characters.
_CP1252 = {
    bytes((byte,)).decode("cp1252"): byte
    for byte in range(0x80, 0xA0)
    if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_LATIN_RUN = re.compile(f"[\x80-\xff{''.join(map(re.escape, _CP1252))}]{{2,}}")
_LATIN_TRACE = re.compile("[\xc0-\xff][\x80-\xbf]{2}")
# What GBK readers see where UTF-8 replacement characters stood, and uninitialized memory of C programs.
_LOST = re.compile("锟斤拷|锟斤|锟|烫烫烫|屯屯屯|锘锘")
# What the wrong decoder was, what the right one is.
_ROUTES = (
    ("gb18030", "utf-8"),
    ("gb18030", "big5hkscs"),
    ("big5hkscs", "gb18030"),
    ("big5hkscs", "utf-8"),
    ("latin-1", "gb18030"),
    ("latin-1", "big5hkscs"),
)


def repair(text: str, counts: Counts) -> str:
    """``text`` with every mojibake that lost no byte turned back. ``counts`` as `characters.count` gives."""
    if counts[Kind.LATIN1] > 2:
        repaired = _LATIN_RUN.sub(_repair_run, text)
        if repaired == text and counts[Kind.LATIN1] > 0.2 * characters.visible(counts):
            repaired = _best_route(text, SUSPECT)
        text = repaired
    elif characters.chinese(counts) > 5 and characters.common_share(counts) < SUSPECT:
        text = _best_route(text, characters.common_share(counts))
    # One trace in a sound text goes; a text that is full of them has lost too much, see `is_mojibake`.
    return _LOST.sub("", text) if _has_lost(text) and len(_LOST.findall(text)) == 1 else text


def is_mojibake(text: str, counts: Counts) -> bool:
    """Whether ``text`` (after `repair`) is still broken."""
    if counts[Kind.REPLACEMENT] > max(2, 0.002 * len(text)):
        return True
    if _has_lost(text) or (counts[Kind.LATIN1] > 2 and _LATIN_TRACE.search(text) is not None):
        return True
    return characters.chinese(counts) > 5 and characters.common_share(counts) < HOPELESS


def _has_lost(text: str) -> bool:
    return "锟" in text or "烫烫烫" in text or "屯屯屯" in text or "锘锘" in text


def _repair_run(match: re.Match[str]) -> str:
    data = bytes(_CP1252.get(c, ord(c) & 0xFF) for c in match[0])
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and error.start > 0:
            return data[: error.start].decode("utf-8")  # the text was cut inside a character
        return match[0]


def _best_route(text: str, share: float) -> str:
    """The re-encoding of ``text`` with the most common characters, if its share beats ``share``."""
    best = text
    for wrong, right in _ROUTES:
        try:
            candidate = text.encode(wrong).decode(right)
        except UnicodeError:
            continue
        counts = characters.count(candidate)
        new = characters.common_share(counts)
        mostly_chinese = 2 * characters.chinese(counts) > characters.visible(counts)
        if mostly_chinese and new > max(share, SUSPECT):
            best, share = candidate, new
    return best
