"""Names of files in the encodings in which archives keep them."""

import re

from gaupt.text import characters
from gaupt.text.characters import Kind

_ENCODINGS = ("gbk", "big5hkscs", "cp932")
_USUAL = (Kind.HAN, Kind.TRADITIONAL, Kind.PUNCTUATION, Kind.WIDE, Kind.KANA)
_ALPHABET = re.compile("[\0-\x7f\u00c0-\u017f]*|[\0-\x7f\u0386-\u03ce]*|[\0-\x7f\u0401\u0410-\u044f\u0451]*")
"""Names in the usual letters of Latin, Greek or Russian."""
# ASCII, and what cp437 has for the letters of western Europe; the rest, box drawings and Greek, is in no name.
_LATIN = frozenset(range(0xA9)) | {0xE1}


def decode_name(raw: bytes) -> str | None:
    """A name as it was written: UTF-8, GBK, Big5 or Shift JIS; None where it reads as none of them."""
    utf8 = _strict(raw, "utf-8")
    if utf8 is not None and (any(c >= "\u0800" for c in utf8) or _ALPHABET.fullmatch(utf8)):
        return utf8
    # What else is valid UTF-8 may be a name like 小说, whose bytes in GBK happen to be.
    shares = {
        text: _usual_share(text) for encoding in _ENCODINGS if (text := _strict(raw, encoding)) is not None
    }
    best = max(shares, key=shares.__getitem__, default=None)
    return best if best is not None and shares[best] >= 0.5 else utf8


def zip_name(raw: bytes) -> str:
    """A name of a zip archive that does not say that it is UTF-8: cp437 by the book, in truth what the system used."""
    if _LATIN.issuperset(raw):
        return raw.decode("cp437")
    return decode_name(raw) or _strict(raw, "gbk") or raw.decode("cp437")


def readable_name(name: str) -> str:
    """``name``, in which Python keeps bytes that are no UTF-8 as surrogates, decoded; else a question mark for each."""
    try:
        name.encode()
    except UnicodeEncodeError:
        try:
            raw = name.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:  # surrogates that stand for no byte
            raw = b""
        return decode_name(raw) or name.encode("utf-8", "replace").decode()
    return name


def _strict(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _usual_share(text: str) -> float:
    """Share of the usual characters of East Asian names among those that are not ASCII."""
    # Half-width kana are none of them: nearly any bytes read as them.
    other = "".join(character for character in text if character > "\x7f")
    counts = characters.count(other)
    return sum(counts[kind] for kind in _USUAL) / len(other)
