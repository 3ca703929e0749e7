"""Pieces of input files to records: one function a format. What is bad gives a `Problem`, no exception."""

import io
from collections.abc import Iterator, Sequence

from gaupt.config import TextDocument
from gaupt.corpus.read.archives import members
from gaupt.corpus.read.blocks import blocks, groups_of_lines
from gaupt.corpus.read.encodings import NotText, decode
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.foreign import foreign_by_content
from gaupt.corpus.read.html import read_html
from gaupt.corpus.read.jsonl import MAX_JSON, read_json, read_jsonl
from gaupt.corpus.read.mediawiki import NO_EXPORT, is_export, read_mediawiki
from gaupt.corpus.read.parquet import open_parquet, parquet_file, read_parquet
from gaupt.corpus.read.piece import (
    MAX_DOCUMENT,
    MAX_RECORD,
    TOO_LONG_RECORD,
    Item,
    Piece,
    Problem,
    Record,
    TextDocuments,
    one_document,
)
from gaupt.corpus.read.streams import BROKEN, read_all, reason_of
from gaupt.corpus.read.subtitles import read_subtitles
from gaupt.corpus.read.tables import read_table
from gaupt.corpus.read.warc import read_warc
from gaupt.corpus.read.wikiextractor import read_wikiextractor

TOO_LONG_TEXT = f"larger than {MAX_DOCUMENT >> 20} MiB; one document a line? --text-document line"


def is_too_long(file: InputFile, text_document: TextDocuments) -> bool:
    """Whether a text file is too large for the one document that it is."""
    if file.format != "text" or text_document(file.source) != "file":
        return False
    if file.compression is None:
        return file.size > MAX_DOCUMENT
    try:
        return len(read_all(file, MAX_DOCUMENT)) > MAX_DOCUMENT
    except BROKEN:
        return False  # the reader meets the same fault and reports it


def read_piece(
    piece: Piece, text_fields: Sequence[str], text_document: TextDocuments = one_document
) -> Iterator[Item]:
    """The records of ``piece`` in order, and its problems."""
    file = piece.file
    if piece.problem is not None:
        yield Problem(file.name, piece.problem)
        return
    try:
        match file.format:
            case "text" if piece.data is not None:
                yield from _read_lines(piece, text_document(file.source))
            case "jsonl":
                yield from read_jsonl(file, piece.data or b"", piece.first, text_fields)
            case "csv" | "tsv":
                yield from read_table(file, piece, text_fields)
            case "parquet":
                with parquet_file(file) as table:
                    yield from read_parquet(file, table, piece.row_group or 0, text_fields)
            case "mediawiki":
                yield from read_mediawiki(file, piece.data or b"")
            case "wikiextractor":
                yield from read_wikiextractor(file, piece.data or b"")
            case "warc":
                yield from read_warc(file)
            case "zip" | "tar":
                yield from _read_archive(file, text_fields, text_document)
            case "text" if file.compression is None and file.size > MAX_DOCUMENT:
                yield Problem(file.name, TOO_LONG_TEXT)
            case "json":
                yield from _read_whole(file, read_all(file, MAX_JSON), text_fields)
            case _:
                yield from _read_whole(file, read_all(file, MAX_DOCUMENT), text_fields)
    except BROKEN as error:
        yield Problem(file.name, reason_of(error))
    except NotText as error:
        yield Problem(file.name, str(error))
    except ValueError:  # what pyarrow raises
        yield Problem(file.name, "damaged")


def _read_whole(file: InputFile, data: bytes, text_fields: Sequence[str]) -> Iterator[Item]:
    """The records of a whole file that was read into memory."""
    if not data.strip():
        yield Problem(file.name, "empty file")
        return
    if (kind := foreign_by_content(data)) is not None:
        yield Problem(file.name, f"{kind.called}, which is not read")
        return
    match file.format:
        case "text" if len(data) > MAX_DOCUMENT:
            yield Problem(file.name, TOO_LONG_TEXT)
        case "text":
            yield Record(file.name, decode(data), file.source)
        case "html":
            yield from read_html(file, data)
        case "srt" | "ass" | "vtt" | "lrc":
            yield from read_subtitles(file, data)
        case "json":
            yield from read_json(file, data, text_fields)
        case "jsonl":
            yield from read_jsonl(file, data, 0, text_fields)
        case "mediawiki" if not is_export(data):
            yield Problem(file.name, NO_EXPORT)
        case "mediawiki":
            yield from read_mediawiki(file, data)
        case "wikiextractor":
            yield from read_wikiextractor(file, data)
        case "parquet":
            table = open_parquet(io.BytesIO(data))
            for row_group in range(table.metadata.num_row_groups):
                yield from read_parquet(file, table, row_group, text_fields)
        case _:
            yield Problem(file.name, f"{file.format} inside an archive")


def _read_archive(
    file: InputFile, text_fields: Sequence[str], text_document: TextDocuments
) -> Iterator[Item]:
    for member in members(file):
        if member.problem is not None:
            yield Problem(member.file.name, member.problem)
            continue
        document = text_document(member.file.source)
        try:
            if member.data.strip() and (
                member.file.format in ("csv", "tsv") or (member.file.format == "text" and document != "file")
            ):
                for piece in blocks(member.file, io.BytesIO(member.data), MAX_RECORD, document):
                    yield from read_piece(piece, text_fields, text_document)
            else:
                yield from _read_whole(member.file, member.data, text_fields)
        except NotText as error:
            yield Problem(member.file.name, str(error))
        except ValueError:
            yield Problem(member.file.name, "damaged")


def _read_lines(piece: Piece, document: TextDocument) -> Iterator[Item]:
    """The documents of a text file of many: its lines, or what stands between blank lines."""
    file, data = piece.file, piece.data or b""
    texts = groups_of_lines(data) if document == "block" else data.split(b"\n")
    for number, lines in enumerate(texts, piece.first + 1):
        if len(lines) > MAX_RECORD:
            yield Problem(file.name, TOO_LONG_RECORD)
            continue
        try:
            text = decode(lines).strip()
        except NotText:
            yield Problem(file.name, "malformed block" if document == "block" else "malformed line")
            continue
        if text:
            yield Record(f"{file.name}:{number}", text, file.source)
