"""JSON lines and JSON files."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gaupt.corpus.read.encodings import decode, detect, without_surrogates
from gaupt.corpus.read.fields import no_text_field
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.piece import Item, Problem, Record

MAX_JSON = 512 << 20
"""Bytes of the largest file that is one JSON value."""


def read_jsonl(file: InputFile, data: bytes, first: int, text_fields: Sequence[str]) -> Iterator[Item]:
    """The records of JSON lines, the first of which is number ``first`` of the file, from 0."""
    yield from _records(_values(file, data, first), file, text_fields)


def _values(file: InputFile, data: bytes, first: int) -> Iterator[tuple[int, Any]]:
    """The value of each line with its number, from 1; a `Problem` where it is no JSON."""
    for number, line in enumerate(data.split(b"\n"), first + 1):
        if not line or line.isspace():
            continue
        try:
            yield number, json.loads(_decode_line(line))
        except (ValueError, RecursionError):
            yield number, Problem(file.name, "malformed line")


def _records(
    values: Iterable[tuple[int, Any]], file: InputFile, text_fields: Sequence[str]
) -> Iterator[Item]:
    """The records of numbered ``values``. Those without a text field share the first one's reason, to count them."""
    reason: str | None = None
    for number, value in values:
        if isinstance(value, Problem):
            yield value
        elif isinstance(value, Mapping) and not any(name in value for name in text_fields):
            reason = reason or no_text_field(text_fields, _examples(value))
            yield Problem(file.name, reason)
        else:
            yield record(value, file, number, text_fields)


def _examples(value: Mapping[str, Any]) -> dict[str, str]:
    return {
        without_surrogates(name): content if isinstance(content, str) else ""
        for name, content in value.items()
    }


def _decode_line(line: bytes) -> str:
    try:
        return line.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return line.decode(detect(line))


def record(value: Any, file: InputFile, number: int, text_fields: Sequence[str]) -> Item:
    """The record that a JSON ``value`` is; ``number`` (from 1) is its id where it has none."""
    if isinstance(value, str):
        return Record(f"{file.name}:{number}", without_surrogates(value), file.source)
    if not isinstance(value, Mapping):
        return Problem(file.name, "not a record")
    for name in text_fields:
        text = value.get(name)
        if isinstance(text, str):
            own, source = value.get("id"), value.get("source")
            has_id = (isinstance(own, str) and own != "") or (
                isinstance(own, int) and not isinstance(own, bool)
            )
            return Record(
                without_surrogates(str(own)) if has_id else f"{file.name}:{number}",
                without_surrogates(text),
                without_surrogates(source) if isinstance(source, str) and source else file.source,
            )
    return Problem(file.name, "no text in its field")


def read_json(file: InputFile, data: bytes, text_fields: Sequence[str]) -> Iterator[Item]:
    """The records of a JSON file: a list, an object with a list in it, one record, or in truth JSON lines."""
    if len(data) > MAX_JSON:
        yield Problem(file.name, f"larger than {MAX_JSON >> 20} MiB; turn it into JSON lines")
        return
    text = decode(data)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        # Many files named .json hold JSON lines.
        yield from read_jsonl(file, text.encode("utf-8", "replace"), 0, text_fields)
        return
    values = value if isinstance(value, list) else [value]
    if isinstance(value, dict) and not any(isinstance(value.get(name), str) for name in text_fields):
        values = next((item for item in value.values() if isinstance(item, list)), values)
    yield from _records(enumerate(values, 1), file, text_fields)
