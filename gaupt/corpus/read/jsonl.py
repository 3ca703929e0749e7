"""JSON lines and JSON files."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gaupt.corpus.read.encodings import decode, detect, without_surrogates
from gaupt.corpus.read.fields import examples, no_text_field
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.piece import MAX_RECORD, TOO_LONG_RECORD, Item, Problem, Record
from gaupt.corpus.read.shapes import is_empty, records_of, text_of

MAX_JSON = 512 << 20
"""Bytes of the largest file that is one JSON value."""
_BEGINNING = re.compile(r"[\s,]*+\S")
_NEXT = re.compile(r"(?<=\n)[{\[]")
"""What is taken for the next record after a malformed one."""
_AGAIN = 16
"""How often a file is read again, all in all, to find what stands in or behind malformed records."""


def read_jsonl(file: InputFile, data: bytes, first: int, text_fields: Sequence[str]) -> Iterator[Item]:
    """The records of JSON lines, the first of which is number ``first`` of the file, from 0."""
    yield from _records(_values(file, data, first), file, text_fields)


def _values(file: InputFile, data: bytes, first: int) -> Iterator[tuple[int, Any]]:
    """The value of each line with its number, from 1; a `Problem` where it is no JSON."""
    for number, line in enumerate(data.split(b"\n"), first + 1):
        if not line or line.isspace():
            continue
        try:
            yield number, json.loads(decode_line(line))
        except (ValueError, RecursionError):
            yield number, Problem(file.name, "malformed line")


def _records(
    values: Iterable[tuple[int, Any]], file: InputFile, text_fields: Sequence[str]
) -> Iterator[Item]:
    """The records of numbered ``values``. Those without a text field share the first one's reason, to count them."""
    reason: str | None = None
    for number, value in values:
        item = value if isinstance(value, Problem) else record(value, file, number, text_fields)
        if isinstance(item, Problem) and isinstance(value, Mapping) and not is_empty(value, text_fields):
            reason = reason or no_text_field(text_fields, examples(value))
            item = Problem(file.name, reason)
        yield item


def decode_line(line: bytes) -> str:
    """The text of one line. Raises `NotText`."""
    try:
        return line.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return line.decode(detect(line))


def record(value: Any, file: InputFile, number: int, text_fields: Sequence[str]) -> Item:
    """The record that a JSON ``value`` is; ``number`` (from 1) is its id where it has none."""
    if isinstance(value, str):
        return Record(f"{file.name}:{number}", without_surrogates(value), file.source)
    text = text_of(value, text_fields)
    if text is None:
        return Problem(file.name, "no text in its field" if isinstance(value, Mapping) else "not a record")
    own = source = None
    if isinstance(value, Mapping):
        own, source = value.get("id"), value.get("source")
    has_id = (isinstance(own, str) and own != "") or (isinstance(own, int) and not isinstance(own, bool))
    return Record(
        without_surrogates(str(own)) if has_id else f"{file.name}:{number}",
        without_surrogates(text),
        without_surrogates(source) if isinstance(source, str) and source else file.source,
    )


def read_json(file: InputFile, data: bytes, text_fields: Sequence[str]) -> Iterator[Item]:
    """The records of a JSON file: of one value, see `records_of`, of several one after the other, or of JSON lines.

    One whose text alone is longer than any record may be is a `Problem`, as it is in JSON lines.
    """
    if len(data) > MAX_JSON:
        yield Problem(file.name, f"larger than {MAX_JSON >> 20} MiB; turn it into JSON lines")
        return
    for item in _of_file(file, data, text_fields):
        yield (
            Problem(file.name, TOO_LONG_RECORD)
            if isinstance(item, Record) and _is_too_long(item.text)
            else item
        )


def _is_too_long(text: str) -> bool:
    return len(text) > MAX_RECORD // 4 and len(text.encode()) > MAX_RECORD


def _of_file(file: InputFile, data: bytes, text_fields: Sequence[str]) -> Iterator[Item]:
    text = decode(data)
    try:
        values: Iterable[Any] = records_of(json.loads(text), text_fields)
    except (ValueError, RecursionError):
        # Many files named .json hold JSON lines.
        if is_json(text.lstrip().partition("\n")[0]):
            yield from read_jsonl(file, text.encode("utf-8", "replace"), 0, text_fields)
            return
        values = _one_after_the_other(file, text)
    yield from _records(enumerate(values, 1), file, text_fields)


def is_json(text: str) -> bool:
    """Whether ``text`` is one JSON value."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _one_after_the_other(file: InputFile, text: str) -> Iterator[Any]:
    """The values of ``text``, each over as many lines as it takes; a `Problem` where there is none."""
    decoder, position, left = json.JSONDecoder(), 0, _AGAIN * len(text)
    while found := _BEGINNING.match(text, position):
        try:
            value, position = decoder.raw_decode(text, found.end() - 1)
            yield value
        except (ValueError, RecursionError) as error:
            yield Problem(file.name, "malformed record")
            # As far as the parser came it has to read again; what is too deep for it may have been all of the rest.
            reached = error.pos if isinstance(error, json.JSONDecodeError) else len(text)
            left -= reached - position
            following = _NEXT.search(text, found.end() if left > 0 else max(found.end(), reached))
            position = following.start() if following else len(text)
