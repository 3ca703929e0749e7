"""A file of many records to blocks of whole ones, in one pass, whatever its size and theirs."""

import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import NamedTuple

from gaupt.config import TextDocument
from gaupt.corpus.read.dialects import HEAD, Dialect, Head, read_head, spans
from gaupt.corpus.read.encodings import detect_of_lines, lines_to_utf8
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.foreign import foreign_by_content
from gaupt.corpus.read.mediawiki import NO_EXPORT, PAGE_END, is_export
from gaupt.corpus.read.piece import MAX_RECORD, TOO_LONG_RECORD, Piece
from gaupt.corpus.read.streams import BROKEN, Reads, Utf8Lines
from gaupt.corpus.read.wikiextractor import DOCUMENT_END

READ = 1 << 20
_LINE, _PAGE, _DOCUMENT = (re.compile(re.escape(mark)) for mark in (b"\n", PAGE_END, DOCUMENT_END))
_SPACE = rb"(?:[ \t\r\f\v]|\xc2[\x85\xa0]|\xe2\x80[\x80-\x8b]|\xe3\x80\x80|\xef\xbb\xbf)*+"
BLANK_LINES = re.compile(rb"\n(?:" + _SPACE + rb"\n)++")
"""A line's end and the blank lines after it."""
_BLANK = re.compile(rb"(?:" + _SPACE + rb"\n)*+" + _SPACE)
_STRADDLING = 64
"""Bytes kept of a record that is too long: the mark that ends it may begin in them."""


class Found(NamedTuple):
    """The whole records at the beginning of what was read so far."""

    end: int
    """Where the last one ends; 0: there is none."""
    records: int
    sound: bool = False
    """All are rows of a table that are written as they should be."""


class Batch(NamedTuple):
    """Consecutive records."""

    data: bytes | None
    """None: one that is too long."""
    records: int
    sound: bool = False


Whole = Callable[[bytes], Found]


def blocks(file: InputFile, stream: Reads, size: int, text_document: TextDocument) -> Iterator[Piece]:
    """Pieces of about ``size`` bytes of a table, of JSON lines, of a dump, or of a text of many documents.

    What is read of a file does not depend on ``size``.

    Raises:
        NotText: it begins with bytes that are no text.
        BROKEN: one of these, after the records before the damage.
    """
    step, head, mark = min(READ, size), None, _LINE
    beginning, chunks = _beginning(_chunks(Utf8Lines(stream), step), 1)
    if (kind := foreign_by_content(beginning)) is not None:
        yield Piece(file, problem=f"{kind.called}, which is not read")
        return
    chunks = chain([beginning], chunks)
    whole: Whole
    match file.format:
        case "csv" | "tsv":
            beginning, chunks = _beginning(_lines(chunks), HEAD)
            head, length = read_head(beginning, tabs=file.format == "tsv")
            chunks = chain(_slices(beginning[length:], step), chunks)
            whole = _rows(head.dialect)
        case "mediawiki":
            if not is_export(beginning):
                yield Piece(file, problem=NO_EXPORT)
                return
            whole, mark = _marked(PAGE_END), _PAGE
        case "wikiextractor":
            whole, mark = _marked(DOCUMENT_END), _DOCUMENT
        case "text" if text_document == "block":
            chunks, whole, mark = _lines(chunks), _groups, BLANK_LINES
        case "text":
            chunks, whole = _lines(chunks), _marked(b"\n")
        case _:
            whole = _marked(b"\n")
    yield from _pieces(file, _batches(chunks, whole, mark), size, head)


def _pieces(file: InputFile, batches: Iterator[Batch], size: int, head: Head | None) -> Iterator[Piece]:
    first, number, ready, length = 0, 0, list[Batch](), 0
    failure: BaseException | None = None

    def piece() -> Piece:
        data = b"".join(batch.data or b"" for batch in ready)
        return Piece(file, data=data, first=first, head=head, sound=all(batch.sound for batch in ready))

    try:
        for batch in batches:
            number += batch.records
            if batch.data is not None:
                ready.append(batch)
                length += len(batch.data)
            if ready and (batch.data is None or length >= size):
                yield piece()
                first, ready, length = number, [], 0
            if batch.data is None:
                yield Piece(file, problem=TOO_LONG_RECORD)
                first = number
    except BROKEN as error:
        failure = error
    if ready or (head is not None and number == 0):  # of a table without rows the columns are told
        yield piece()
    if failure is not None:
        raise failure


