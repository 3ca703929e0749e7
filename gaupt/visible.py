"""Text of others, shown: what would steer a terminal, or make it show something else, stands there as an escape.

The name of a file, a source, a label or a document may hold anything. Whatever is printed goes through here.
"""

import json
import re
from typing import Any

# C0, DEL, C1; marks, embeddings, overrides and isolates of direction; separators of lines; surrogates, as which
# Python keeps the bytes of a file's name that are no UTF-8.
_STEERING = r"\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
_ANY = re.compile(f"[{_STEERING}]")
_BUT_LINES = re.compile(rf"(?![\n\t])[{_STEERING}]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: object) -> str:
    r"""``text`` in one line, without anything that a terminal would obey: ``a\x1b[31mb``, ``a\nb``, ``a\u202eb``.

    A byte of a name that is no UTF-8 is shown as that byte.
    """
    return _ANY.sub(_escape, str(text))


def visible_lines(text: object) -> str:
    """As `visible` for text of several lines, whose line feeds and tabs stay."""
    return _BUT_LINES.sub(_escape, str(text))


def visible_message(text: object) -> str:
    """As `visible` for a message that may be wrapped: a line break before an indented line is a space."""
    return visible(re.sub(r"\s*\n[ \t]+", " ", str(text).strip()))


def visible_json(value: Any, indent: int | None = None) -> str:
    """``value`` as JSON that a terminal can show: readable, with the escapes of JSON for what is not."""
    return unicode_escapes(json.dumps(value, ensure_ascii=False, indent=indent))


def unicode_escapes(text: str) -> str:
    r"""JSON or TOML, in whose strings alone such characters stand, with ``\uXXXX`` for what a terminal would obey."""
    return _BUT_LINES.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    return _SHORT.get(match[0]) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
