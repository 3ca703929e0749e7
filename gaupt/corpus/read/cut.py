"""Cut the input into parts: the unit of work, of progress and of resumption.

Parts are a pure function of the input files, never of the number of workers: the output is the same for any. Small
files next to one another are a part. A file that is larger than a part is cut by whoever reads it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.piece import Piece, TextDocuments, one_document
from gaupt.corpus.read.pieces import holds_blocks, pieces_of

MIN_PART, MAX_PART = 4 << 20, 64 << 20
READ = 4 << 20
"""Bytes of a small file that are read at once."""
_UNPACKED = 4
"""How many times its size the text of a compressed file is, by which it is told whether it is larger than a part."""


@dataclass(frozen=True, slots=True)
class Section:
    """Consecutive small files, which are one part, or a large file alone."""

    number: int
    files: tuple[InputFile, ...]
    is_cut: bool
    """Whether the file is large, and of a format that can be cut."""

    @property
    def name(self) -> str:
        """What the work on it is called."""
        return f"{self.number:06d}"

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class Part:
    """About `part_bytes` of the input: small files, or consecutive pieces of a large one."""

    name: str
    files: tuple[InputFile, ...]
    pieces: tuple[Piece, ...]

    @property
    def size(self) -> int:
        """Bytes on disk that the part stands for."""
        return sum(file.size for file in self.files) + sum(piece.size for piece in self.pieces)


def pieces_of_part(part: Part, text_document: TextDocuments = one_document) -> Iterator[Piece]:
    """What is to be read of a part, in order."""
    for file in part.files:
        yield from pieces_of(file, READ, text_document)
    yield from part.pieces


def part_bytes(files: Sequence[InputFile]) -> int:
    """Bytes of text in a part: about a thousand parts, none under 4 or over 64 MiB."""
    return min(MAX_PART, max(MIN_PART, sum(file.size for file in files) // 1000))


def sections(files: Iterable[InputFile], size: int) -> Iterator[Section]:
    """``files`` in order, as sections of parts of about ``size`` bytes."""
    number, gathered, weight = 0, list[InputFile](), 0
    for file in files:
        more = file.size * (_UNPACKED if file.compression else 1)
        is_cut = more > size and holds_blocks(file)
        if gathered and (is_cut or weight + more > size):
            yield Section(number, tuple(gathered), False)
            number, gathered, weight = number + 1, [], 0
        if is_cut:
            yield Section(number, (file,), True)
            number += 1
        else:
            gathered.append(file)
            weight += more
    if gathered:
        yield Section(number, tuple(gathered), False)


def cut(section: Section, size: int, text_document: TextDocuments = one_document) -> Iterator[Part]:
    """The parts of a section in order, of about ``size`` bytes; ``text_document``: of a source's text files."""
    if not section.is_cut:
        yield Part(part_name(section.name, 0), section.files, ())
        return
    for number, pieces in enumerate(runs(pieces_of(section.files[0], size, text_document), size)):
        yield Part(part_name(section.name, number), (), pieces)


def runs(pieces: Iterable[Piece], size: int) -> Iterator[tuple[Piece, ...]]:
    """``pieces`` in runs of about ``size`` bytes."""
    gathered, weight = list[Piece](), 0
    for piece in pieces:
        gathered.append(piece)
        weight += len(piece.data) if piece.data is not None else piece.size
        if weight >= size:
            yield tuple(gathered)
            gathered, weight = [], 0
    if gathered:
        yield tuple(gathered)


def part_name(section: str, number: int) -> str:
    """The name of a section's part; by their names parts are in order."""
    return f"{section}-{number:05d}"
