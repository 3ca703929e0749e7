"""What is the text of a record, and what are the records of a JSON value: by `text_fields` and by known shapes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from typing import Any

from gaupt.corpus.read.paths import Path, parse, strings
from gaupt.text.characters import chinese, count

KNOWN = "*"
"""The entry of `text_fields` that stands for `SHAPES`."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A path, and the fields that a record must have for it to hold."""

    path: Path
    needs: frozenset[str] = frozenset()


# Records of public corpora. A joined path names what it needs, so that one field of it alone is no text of its own.
SHAPES = tuple(
    Shape(parse(path), frozenset(needs))
    for path, *needs in (
        ("conversations[].value",),  # ShareGPT, BELLE
        ("conversations[].content",),
        ("messages[].content",),  # OpenAI, CrossWOZ
        ("messages[].content[].text",),  # OpenAI, in parts
        ("messages[].message",),  # KdConv
        ("conversation[].human+conversation[].assistant",),  # MOSS, Firefly
        ("conversation[].system+conversation[].input+conversation[].output",),  # XTuner
        ("system+history+instruction+input+output", "instruction", "output"),  # Alpaca, BELLE, COIG
        ("instruction+context+response", "instruction", "response"),  # Dolly
        ("input+target", "input", "target"),  # Firefly
        ("history+prompt+response", "prompt", "response"),
        ("history+query+response", "query", "response"),
        ("prompt+completion", "prompt", "completion"),
        ("段落[].内容",),  # MNBVC
        ("问+答", "问", "答"),  # MNBVC
        ("paragraphs[]",),  # chinese-poetry
        ("para[]",),  # chinese-poetry
        ("paragraphs[].context",),  # SQuAD, CMRC, DRCD
        ("context", "qas"),
        ("context_text", "qas"),  # CMRC
        ("context", "question"),  # SQuAD, one question a record
        ("context+response", "context", "response"),  # dialogues with their last turn apart
        ("dialog",),  # LCCC
        ("chinese", "english"),  # translation2019zh
        ("translation.zh",),
    )
)
_WRAPPERS = ("data", "records", "rows", "items", "docs", "documents", "results", "examples", "list")
"""Fields of an object that hold its records, whatever short remarks stand beside them."""
_DEEPEST = 8
"""Objects inside of each other in which records are looked for."""
_SPLITS = ("train", "dev", "valid", "validation", "test")
"""Fields whose lists of lists of strings are dialogues; elsewhere they may be anything, triples of a graph say."""
_REMARK = 16
"""From so many Chinese characters, what stands beside the records is a text itself."""


@cache
def _shapes(text_fields: tuple[str, ...]) -> tuple[Shape, ...]:
    return tuple(
        shape for name in text_fields for shape in (SHAPES if name == KNOWN else (Shape(parse(name)),))
    )


def text_of(value: Any, text_fields: Sequence[str]) -> str | None:
    """The text of a record: of the first of ``text_fields`` that gives one; blank where all are, None without any.

    Several strings are joined by line ends. A list of strings is a dialogue, and so is the first entry of a list that
    goes on with questions (C3).
    """
    if isinstance(value, list):
        turns = value[0] if _is_c3(value) else value
        return "\n".join(filter(str.strip, turns)) if _are_strings(turns) else None
    if not isinstance(value, Mapping):
        return None
    empty = None
    names: Set[str] = value.keys()
    for any_case in (False, True):
        if any_case:
            names = {name.strip().lower() for name in value}
        for shape in _shapes(tuple(text_fields)):
            if not shape.needs <= names:
                continue
            found = strings(value, shape.path, any_case or len(shape.path.parts) > 1)
            if found and (text := "\n".join(filter(str.strip, found))):
                return text
            if found and empty is None:
                empty = found[0]
    return empty


def columns(names: Iterable[str], text_fields: Sequence[str]) -> list[str]:
    """Those of the columns called ``names`` that may hold something of ``text_fields``."""
    heads = {head.lower() for shape in _shapes(tuple(text_fields)) for head in shape.path.heads()}
    return [name for name in names if name.strip().lower() in heads]


def is_empty(record: Mapping[str, Any], text_fields: Sequence[str]) -> bool:
    """Whether a record without a text has one of the fields, with nothing in it."""
    names = {shape.path.parts[0].name for shape in _shapes(tuple(text_fields)) if len(shape.path.parts) == 1}
    return any(
        name in record and not (isinstance(record[name], list | Mapping) and record[name]) for name in names
    )


def records_of(value: Any, text_fields: Sequence[str]) -> list[Any]:
    """The records of a whole JSON file: the entries of a list, the object itself, or the lists and objects in it.

    An object that has no text is taken apart only where that loses none: where its records stand under a usual name
    with no more than short remarks beside them, or where all its lists and objects hold records.
    """
    found = _entries(value, text_fields)
    return [*_paragraphs(found)] if KNOWN in text_fields else found


def _entries(value: Any, text_fields: Sequence[str], depth: int = _DEEPEST) -> list[Any]:
    if isinstance(value, list):
        return value
    if not depth or not isinstance(value, Mapping) or text_of(value, text_fields):
        return [value]
    for name, inner in value.items():
        if name.lower() in _WRAPPERS and isinstance(inner, list | Mapping):
            beside = (other for key, other in value.items() if key != name)
            entries = _entries(inner, text_fields, depth - 1)
            if not any(_holds_chinese(other, _REMARK) for other in beside) and _has_text(
                entries, text_fields
            ):
                return entries
    found = {name: inner for name, inner in value.items() if _holds_chinese(inner, 1)}
    if len(found) == 1 and _are_strings(only := next(iter(found.values()))):
        return list(only)
    if found and all(_are_records(name, inner, text_fields) for name, inner in found.items()):
        return [
            entry for inner in found.values() for entry in (inner if isinstance(inner, list) else [inner])
        ]
    return [value]


def _are_records(name: str, value: Any, text_fields: Sequence[str]) -> bool:
    """Whether the field ``name`` of an object holds a record, or a list of them."""
    if isinstance(value, Mapping):
        return bool(text_of(value, text_fields))
    if not isinstance(value, list) or not _has_text(value, text_fields):
        return False
    return name.lower() in _SPLITS or not any(isinstance(entry, str | list) for entry in value)


def _paragraphs(entries: Iterable[Any]) -> Iterator[Any]:
    """``entries`` with the paragraphs of SQuAD's articles in their place."""
    for entry in entries:
        paragraphs = entry.get("paragraphs") if isinstance(entry, Mapping) else None
        if (
            isinstance(paragraphs, list)
            and paragraphs
            and all(isinstance(paragraph, Mapping) and "context" in paragraph for paragraph in paragraphs)
        ):
            yield from paragraphs
        else:
            yield entry


def _has_text(entries: Iterable[Any], text_fields: Sequence[str]) -> bool:
    return any(isinstance(entry, str) or text_of(entry, text_fields) for entry in entries)


def _holds_chinese(value: Any, least: int) -> bool:
    """Whether a string in ``value`` has ``least`` Chinese characters."""
    waiting = [value]
    while waiting:  # no recursion: objects may be as deep as the parser goes
        item = waiting.pop()
        if isinstance(item, str):
            if chinese(count(item)) >= least:
                return True
        elif isinstance(item, Mapping):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return False


def _are_strings(value: Any) -> bool:
    return isinstance(value, list) and value != [] and all(isinstance(item, str) for item in value)


def _is_c3(value: list[Any]) -> bool:
    return (
        len(value) > 1
        and _are_strings(value[0])
        and isinstance(value[1], list)
        and all(isinstance(question, Mapping) for question in value[1])
    )
