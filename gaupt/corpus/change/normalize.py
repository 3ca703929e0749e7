"""Unicode normalization for Chinese: one form for what looks the same, and full-width punctuation kept."""

import re
import unicodedata
from typing import Literal

from gaupt.corpus.change.entities import resolve
from gaupt.corpus.change.variants import from_private_use, unify
from gaupt.text import characters
from gaupt.text.characters import Counts, Kind
from gaupt.text.marks import LONGEST, cut_marks

_WIDE = {**{code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code).isalnum()}, 0x3000: 0x20}
_WIDE_RUN = re.compile("[０-９Ａ-Ｚａ-ｚ\u3000]+")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0e\ufeff\ufff9-\ufffd\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]+"
)
# What joins and colours emoji stays between them; a character of ⓪ to 🫿 with the category So is one. Keycaps: 1️⃣
_EMOJI = "©®‼⁉™ℹ↔-⇿⌀-⏿▪-➿⤴⤵⬅-⭕〰〽㊗㊙🀀-🫿"
_JOINERS = re.compile(
    f"(?<![{_EMOJI}])(?<![{_EMOJI}]\ufe0f)\u200d|\u200d(?![{_EMOJI}])|(?<![{_EMOJI}])(?<![0-9#*](?=\ufe0f\u20e3))\ufe0f"
)
BREAK = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
"""A line break other than the line feed."""
_ODD_SPACE = "\t\xa0\u1680\u2000-\u200a\u202f\u205f"
_SPACES = re.compile(
    f" [ {_ODD_SPACE}]+|[{_ODD_SPACE}][ {_ODD_SPACE}]*"
)  # not a single plain space: it stays

Form = Literal["nfc", "nfkc"]
ROUNDS = 8
"""How often entities inside of entities are resolved, at most."""


def normalize(text: str, counts: Counts, form: Form = "nfc") -> str:
    """``text`` with line feeds for line breaks, no blank lines, single spaces, no invisible ones, no heaps of marks.

    Entities are resolved and variants of characters unified. ``nfc`` narrows full-width letters, digits and
    spaces and leaves full-width punctuation, which is what Chinese text uses; ``nfkc`` narrows the punctuation
    too. ``counts`` as `characters.count` gives, so that steps without work are skipped.
    """
    resolved = resolve(text)
    if resolved != text:
        counts = characters.count(resolved)
    for _ in range(ROUNDS):
        text = _normalize(resolved, counts, form)
        resolved = resolve(text)  # what went may have stood inside of an entity
        if resolved == text:
            break
        counts = characters.count(resolved)
    return text


def _normalize(text: str, counts: Counts, form: Form) -> str:
    if counts[Kind.BREAK]:
        text = BREAK.sub("\n", text)
    if counts[Kind.CONTROL] or counts[Kind.LATIN1] or counts[Kind.REPLACEMENT]:
        if counts[Kind.CONTROL] and (assigned := from_private_use(text)) != text:
            text, counts = assigned, characters.count(assigned)
        text = _INVISIBLE.sub("", text)
        if "\u200d" in text or "\ufe0f" in text:
            text = _JOINERS.sub("", text)
    if counts[Kind.WIDE]:
        text = _WIDE_RUN.sub(_narrow, text)
    if counts[Kind.OTHER] + counts[Kind.VARIANT] > LONGEST:  # of one of these kinds are all combining marks
        text = cut_marks(text)
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    if counts[Kind.VARIANT]:
        text = unify(text, counts)
    if form == "nfkc":
        text = unicodedata.normalize("NFKC", text)
    if counts[Kind.SPACE] or counts[Kind.WIDE]:
        text = _SPACES.sub(" ", text)
    return "\n".join(filter(None, map(str.strip, text.split("\n"))))


def _narrow(match: re.Match[str]) -> str:
    return match[0].translate(_WIDE)
