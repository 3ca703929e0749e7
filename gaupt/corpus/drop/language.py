"""Which language a text is in, by a library's model. The script rules of `quality` need none and are the default."""

from functools import cache
from importlib import import_module
from typing import Any

from gaupt.errors import GauptError

CHINESE = frozenset({"zh", "yue", "wuu", "gan", "hak", "lzh", "nan"})
"""Codes of the Chinese languages: short written Chinese is often taken for another of them."""
_SAMPLE = 2000
"""Characters looked at."""


@cache
def load_identifier() -> Any:
    """The module that identifies languages.

    Raises:
        GauptError: it is not installed.
    """
    try:
        return import_module("py3langid")
    except ImportError:
        raise GauptError('clean.language = "py3langid" needs py3langid: pip install py3langid') from None


def identify(text: str) -> str:
    """The code of the language of ``text``, of its beginning if it is long."""
    code, _ = load_identifier().classify(text[:_SAMPLE])
    return str(code)
