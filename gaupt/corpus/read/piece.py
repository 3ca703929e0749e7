"""What reading is about: pieces of files go in, records and problems come out."""

from collections.abc import Callable
from dataclasses import dataclass

from gaupt.config import TextDocument
from gaupt.corpus.read.dialects import Head
from gaupt.corpus.read.file import InputFile

MAX_DOCUMENT = 32 << 20
"""Bytes of the largest text or HTML file that is one document."""
MAX_RECORD = 64 << 20
"""Bytes of the longest record of a file of many."""
TOO_LONG_RECORD = f"a record longer than {MAX_RECORD >> 20} MiB"


TextDocuments = Callable[[str], TextDocument]
"""What one document of a text file is, by the file's source."""


def one_document(source: str) -> TextDocument:
    """A text file is one document."""
    return "file"


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
    head: Head | None = None
    """What the beginning of a table tells."""
    sound: bool = False
    """Every row of the table's piece is written as it should be."""
    row_group: int | None = None
    """The part of a parquet file."""
    problem: str | None = None
    """What broke off the reading of the file here."""
    size: int = 0
    """Bytes on disk that the piece stands for."""
