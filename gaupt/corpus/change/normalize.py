"""Unicode normalization for Chinese: one form for what looks the same, and full-width punctuation kept."""

import html
import re
import unicodedata
from typing import Literal

from gaupt.text import characters
from gaupt.text.characters import Counts, Kind

_WIDE = {**{code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code).isalnum()}, 0x3000: 0x20}
_WIDE_RUN = re.compile("[０-９Ａ-Ｚａ-ｚ\u3000]+")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f"
    "\ufeff\ufff9-\ufffc\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]+"
)
_BREAK = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_ODD_SPACE = "\t\xa0\u1680\u2000-\u200a\u202f\u205f"
_SPACES = re.compile(
    f" [ {_ODD_SPACE}]+|[{_ODD_SPACE}][ {_ODD_SPACE}]*"
)  # not a single plain space: it stays
_ENTITY = re.compile(r"&(?:#\d{2,6}|#x[0-9a-fA-F]{2,6}|[a-zA-Z]{2,8});")

Form = Literal["nfc", "nfkc"]


def normalize(text: str, counts: Counts, form: Form = "nfc") -> str:
    """``text`` with line feeds for line breaks, no blank lines, single spaces, no invisible characters.

    ``nfc`` narrows full-width letters, digits and spaces and leaves full-width punctuation, which is what
    Chinese text uses; ``nfkc`` narrows the punctuation too. ``counts`` as `characters.count` gives, so that
    steps without work are skipped.
    """
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(text)
        counts = characters.count(text)
    if counts[Kind.BREAK]:
        text = _BREAK.sub("\n", text)
    if counts[Kind.CONTROL] or counts[Kind.LATIN1] or counts[Kind.REPLACEMENT] or "\x7f" in text:
        text = _INVISIBLE.sub("", text).replace("\ufffd", "")
    if form == "nfkc":
        text = unicodedata.normalize("NFKC", text)
    else:
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
        if counts[Kind.WIDE]:
            text = _WIDE_RUN.sub(_narrow, text)
    if counts[Kind.SPACE] or counts[Kind.WIDE]:
        text = _SPACES.sub(" ", text)
    return "\n".join(filter(None, map(str.strip, text.split("\n"))))


def _narrow(match: re.Match[str]) -> str:
    return match[0].translate(_WIDE)
