"""Parquet files, a row group a piece."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gaupt.corpus.read.fields import examples, no_text_field
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.jsonl import record
from gaupt.corpus.read.piece import Item, Piece, Problem
from gaupt.corpus.read.shapes import columns, is_empty
from gaupt.corpus.read.streams import BROKEN, open_raw, read_all
from gaupt.errors import GauptError

MAX_PARQUET = 2 << 30
"""Bytes of the largest parquet file that is compressed once more."""
_LOOKED_AT = 20
"""Rows by which the column that may be meant is told."""


@contextmanager
def parquet_file(file: InputFile) -> Iterator[Any]:
    """Open a parquet file. Raises `GauptError` where pyarrow is not installed."""
    if file.compression is None:
        with open_raw(file.path) as raw:
            yield open_parquet(raw)
    else:
        yield open_parquet(io.BytesIO(read_all(file, MAX_PARQUET)))


def open_parquet(source: Any) -> Any:
    """Open a parquet file that can be sought in.

    Raises:
        GauptError: pyarrow is not installed.
        ValueError: it is damaged.
    """
    try:
        import pyarrow.parquet
    except ImportError:
        raise GauptError("reading parquet needs pyarrow: pip install pyarrow") from None
    with _damage():
        return pyarrow.parquet.ParquetFile(source)


@contextmanager
def _damage() -> Iterator[None]:
    """Raise ValueError for whatever pyarrow finds wrong with a file."""
    import pyarrow

    try:
        yield
    except pyarrow.ArrowException as error:
        raise ValueError(str(error)) from error


def read_parquet(file: InputFile, table: Any, row_group: int, text_fields: Sequence[str]) -> Iterator[Item]:
    """The records of one row group. Raises ValueError where it is damaged."""
    with _damage():
        yield from _rows(file, table, row_group, text_fields)


def _rows(file: InputFile, table: Any, row_group: int, text_fields: Sequence[str]) -> Iterator[Item]:
    names = table.schema_arrow.names
    wanted = columns(names, text_fields)
    if not wanted:
        yield Problem(file.name, no_text_field(text_fields, _examples(table, row_group)))
        return
    wanted += [name for name in ("id", "source") if name in names and name not in wanted]
    reason: str | None = None
    number = sum(table.metadata.row_group(i).num_rows for i in range(row_group))
    for batch in table.iter_batches(batch_size=256, row_groups=[row_group], columns=wanted):
        for value in batch.to_pylist():
            number += 1
            item = record(value, file, number, text_fields)
            if isinstance(item, Problem) and not is_empty(value, text_fields):
                reason = reason or no_text_field(text_fields, _examples(table, row_group))
                item = Problem(file.name, reason)
            yield item


def _examples(table: Any, row_group: int) -> dict[str, str]:
    """Each column with the text of its first rows, "" where it holds none."""
    batch = next(table.iter_batches(batch_size=_LOOKED_AT, row_groups=[row_group]), None)
    rows = [] if batch is None else batch.to_pylist()
    return examples(*rows or [dict.fromkeys(table.schema_arrow.names)])


def row_groups(file: InputFile) -> Iterator[Piece]:
    """A piece for each row group."""
    try:
        with parquet_file(file) as table:
            groups = table.metadata.num_row_groups
    except (ValueError, *BROKEN):
        yield Piece(file, problem="damaged", size=file.size)
        return
    if groups == 0:
        yield Piece(file, problem="empty file", size=file.size)
    for group in range(groups):
        share = file.size * (group + 1) // groups - file.size * group // groups
        yield Piece(file, row_group=group, size=share)
