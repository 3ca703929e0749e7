"""A file to the pieces that are read one by one."""

from collections.abc import Iterator
from dataclasses import replace

from gaupt.config import TextDocument
from gaupt.corpus.read.blocks import blocks
from gaupt.corpus.read.content import first_line, is_whole
from gaupt.corpus.read.encodings import NotText
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.parquet import row_groups
from gaupt.corpus.read.piece import Piece, TextDocuments, one_document
from gaupt.corpus.read.streams import BROKEN, open_stream, reason_of

LARGE_JSON = 4 << 20
"""Bytes from which a JSON file is looked into for lines; a smaller one is read as a whole in any case."""
_BLOCKS = ("jsonl", "csv", "tsv", "mediawiki", "wikiextractor")
"""Formats of files of many records, which are read block by block."""


def pieces_of(file: InputFile, size: int, text_document: TextDocuments = one_document) -> Iterator[Piece]:
    """The pieces of a file: blocks of about ``size`` bytes, the row groups of a parquet file, or all of it."""
    file = _as_it_is(file)
    document = text_document(file.source)
    if file.size == 0:
        yield Piece(file, problem="empty file")
    elif file.format in _BLOCKS or (file.format == "text" and document != "file"):
        yield from _blocks(file, size, document)
    elif file.format == "parquet":
        yield from row_groups(file)
    else:
        yield Piece(file, size=file.size)


def holds_blocks(file: InputFile) -> bool:
    """Whether a file may be cut, as far as its name tells."""
    return file.format in (*_BLOCKS, "json", "text", "parquet")


def _as_it_is(file: InputFile) -> InputFile:
    """``file``; as JSON lines, or as JSON of many lines, where it holds that under the other's name."""
    if not (file.format == "json" and file.size > LARGE_JSON) and not (file.format == "jsonl" and file.size):
        return file  # a small JSON file is read as a whole in any case
    try:
        with open_stream(file) as stream:
            line = first_line(stream)
    except BROKEN:
        return file  # the reader meets the same fault and reports it
    if file.format == "jsonl":
        return replace(file, format="json") if line.strip() in (b"{", b"[") else file
    return replace(file, format="jsonl") if is_whole(line) else file


def _blocks(file: InputFile, size: int, document: TextDocument) -> Iterator[Piece]:
    position = 0
    problem: str | None = None
    try:
        with open_stream(file) as stream:
            for piece in blocks(file, stream, size, document):
                done = stream.position()
                yield replace(piece, size=done - position)
                position = done
    except BROKEN as error:
        problem = reason_of(error)
    except NotText as error:
        problem = str(error)
    if problem is not None or position < file.size:
        yield Piece(file, data=b"", problem=problem, size=file.size - position)
