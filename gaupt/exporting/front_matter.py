"""The front matter of a model card: YAML that holds whatever the names of others are made of."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from gaupt.visible import visible

_PLAIN = re.compile(r"[a-z][a-z0-9]*(?:[-.][a-z0-9]+)*")
_WORDS = {"false", "n", "no", "null", "off", "on", "true", "y", "yes"}
"""What YAML 1.1 takes for something else than text."""
_UNREADABLE = re.compile("[\ufeff\ufffe\uffff]")


def front_matter(fields: Mapping[str, Any]) -> str:
    """``fields`` between the two lines that Markdown's readers know it by.

    Values are text, finite numbers, mappings and lists of them; None and what is empty is left out. Names of fields
    are ours and stand as they are. Text is in one line and steers no terminal, see `gaupt.visible`.
    """
    return "\n".join(["---", *_mapping(fields), "---"]) + "\n"


def _mapping(fields: Mapping[str, Any]) -> Iterator[str]:
    for name, value in fields.items():
        if value is None or value in ("", [], {}):
            continue
        if isinstance(value, Mapping):
            yield f"{name}:"
            yield from (f"  {line}" for line in _mapping(value))
        elif isinstance(value, list):
            yield f"{name}:"
            for entry in value:
                first, *rest = _mapping(entry) if isinstance(entry, Mapping) else [_scalar(entry)]
                yield f"- {first}"
                yield from (f"  {line}" for line in rest)
        else:
            yield f"{name}: {_scalar(value)}"


def _scalar(value: str | float) -> str:
    if isinstance(value, str):
        text = visible(value)
        if _PLAIN.fullmatch(text) and text not in _WORDS:
            return text
        # A string of JSON is one of YAML, but for characters beyond 16 bits, which stand as they are.
        return _UNREADABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
    number = json.dumps(value)
    # YAML 1.1 takes 1e-05 for text.
    return number if "." in number else number.replace("e", ".0e")
