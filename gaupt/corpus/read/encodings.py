"""Bytes to text: byte order marks, strict UTF-8, then the encoding that reads as the most usual Chinese.

A file that was joined from several has lines in different encodings: where no one encoding reads the whole, each
line is read in its own.
"""

import codecs
import re
from collections.abc import Callable

from gaupt.text import characters
from gaupt.text.characters import Kind

SAMPLE = 1 << 16
"""Bytes looked at to choose an encoding."""
MAX_BROKEN = 0.01
"""A text may lose this share of its characters to broken bytes; beyond, it counts as not text."""

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks and what they stand for; UTF-32's begins with that of UTF-16, so it comes first."""


CHINESE_ENCODINGS = ("utf-8", "gb18030", "big5hkscs")
USUAL = 0.9
"""A line is in another encoding than its file if so much of it is usual Chinese there, and at least"""
MIN_CHINESE = 4
"""so many characters."""


class NotText(ValueError):
    """The bytes are no text in any encoding that we know."""


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of ``data``. A ``declared`` encoding (of an HTML page) only breaks ties: it is often wrong.

    Raises:
        NotText: nothing reads as text.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            data = data[len(mark) :]
            return _forgiving(data, encoding) if encoding != "utf-8" else _by_lines(data, encoding)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _in_detected(data, declared)
    if "\0" in text:  # valid UTF-8, but perhaps rather UTF-16 without a mark
        return _forgiving(data, detect(data, declared))
    if _binary(text):
        raise NotText("not text (binary data)")
    return text


def _in_detected(data: bytes, declared: str | None) -> str:
    try:
        encoding = detect(data, declared)
    except NotText as error:
        if b"\0" in data or (lines := _lines(data, "utf-8")) == data.decode("utf-8", "replace"):
            raise
        try:
            return _without_few_broken(lines, "utf-8")
        except NotText:
            raise error from None
    return _by_lines(data, encoding) if encoding in CHINESE_ENCODINGS else _forgiving(data, encoding)


def detect(data: bytes, declared: str | None = None) -> str:
    """The encoding in which ``data`` reads best: UTF-8, GB18030, Big5, UTF-16 or the declared one.

    Raises:
        NotText: nothing reads as text.
    """
    sample = data[:SAMPLE]
    for mark, encoding in MARKS:
        if sample.startswith(mark):
            return encoding
    candidates = list(CHINESE_ENCODINGS)
    if b"\0" in sample:
        candidates += ["utf-16-le", "utf-16-be"]
    if declared is not None and (known := _python_codec(declared)) is not None:
        candidates.insert(0, known)
    best = max(candidates, key=lambda encoding: _score(sample, encoding))
    if _score(sample, best) < 0.5:
        raise NotText("not text in any known encoding")
    return best


def detect_of_lines(beginning: bytes) -> str:
    """The encoding of most lines of a file that begins so.

    Raises:
        NotText: nothing reads as text.
    """
    lines = [line for line in beginning[:SAMPLE].split(b"\n") if not line.isascii()]
    others = [line for line in lines if not is_utf8(line)]
    if len(others) <= len(lines) / 2 or _begins_as_utf8(beginning):
        return "utf-8"
    return detect(b"\n".join(others))


def _begins_as_utf8(data: bytes) -> bool:
    """Whether ``data`` are UTF-8, perhaps with the first bytes of a character at the end."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def is_utf8(data: bytes) -> bool:
    """Whether every byte of ``data`` is part of a character in UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def lines_to_utf8(lines: bytes, encoding: str) -> bytes:
    """Lines of a file whose beginning is in ``encoding``, as UTF-8; those that are no text in any stay as they are."""
    if is_utf8(lines):
        return lines
    return b"\n".join(_line_to_utf8(line, encoding) for line in lines.split(b"\n"))


def _line_to_utf8(line: bytes, encoding: str) -> bytes:
    readings: tuple[Callable[[], str], ...] = (
        lambda: line.decode("utf-8"),
        lambda: line.decode(encoding),
        lambda: _forgiving(line, encoding),
        lambda: decode(line),
    )
    for reading in readings:
        try:
            return reading().encode()
        except ValueError:
            continue
    return line


