"""Character references of HTML, resolved as `html.unescape` does; but that fails at a number of thousands of digits."""

import html
import re

_LONG_NUMBER = re.compile("&#([0-9]{9,})")


def unescape(text: str) -> str:
    """``text`` with its character references resolved; U+FFFD for those to no character, however long they are."""
    if "&" not in text:
        return text
    if "&#" in text:
        text = _LONG_NUMBER.sub(_short, text)
    return html.unescape(text)


def _short(reference: re.Match[str]) -> str:
    digits = reference[1].lstrip("0")
    return f"&#{digits or '0'}" if len(digits) <= 7 else "&#9999999"  # no character either
