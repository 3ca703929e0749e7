"""Words of the command line as pages and other programs write them, and as gaupt reads them."""

import re
from collections.abc import Sequence

# Full-width ASCII, the wide space, and what word processors make of quotes and hyphens.
PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord(sign): plain
    for signs, plain in (
        ("“”„«»", '"'),
        ("‘’‚", "'"),
        ("‐‑‒–−", "-"),
        ("—―", "--"),
        ("　", " "),
        ("【", "["),
        ("】", "]"),
    )
    for sign in signs
}
"""For `str.translate`: the signs that the shell and we read, for those that look like them."""
QUOTES = "\"'"
_UNITS = {
    "": 1, "%": 0.01, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000, "b": 1_000_000_000, "万": 10_000,
    "h": 1, "hours": 1,
}  # fmt: skip
"""What stands behind a number; hours are what a time is told in."""
_NUMBER = re.compile(r"(-?[\d,_]*\.?\d+(?:e[+-]?\d+)?)\s*([a-z万]*|%)", re.IGNORECASE)


def plainly(message: str, arguments: Sequence[str]) -> str:
    """What to type instead of the argument that ``message`` is about, where it holds look-alike signs; or nothing.

    Chinese text, and names of files in Chinese, may hold them with good reason.
    """
    for word in arguments:
        plain = word.translate(PLAIN)
        if plain != word and plain.isascii() and word in message:
            return f"{word} has signs that only look like those of the keyboard: type {plain.strip(QUOTES)}"
    return ""


def number(text: str, whole: bool = False) -> str | None:
    """The number that ``text`` means, as gaupt reads it: ``1000`` for 1,000, 1k and 1e3; None where it means none.

    ``whole``: nor where it is no whole number.
    """
    found = _NUMBER.fullmatch(text.translate(PLAIN).strip(f"{QUOTES} "))
    if not found or found[2].lower() not in _UNITS:
        return None
    try:
        value = float(found[1].replace(",", "")) * _UNITS[found[2].lower()]
        is_whole = value == int(value)
    except (ValueError, OverflowError):
        return None
    return None if whole and not is_whole else f"{value:.0f}" if is_whole else f"{value:g}"
