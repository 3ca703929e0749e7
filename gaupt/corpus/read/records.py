"""Pieces of input files to records: one function a format. What is bad gives a `Problem`, no exception."""

import csv
import io
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from gaupt.corpus.read.encodings import NotText, decode, detect, without_surrogates
from gaupt.corpus.read.find import InputFile
from gaupt.corpus.read.mediawiki import is_export, pages
from gaupt.corpus.read.streams import BROKEN, open_raw, read_all, reason_of
from gaupt.errors import GauptError

MAX_DOCUMENT = 32 << 20
"""Bytes of the largest text or HTML file that is one document; larger text files hold one document a line."""

MAX_JSON = 512 << 20
"""Bytes of the largest file that is one JSON value."""
MAX_PARQUET = 2 << 30
"""Bytes of the largest parquet file that is compressed once more."""

NO_EXPORT = "XML that is no export of MediaWiki"

csv.field_size_limit(min(sys.maxsize, 1 << 31))


@dataclass(frozen=True, slots=True)
class Record:
    """A document as it was found."""

    id: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read; counted by file and reason."""

    file: str
    reason: str


Item = Record | Problem


@dataclass(frozen=True, slots=True)
class Piece:
    """A whole file, or consecutive records of one."""

    file: InputFile
    data: bytes | None = None
    """The records; None: all the file."""
    first: int = 0
    """Number of the first record in the file, from 0."""
    header: bytes = b""
    """Header line of a table."""
    row_group: int | None = None
    """The part of a parquet file."""
    problem: str | None = None
    """What broke off the reading of the file here."""
    size: int = 0
    """Bytes on disk that the piece stands for."""


def read_piece(piece: Piece, text_fields: Sequence[str]) -> Iterator[Item]:
    """The records of ``piece`` in order, and its problems."""
    file = piece.file
    if piece.problem is not None:
        yield Problem(file.name, piece.problem)
        return
    try:
        match file.format:
            case "text" if piece.data is not None:
                yield from _read_lines(file, piece.data, piece.first)
            case "jsonl":
                yield from _read_jsonl(file, piece.data or b"", piece.first, text_fields)
            case "csv" | "tsv":
                yield from _read_table(file, piece, text_fields)
            case "parquet":
                with parquet_file(file) as table:
                    yield from _read_parquet(file, table, piece.row_group or 0, text_fields)
            case "mediawiki":
                yield from _read_mediawiki(file, piece.data or b"")
            case "warc":
                yield from _read_warc(file)
            case "zip" | "tar":
                yield from _read_archive(file, text_fields)
            case "json":
                yield from _read_whole(file, read_all(file, MAX_JSON), text_fields)
            case _:
                yield from _read_whole(file, read_all(file, MAX_DOCUMENT), text_fields)
    except BROKEN as error:
        yield Problem(file.name, reason_of(error))
    except NotText as error:
        yield Problem(file.name, str(error))
    except ValueError:  # what pyarrow and fastwarc raise
        yield Problem(file.name, "damaged")


def _read_whole(file: InputFile, data: bytes, text_fields: Sequence[str]) -> Iterator[Item]:
    """The records of a whole file that was read into memory."""
    if not data.strip():
        yield Problem(file.name, "empty file")
        return
    match file.format:
        case "text":
            yield Record(file.name, decode(data), file.source)
        case "html":
            yield from _read_html(file, data)
        case "json":
            yield from _read_json(file, data, text_fields)
        case "jsonl":
            yield from _read_jsonl(file, data, 0, text_fields)
        case "csv" | "tsv":
            header, rows = split_header(data, quoted=file.format == "csv")
            yield from _read_table(file, Piece(file, data=rows, header=header), text_fields)
        case "mediawiki" if not is_export(data):
            yield Problem(file.name, NO_EXPORT)
        case "mediawiki":
            yield from _read_mediawiki(file, data)
        case "parquet":
            table = open_parquet(io.BytesIO(data))
            for row_group in range(table.metadata.num_row_groups):
                yield from _read_parquet(file, table, row_group, text_fields)
        case _:
            yield Problem(file.name, f"{file.format} inside an archive")


def _read_archive(file: InputFile, text_fields: Sequence[str]) -> Iterator[Item]:
    from gaupt.corpus.read.archives import members

    for member in members(file):
        if member.problem is not None:
            yield Problem(member.file.name, member.problem)
            continue
        try:
            yield from _read_whole(member.file, member.data, text_fields)
        except NotText as error:
            yield Problem(member.file.name, str(error))
        except ValueError:
            yield Problem(member.file.name, "damaged")


def _read_warc(file: InputFile) -> Iterator[Item]:
    from gaupt.corpus.read.warc import pages

    for page in pages(file):
        if page.problem is not None:
            yield Problem(file.name, page.problem)
        else:
            yield Record(page.address, page.text, file.source)


def _read_mediawiki(file: InputFile, data: bytes) -> Iterator[Item]:
    for page in pages(data):
        if page.problem is not None:
            yield Problem(file.name, page.problem)
        else:
            yield Record(page.title, page.text, file.source)


def _read_lines(file: InputFile, data: bytes, first: int) -> Iterator[Item]:
    for number, line in enumerate(data.split(b"\n"), first + 1):
        if line.strip():
            try:
                yield Record(f"{file.name}:{number}", decode(line), file.source)
            except NotText:
                yield Problem(file.name, "malformed line")


_CHARSET = re.compile(
    rb"""<(?:meta[^>]+charset|\?xml[^>]+encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE
)