def without_surrogates(text: str) -> str:
    """``text`` with a question mark for each lone surrogate, which JSON can escape and UTF-8 cannot hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def _forgiving(data: bytes, encoding: str) -> str:
    """Decode; drop what cannot be decoded if it is little."""
    return _without_few_broken(data.decode(encoding, "replace"), encoding)


def _by_lines(data: bytes, encoding: str) -> str:
    """Like `_forgiving`, with the lines that another encoding reads better read in that."""
    text = data.decode(encoding, "replace")
    if "\ufffd" in text or (encoding != "utf-8" and _UTF8_CHINESE.search(data)):
        text = _lines(data, encoding)
    return _without_few_broken(text, encoding)


def _lines(data: bytes, encoding: str) -> str:
    return "\n".join(_line(line, encoding) for line in data.split(b"\n"))


def _line(line: bytes, encoding: str) -> str:
    """A line of a file in ``encoding``, in its own encoding."""
    text = line.decode(encoding, "replace")
    # A line of fewer bytes cannot hold as many Chinese characters in any encoding as it takes to tell.
    if len(line) < 2 * MIN_CHINESE or line.isascii() or (encoding == "utf-8" and "\ufffd" not in text):
        return text
    shares = {other: _usual_share(line, other) for other in CHINESE_ENCODINGS}
    best = max(shares, key=shares.__getitem__)
    return line.decode(best) if shares[best] >= USUAL and shares[best] > shares[encoding] else text


def _usual_share(line: bytes, encoding: str) -> float:
    """`_score` of a line, 0 if it cannot be decoded or holds too little Chinese to tell."""
    try:
        text = line.decode(encoding)
    except UnicodeDecodeError:
        return 0.0
    enough = characters.chinese(characters.count(text)) >= MIN_CHINESE
    return _score(line, encoding) if enough else 0.0


def _without_few_broken(text: str, encoding: str) -> str:
    if not text:
        return text
    broken = text.count("\ufffd") / len(text)
    if broken > MAX_BROKEN and text.count("\ufffd") > 1:
        raise NotText(f"not text ({broken:.0%} of its characters cannot be decoded as {encoding})")
    if _binary(text):
        raise NotText("not text (binary data)")
    return text.replace("\ufffd", "")


def _score(data: bytes, encoding: str) -> float:
    """How well ``data`` reads: the share of usual Chinese characters among the non-ASCII ones, at most 1."""
    counts = characters.count(_without_cut_end(data.decode(encoding, "replace")))
    usual = sum(counts[kind] for kind in (Kind.HAN, Kind.TRADITIONAL, Kind.PUNCTUATION, Kind.WIDE))
    ascii_text = sum(
        int(counts[k]) for k in (Kind.LETTER, Kind.DIGIT, Kind.ASCII_SYMBOL, Kind.SPACE, Kind.LINE)
    )
    total = sum(counts) - ascii_text - counts[Kind.BREAK]
    broken = 20 * counts[Kind.REPLACEMENT]
    return (usual - broken) / total if total else 1.0


def _without_cut_end(text: str) -> str:
    # The sample may end inside a character.
    return text[:-1] if text.endswith("\ufffd") else text


_UTF8_CHINESE = re.compile(rb"(?:[\xe3-\xe9\xef][\x80-\xbf]{2}){3}")
_BINARY = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def _binary(text: str) -> bool:
    sample = text[:SAMPLE]
    return len(_BINARY.findall(sample)) > 0.1 * len(sample)


def _python_codec(name: str) -> str | None:
    name = name.strip().lower()
    if name in ("gb2312", "gbk", "gb_2312-80", "x-gbk"):
        return "gb18030"  # a superset; pages that declare the smaller set use the larger
    if name == "big5":
        return "big5hkscs"
    try:
        codec = codecs.lookup(name)
    except LookupError:
        return None
    return codec.name if getattr(codec, "_is_text_encoding", True) else None