def _batches(chunks: Iterator[bytes], whole: Whole, mark: re.Pattern[bytes]) -> Iterator[Batch]:
    """Whole records as soon as they are read. One that is too long goes up to the next ``mark``."""
    waiting, length, wanted, too_long = list[bytes](), 0, 0, False
    for chunk in chunks:
        waiting.append(chunk)
        length += len(chunk)
        if length < wanted:
            continue
        data = b"".join(waiting)
        if too_long:
            ends = mark.search(data)
            too_long, data = ends is None, data[ends.end() if ends else -_STRADDLING :]
        found = Found(0, 0) if too_long else whole(data)
        if not found.end and len(data) > MAX_RECORD:
            if ends := mark.search(data):  # in a table: after a quotation mark that nothing closes
                found = Found(ends.end(), 1)
            else:
                too_long = True
                yield Batch(None, 1)
        if found.end:
            yield Batch(data[: found.end], found.records, found.sound)
        waiting, length = [data[found.end :]], len(data) - found.end
        # What is looked at again is no more than what is new.
        wanted = 0 if too_long else min(2 * length, MAX_RECORD + 1)
    if not too_long and (data := b"".join(waiting)):
        found = whole(data)
        if found.end:
            yield Batch(data[: found.end], found.records, found.sound)
        if found.end < len(data):
            yield Batch(data[found.end :], 1)


def _marked(mark: bytes) -> Whole:
    def whole(data: bytes) -> Found:
        last = data.rfind(mark)
        return Found(last + len(mark), data.count(mark)) if last >= 0 else Found(0, 0)

    return whole


def _rows(dialect: Dialect) -> Whole:
    def whole(data: bytes) -> Found:
        end, count, sound = 0, 0, True
        for kind, start, stop in spans(data, dialect, ended=False):
            end = stop
            count += data.count(b"\n", start, stop) if kind == "plain" else 1
            sound = sound and kind in ("plain", "quoted")
        return Found(end, count, sound)

    return whole


def _groups(data: bytes) -> Found:
    end = 0
    for found in BLANK_LINES.finditer(data):
        end = found.end()
    return Found(end, len(groups_of_lines(data[:end])))


def groups_of_lines(data: bytes) -> list[bytes]:
    """What stands between blank lines."""
    return [group for group in BLANK_LINES.split(data) if not _BLANK.fullmatch(group)]


def _chunks(source: Utf8Lines, step: int) -> Iterator[bytes]:
    while data := source.read(step):
        yield data


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The file in UTF-8, by whole lines but for those that are too long. What ends a line is a line feed."""
    encoding, returns, rest = "", False, list[bytes]()
    length = 0
    for data in chunks:
        if not encoding:
            returns = b"\r" in data and b"\n" not in data  # as on old Macs
            encoding = detect_of_lines(data)
        data = data.replace(b"\r", b"\n") if returns else data
        end = data.rfind(b"\n") + 1
        length += len(data)
        if end or length > MAX_RECORD:
            end = end or len(data)
            yield lines_to_utf8(b"".join([*rest, data[:end]]), encoding)
            rest, length = [], len(data) - end
        rest.append(data[end:])
    if last := b"".join(rest):
        yield lines_to_utf8(last, encoding)


def _beginning(chunks: Iterator[bytes], size: int) -> tuple[bytes, Iterator[bytes]]:
    """``size`` bytes at least, where there are so many, and what follows; what breaks off does so there."""
    taken, length = list[bytes](), 0
    try:
        for chunk in chunks:
            taken.append(chunk)
            length += len(chunk)
            if length >= size:
                break
    except BROKEN as error:
        chunks = _raise(error)
    return b"".join(taken), chunks


def _raise(error: BaseException) -> Iterator[bytes]:
    raise error
    yield


def _slices(data: bytes, step: int) -> Iterator[bytes]:
    return (data[start : start + step] for start in range(0, len(data), step))
