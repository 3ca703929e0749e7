"""What reading is about: pieces of files go in, records and problems come out."""

from dataclasses import dataclass

from gaupt.corpus.read.file import InputFile

MAX_DOCUMENT = 32 << 20
"""Bytes of the largest text or HTML file that is one document; larger text files hold one document a line."""


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
