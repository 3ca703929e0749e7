"""Cut the input into parts: the unit of work, of progress and of resumption.

Parts are a pure function of the input files, never of the number of workers: the output is the same for any.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gaupt.config import TextDocument
from gaupt.corpus.read.blocks import blocks
from gaupt.corpus.read.content import first_line, is_whole
from gaupt.corpus.read.encodings import NotText
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.parquet import row_groups
from gaupt.corpus.read.piece import Piece, TextDocuments, one_document
from gaupt.corpus.read.streams import BROKEN, open_stream, reason_of

MIN_PART, MAX_PART = 4 << 20, 32 << 20


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


def cut(files: Sequence[InputFile], size: int, text_document: TextDocuments = one_document) -> Iterator[Part]:
    """Parts of about ``size`` bytes over ``files``, in order; ``text_document``: of a source's text files."""
    number, pieces, weight = 0, list[Piece](), 0
    for piece in _pieces(files, size, text_document):
        pieces.append(piece)
        weight += len(piece.data) if piece.data is not None else piece.size
        if weight >= size:
            yield Part(number, tuple(pieces))
            number, pieces, weight = number + 1, [], 0
    if pieces:
        yield Part(number, tuple(pieces))


def _pieces(files: Sequence[InputFile], size: int, text_document: TextDocuments) -> Iterator[Piece]:
    for file in map(_as_it_is, files):
        document = text_document(file.source)
        if file.size == 0:
            yield Piece(file, problem="empty file")
        elif file.format in ("jsonl", "csv", "tsv", "mediawiki", "wikiextractor") or (
            file.format == "text" and document != "file"
        ):
            yield from _blocks(file, size, document)
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