def _read_html(file: InputFile, data: bytes) -> Iterator[Item]:
    from gaupt.corpus.read.html import main_text

    if len(data) > MAX_DOCUMENT:
        yield Problem(file.name, f"larger than {MAX_DOCUMENT >> 20} MiB")
        return
    declared = _CHARSET.search(data[:4096])
    page = decode(data, declared[1].decode("ascii") if declared else None)
    yield Record(file.name, main_text(page), file.source)


def _read_jsonl(file: InputFile, data: bytes, first: int, text_fields: Sequence[str]) -> Iterator[Item]:
    for number, line in enumerate(data.split(b"\n"), first + 1):
        if not line or line.isspace():
            continue
        try:
            value = json.loads(_decode_line(line))
        except (ValueError, RecursionError):
            yield Problem(file.name, "malformed line")
            continue
        yield _record(value, file, number, text_fields)


def _decode_line(line: bytes) -> str:
    try:
        return line.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return line.decode(detect(line))


def _record(value: Any, file: InputFile, number: int, text_fields: Sequence[str]) -> Item:
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
    return Problem(file.name, "no text field")


def _read_json(file: InputFile, data: bytes, text_fields: Sequence[str]) -> Iterator[Item]:
    if len(data) > MAX_JSON:
        yield Problem(file.name, f"larger than {MAX_JSON >> 20} MiB; turn it into JSON lines")
        return
    text = decode(data)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        # Many files named .json hold JSON lines.
        yield from _read_jsonl(file, text.encode("utf-8", "replace"), 0, text_fields)
        return
    values = value if isinstance(value, list) else [value]
    if isinstance(value, dict) and not any(isinstance(value.get(name), str) for name in text_fields):
        values = next((item for item in value.values() if isinstance(item, list)), values)
    for number, item in enumerate(values, 1):
        yield _record(item, file, number, text_fields)


def _read_table(file: InputFile, piece: Piece, text_fields: Sequence[str]) -> Iterator[Item]:
    header = next(_rows(file, decode(piece.header)), [])
    names = [name.strip().lower() for name in header]
    wanted = [names.index(name.lower()) for name in text_fields if name.lower() in names]
    rows = _rows(file, decode(piece.data or b""))
    if not wanted and len(names) == 1:
        wanted, names = [0], ["text"]
        if piece.first == 0:
            yield _record({"text": header[0]}, file, 1, ("text",))
    elif not wanted:
        yield Problem(file.name, f"no text column (columns: {', '.join(header)[:80]})")
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
        yield _record(value, file, number, ("text",))


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


@contextmanager
def parquet_file(file: InputFile) -> Iterator[Any]:
    """Open a parquet file. Raises `GauptError` where pyarrow is not installed."""
    if file.compression is None:
        with open_raw(file.path) as raw:
            yield open_parquet(raw)
    else:
        yield open_parquet(io.BytesIO(read_all(file, MAX_PARQUET)))


def open_parquet(source: Any) -> Any:
    """Open a parquet file that can be sought in. Raises `GauptError` where pyarrow is not installed."""
    try:
        import pyarrow.parquet
    except ImportError:
        raise GauptError("reading parquet needs pyarrow: pip install 'gaupt[parquet]'") from None
    return pyarrow.parquet.ParquetFile(source)


def _read_parquet(file: InputFile, table: Any, row_group: int, text_fields: Sequence[str]) -> Iterator[Item]:
    names = table.schema_arrow.names
    columns = [name for name in (*text_fields, "id", "source") if name in names]
    if not any(name in names for name in text_fields):
        yield Problem(file.name, f"no text column (columns: {', '.join(names)[:80]})")
        return
    number = sum(table.metadata.row_group(i).num_rows for i in range(row_group))
    for batch in table.iter_batches(batch_size=256, row_groups=[row_group], columns=columns):
        for value in batch.to_pylist():
            number += 1
            yield _record(value, file, number, text_fields)
