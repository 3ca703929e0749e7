"""Paths to the text of a record: ``content``, ``data.title``, ``paragraphs[]``, ``turns[].value``, ``title+content``.

``.`` goes into an object, ``[]`` into the entries of a list (of lists in it too), and ``+`` joins what stands on both
sides. What ``+`` joins of one list comes entry by entry: ``turns[].q+turns[].a`` is a question, its answer, the next
question. Which paths can be read is a bound of the option, `gaupt.config.CleanConfig.text_fields`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Part:
    """What stands between two ``+``, or behind the ``[]`` of one."""

    name: str
    """As it was written, up to the ``[]``; a field of this very name is found before those inside of objects."""
    keys: tuple[str, ...]
    of_each: tuple["Part", ...] = ()
    """What is taken of each object of a list; nothing: the entries are the texts."""


@dataclass(frozen=True, slots=True)
class Path:
    """One entry of `text_fields`."""

    name: str
    parts: tuple[Part, ...]

    def heads(self) -> set[str]:
        """The fields of a record that may hold something of it."""
        return {self.name} | {head for part in self.parts for head in (part.name, part.keys[0])}


@cache
def parse(name: str) -> Path:
    """The path that is written ``name``."""
    return Path(name, _parts([part.strip() for part in name.split("+")]))


def _parts(written: list[str]) -> tuple[Part, ...]:
    """Neighbours that go into one list become one part."""
    parts, of_each = list[tuple[str, bool]](), list[list[str]]()
    for item in written:
        name, _, rest = item.partition("[]")
        while rest.startswith("[]"):
            rest = rest[2:]
        rest = rest.removeprefix(".")
        if not (rest and parts and parts[-1] == (name, True)):
            parts.append((name, rest != ""))
            of_each.append([])
        if rest:
            of_each[-1].append(rest)
    return tuple(
        Part(name, tuple(key.strip() for key in name.split(".")), _parts(rests))
        for (name, _), rests in zip(parts, of_each, strict=True)
    )


def strings(record: Mapping[str, Any], path: Path, any_case: bool = False) -> list[str]:
    """The strings of ``record`` on ``path``, in order; with ``any_case`` names are told without regard to case."""
    parts = path.parts
    if isinstance(found := record.get(path.name), str):
        return [found]
    if path.name != parts[0].name and path.name in record:
        parts = (Part(path.name, (path.name,)),)
    return [*_gather(record, parts, any_case)]


def _gather(value: Mapping[str, Any], parts: tuple[Part, ...], any_case: bool) -> Iterator[str]:
    for part in parts:
        for item in _flat(_look_up(value, part, any_case)):
            if part.of_each:
                if isinstance(item, Mapping):
                    yield from _gather(item, part.of_each, any_case)
            elif isinstance(item, str):
                yield item


def _look_up(value: Mapping[str, Any], part: Part, any_case: bool) -> Any:
    found = _field(value, part.name, any_case)
    if found is not _MISSING or len(part.keys) == 1:
        return found
    found = value
    for key in part.keys:
        if not isinstance(found, Mapping):
            return _MISSING
        found = _field(found, key, any_case)
    return found


def _field(value: Mapping[str, Any], name: str, any_case: bool) -> Any:
    found = value.get(name, _MISSING)
    if found is _MISSING and any_case:
        name = name.lower()
        return next((value[key] for key in value if key.strip().lower() == name), _MISSING)
    return found


def _flat(value: Any) -> Iterator[Any]:
    """The entries of a list and of the lists in it; a value that is no list, itself."""
    waiting = [iter((value,))]
    while waiting:  # no recursion: lists may be as deep as the parser goes
        for item in waiting[-1]:
            if isinstance(item, list):
                waiting.append(iter(item))
                break
            yield item
        else:
            waiting.pop()
