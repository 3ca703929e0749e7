"""Tables: the rows of CSV and TSV files to records."""

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from gaupt.corpus.read.dialects import rows
from gaupt.corpus.read.fields import no_text_field
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.jsonl import record
from gaupt.corpus.read.piece import Item, Piece, Problem
from gaupt.corpus.read.shapes import text_of
from gaupt.text.marks import cut_marks

_LOOKED_AT = 20
"""Rows by which the column that may be meant is told."""
_AROUND_NAMES = " \t\r\n\ufeff\u200b'\"“”"


def read_table(file: InputFile, piece: Piece, text_fields: Sequence[str]) -> Iterator[Item]:
    """The records of a piece of a table, a row each. Of several columns of text the first that is not empty counts."""
    if piece.head is None:
        return
    columns, found = piece.head.columns, rows(piece.data or b"", piece.head.dialect, piece.sound)
    names, fields = [_plain(name) for name in columns], list(map(_plain, text_fields))
    first = piece.first + 1
    if not (known := _first_known(fields, names)) and len(names) == 1:
        names = fields = ["text"]
        known, first = names[0], first + 1
        if piece.first == 0:
            yield record(columns[0], file, 1, ())
    elif not known:
        if piece.first == 0:
            texts = ["".join(cells) for cells in zip(*filter(None, islice(found, _LOOKED_AT)), strict=False)]
            examples = dict(zip(columns, texts, strict=False))
            told = no_text_field(text_fields, {name: examples.get(name, "") for name in columns})
            yield Problem(file.name, told)
        return
    wanted = [names.index(name) for name in fields if name in names] if known in names else []
    extra = [(key, names.index(key)) for key in ("id", "source") if key in names]
    for number, row in enumerate(found, first):
        if row is None or (row and len(row) != len(names)):
            yield Problem(file.name, "malformed line")
        elif row and wanted:  # what most tables are, without a look at paths for each row
            text = row[wanted[0]]
            if not text.strip():
                text = next((row[column] for column in wanted if row[column].strip()), text)
            value: dict[str, Any] = {"text": text, **{key: row[index] for key, index in extra}}
            yield record(value, file, number, ("text",))
        elif row:
            # Of columns of one name the first counts.
            yield record(dict(zip(reversed(names), reversed(row), strict=True)), file, number, fields)


def _first_known(fields: Sequence[str], names: Sequence[str]) -> str | None:
    """The first of the fields that a table with these columns has; several may be joined to one."""
    full = {name: name for name in names}
    return next((field for field in fields if text_of(full, [field]) is not None), None)


def _plain(name: str) -> str:
    """A column's name without what programs put around it, narrow and in lower case."""
    return unicodedata.normalize("NFKC", cut_marks(name)).strip(_AROUND_NAMES).lower()
