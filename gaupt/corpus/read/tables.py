"""Tables: CSV and TSV."""

import csv
import io
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from gaupt.corpus.read.encodings import decode
from gaupt.corpus.read.fields import no_text_field
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.jsonl import record
from gaupt.corpus.read.piece import Item, Piece, Problem

csv.field_size_limit(min(sys.maxsize, 1 << 31))
_LOOKED_AT = 20
"""Rows by which the column that may be meant is told."""


def read_table(file: InputFile, piece: Piece, text_fields: Sequence[str]) -> Iterator[Item]:
    """The records of a piece of a table, a row each."""
    header = next(_rows(file, decode(piece.header)), [])
    names = [name.strip().lower() for name in header]
    wanted = [names.index(name.lower()) for name in text_fields if name.lower() in names]
    rows = _rows(file, decode(piece.data or b""))
    if not wanted and len(names) == 1:
        wanted, names = [0], ["text"]
        if piece.first == 0:
            yield record({"text": header[0]}, file, 1, ("text",))
    elif not wanted:
        first = [" ".join(cells) for cells in zip(*islice(rows, _LOOKED_AT), strict=False)]
        examples = dict(zip(header, first, strict=False))
        yield Problem(
            file.name, no_text_field(text_fields, {name: examples.get(name, "") for name in header})
        )
        return
    column = wanted[0]
    extra = [(key, names.index(key)) for key in ("id", "source") if key in names]
    for number, row in enumerate(rows, piece.first + 1):
        if not row:
            continue
        if len(row) != len(names):
            yield Problem(file.name, "malformed line")
            continue
        value: dict[str, Any] = {"text": row[column], **{key: row[index] for key, index in extra}}
        yield record(value, file, number, ("text",))


def _rows(file: InputFile, text: str) -> Iterator[list[str]]:
    lines = io.StringIO(text, newline="")
    if file.format == "csv":
        yield from csv.reader(lines)
        return
    # Most TSV files quote nothing, and a stray quote must not swallow the lines after it.
    for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        yield [
            cell[1:-1].replace('""', '"')
            if len(cell) > 1 and cell.startswith('"') and cell.endswith('"')
            else cell
            for cell in row
        ]


def split_header(data: bytes, quoted: bool) -> tuple[bytes, bytes]:
    """The first record of a table and the others. A line feed inside quotes ends no record."""
    quotes, position = 0, 0
    while (end := data.find(b"\n", position)) >= 0:
        quotes += data.count(b'"', position, end)
        position = end + 1
        if not quoted or quotes % 2 == 0:
            return data[:position], data[position:]
    return data, b""
