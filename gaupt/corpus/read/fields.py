"""What is said of records and tables in which none of the text fields is found."""

import re
import shlex
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from gaupt.config.sections import TEXT_FIELD
from gaupt.corpus.read.encodings import without_surrogates

START = "no field "
"""What the reason begins with."""
_NAMED = 2
"""Wanted fields that a message names."""
_SHOWN = 80
"""Characters of the fields that are there, as far as a message names them."""
_LONGEST_NAME = 30
_NO_TEXT = ("id", "source", "url")
_DEEPEST = 8
"""Objects and lists inside of each other that are looked into for fields."""
_ENTRIES = 3
"""Entries of a list that are looked at."""
_STEP = re.compile(r"\[\]\.?|\.")
_CHINESE = re.compile("[\u4e00-\u9fff]")


def examples(*records: Mapping[str, Any]) -> dict[str, str]:
    """The paths to the fields of ``records``, see `gaupt.corpus.read.paths`, with their texts, "" without one."""
    found: dict[str, str] = {}
    for record in records:
        for name, value in record.items():
            _look_into(value, without_surrogates(name), _DEEPEST, found)
    # Names may hold any number of dots themselves.
    inside = {path[: step.start()] for path in found for step in islice(_STEP.finditer(path), 2 * _DEEPEST)}
    return {path: text for path, text in found.items() if text or path not in inside}


def _look_into(value: Any, path: str, depth: int, found: dict[str, str]) -> None:
    if depth and value and isinstance(value, Mapping):
        for name, inner in value.items():
            _look_into(inner, f"{path}.{without_surrogates(name)}", depth - 1, found)
    elif depth and value and isinstance(value, list):
        for inner in value[:_ENTRIES]:
            _look_into(inner, path if path.endswith("[]") else f"{path}[]", depth - 1, found)
    else:
        text = value if isinstance(value, str) else ""
        found[path] = f"{found[path]} {text}" if path in found else text


def no_text_field(wanted: Sequence[str], found: Mapping[str, str]) -> str:
    """The reason, with the fields that are ``found`` (name to an example of its text, "" where it is none).

    The field with the most Chinese characters in it is the one that is probably meant.
    """
    said = ", ".join(wanted[:_NAMED]) + (", …" if len(wanted) > _NAMED else "")
    names = ", ".join(found)
    names = names if len(names) <= _SHOWN else f"{names[:_SHOWN]}…"
    reason = f"{START}{said}; the records have {names or 'no fields'}"
    others = [name for name in found if name.lower() not in _NO_TEXT and _may_be_written(name)]
    likely = max(
        others, key=lambda name: (len(_CHINESE.findall(found[name])), len(found[name].strip())), default=""
    )
    if not found.get(likely, "").strip():
        return reason
    if max(map(len, _STEP.split(likely))) > _LONGEST_NAME:
        return f"{reason}: add a first line with the columns' names"
    return f"{reason}: use --text-field {_quoted(likely)}"


def _may_be_written(name: str) -> bool:
    """Whether ``name`` could stand among the fields; one that is far too long is told by its length."""
    return len(name) > _DEEPEST * _LONGEST_NAME or TEXT_FIELD.fullmatch(name) is not None


def _quoted(name: str) -> str:
    """As a shell takes it; letters of any script are safe."""
    return name if name.replace("_", "").replace("-", "").isalnum() else shlex.quote(name)
