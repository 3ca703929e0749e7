"""Cut the input into parts: the unit of work, of progress and of resumption.

Parts are a pure function of the input files, never of the number of workers: the output is the same for any.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gaupt.corpus.read.content import first_line, is_whole
from gaupt.corpus.read.encodings import NotText, decode
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.foreign import HEAD, foreign_by_content
from gaupt.corpus.read.mediawiki import NO_EXPORT, PAGE_END, is_export
from gaupt.corpus.read.parquet import row_groups
from gaupt.corpus.read.piece import MAX_DOCUMENT, Piece
from gaupt.corpus.read.streams import BROKEN, Stream, Utf8Lines, open_stream, reason_of
from gaupt.corpus.read.tables import split_header
from gaupt.corpus.read.wikiextractor import DOCUMENT_END

MIN_PART, MAX_PART = 4 << 20, 32 << 20
READ = 1 << 20
MAX_RECORD = 64 << 20
"""Bytes of the longest line or quoted record; longer ones are cut, which makes them malformed."""

_MARKS = {"mediawiki": PAGE_END, "wikiextractor": DOCUMENT_END}
"""What a record ends with in formats where it is no line feed."""


@dataclass(frozen=True, slots=True)
class Part:
    """Consecutive pieces of input, about `part_bytes` long."""

    number: int
    pieces: tuple[Piece, ...]

    @property
    def size(self) -> int:
        """Bytes on disk that the part stands for."""
        return sum(piece.size for piece in self.pieces)


def part_bytes(files: Sequence[InputFile]) -> int:
    """Bytes of text in a part: about a thousand parts, none under 4 or over 32 MiB."""
    return min(MAX_PART, max(MIN_PART, sum(file.size for file in files) // 1000))


def cut(files: Sequence[InputFile], size: int) -> Iterator[Part]:
    """Parts of about ``size`` bytes over ``files``, in order."""
    number, pieces, weight = 0, list[Piece](), 0
    for piece in _pieces(files, size):
        pieces.append(piece)
        weight += len(piece.data) if piece.data is not None else piece.size
        if weight >= size:
            yield Part(number, tuple(pieces))
            number, pieces, weight = number + 1, [], 0
    if pieces:
        yield Part(number, tuple(pieces))


def _pieces(files: Sequence[InputFile], size: int) -> Iterator[Piece]:
    for file in map(_as_it_is, files):
        if file.size == 0:
            yield Piece(file, problem="empty file")
        elif file.format in ("jsonl", "csv", "tsv", *_MARKS) or _is_long_text(file):
            yield from _blocks(file, size)
        elif file.format == "parquet":
            yield from row_groups(file)
        else:
            yield Piece(file, size=file.size)


def _as_it_is(file: InputFile) -> InputFile:
    """``file``; as JSON lines, or as JSON of many lines, where it holds that under the other's name."""
    if not (file.format == "json" and file.size > MIN_PART) and not (file.format == "jsonl" and file.size):
        return file  # a small JSON file is read as a whole in any case
    try:
        with open_stream(file) as stream:
            line = first_line(stream)
    except BROKEN:
        return file  # the reader meets the same fault and reports it
    if file.format == "jsonl":
        return replace(file, format="json") if line.strip() in (b"{", b"[") else file
    return replace(file, format="jsonl") if is_whole(line) else file


def _is_long_text(file: InputFile) -> bool:
    if file.format != "text":
        return False
    if file.compression is None or file.size > MAX_DOCUMENT:
        return file.size > MAX_DOCUMENT
    try:
        with open_stream(file) as stream:
            length = 0
            while length <= MAX_DOCUMENT and (data := stream.read(READ)):
                length += len(data)
    except BROKEN:
        return False  # the reader meets the same fault and reports it
    return length > MAX_DOCUMENT


def _blocks(file: InputFile, size: int) -> Iterator[Piece]:
    """Blocks of whole records of about ``size`` bytes, read in one pass."""
    position, first, header = 0, 0, b""
    problem: str | None = None
    try:
        with open_stream(file) as stream:
            mark = _MARKS.get(file.format, b"\n")
            for block in _record_blocks(stream, size, mark, quoted=file.format == "csv"):
                if file.format == "mediawiki" and position == 0 and not is_export(block):
                    yield Piece(file, problem=NO_EXPORT, size=file.size)
                    return
                if position == 0 and (kind := foreign_by_content(block[:HEAD])) is not None:
                    yield Piece(file, problem=f"{kind.called}, which is not read", size=file.size)
                    return
                done = stream.position()
                piece = Piece(file, data=block, first=first, header=header, size=done - position)
                if file.format in ("csv", "tsv") and not header:
                    header, rows = split_header(block, quoted=file.format == "csv")
                    piece = replace(piece, header=header, data=rows)
                position = done
                first += _count_records(piece)
                yield piece
    except BROKEN as error:
        problem = reason_of(error)
    if problem is not None:
        yield Piece(file, problem=problem, size=file.size - position)
    elif position < file.size:
        yield Piece(file, data=b"", first=first, header=header, size=file.size - position)


def _count_records(piece: Piece) -> int:
    data = piece.data or b""
    if piece.file.format in _MARKS:
        return data.count(_MARKS[piece.file.format])
    if piece.file.format != "csv":
        return data.count(b"\n") + (not data.endswith(b"\n") and data != b"")
    try:
        return sum(1 for _ in csv.reader(io.StringIO(decode(data), newline="")))
    except (NotText, csv.Error):
        return data.count(b"\n")


def _record_blocks(stream: Stream, size: int, mark: bytes, quoted: bool) -> Iterator[bytes]:
    """Cut a stream after a ``mark``, which ends records. In a quoted table one inside quotes ends none."""
    lines = Utf8Lines(stream)
    buffer = bytearray()
    quotes, end = 0, 0  # quotes before `scanned`; end of the last whole record
    scanned = 0
    failure: BaseException | None = None
    while failure is None:
        try:
            data = lines.read(min(READ, size))
        except BROKEN as error:
            failure = error
            break
        if not data:
            break
        buffer += data
        if not quoted:
            last = buffer.rfind(mark, scanned)
            end = last + len(mark) if last >= 0 else end
        else:
            while (feed := buffer.find(b"\n", scanned)) >= 0:
                quotes += buffer.count(b'"', scanned, feed)
                scanned = feed + 1
                if quotes % 2 == 0:
                    end = scanned
        if not quoted:
            scanned = max(0, len(buffer) - len(mark) + 1)  # a mark may begin in what was read
        if (len(buffer) >= size and end > 0) or len(buffer) > MAX_RECORD:
            end = end or len(buffer)
            yield bytes(buffer[:end])
            del buffer[:end]
            scanned, quotes, end = max(0, scanned - end), 0 if quotes % 2 == 0 else 1, 0
    # A file that broke off gives its whole records; one that ended gives everything.
    rest = bytes(buffer[:end] if failure is not None else buffer)
    if rest:
        yield rest
    if failure is not None:
        raise failure
