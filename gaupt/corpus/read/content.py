"""Files whose names tell nothing: records are told by what the file begins with."""

import json
from collections.abc import Mapping
from mimetypes import MimeTypes
from pathlib import PurePath

from gaupt.config import CleanConfig
from gaupt.corpus.read.file import FORMATS
from gaupt.corpus.read.jsonl import decode_line, is_json
from gaupt.corpus.read.shapes import text_of
from gaupt.corpus.read.streams import BROKEN, Stream, Utf8Lines
from gaupt.corpus.read.wikiextractor import is_wikiextractor

LONGEST_LINE = 4 << 20
"""Bytes of the first line, as far as it is looked at."""
_NO_RECORDS = (".log", ".dat", ".bin")
_TYPES = MimeTypes()
_FIELDS = CleanConfig().text_fields


def may_hold_records(name: PurePath) -> bool:
    """Whether a file with a name that tells no format is looked into: its extension must not tell another kind."""
    extension = name.suffix.lower()
    known = any(extension in types for types in (*_TYPES.types_map, FORMATS, _TYPES.encodings_map))
    return not known and extension not in _NO_RECORDS


def format_of_content(stream: Stream, named: bool) -> str | None:
    """``wikiextractor``, or ``jsonl`` where the first line is an object; None for anything else.

    Where the name has an extension (``named``) the object must have a text under one of the usual names.
    """
    line = first_line(stream)
    if is_wikiextractor(line):
        return "wikiextractor"
    try:
        value = json.loads(decode_line(line)) if line.startswith(b"{") else None
    except (ValueError, RecursionError):
        return None
    is_record = isinstance(value, Mapping) and (not named or text_of(value, _FIELDS))
    return "jsonl" if is_record else None


def is_whole(line: bytes) -> bool:
    """Whether a first ``line`` is a JSON value by itself, with more behind it."""
    try:
        return line.endswith(b"\n") and is_json(decode_line(line))
    except ValueError:  # no text, or a text with a broken byte
        return False


def first_line(stream: Stream) -> bytes:
    """The first line with something in it, empty where it is longer than `LONGEST_LINE` or cannot be read.

    Of what does not look like records, only the beginning.
    """
    lines, head = Utf8Lines(stream), b""
    try:
        while data := lines.read(1 << 16):
            head = (head + data).lstrip()
            if head and not head.startswith((b"{", b"[", b"<doc ")):
                return b""
            if end := head.find(b"\n") + 1:
                return head[:end]
            if len(head) > LONGEST_LINE:
                return b""
    except BROKEN:
        return b""
    return head
