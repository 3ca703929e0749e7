"""Documents files cut into parts of some megabytes, to spread over cores and to resume in small steps."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gaupt.corpus.documents import Document, check_file, damaged, read_slice
from gaupt.files import read_zst

SMALLEST, LARGEST = 16 << 20, 512 << 20
_PARTS_WANTED = 512
TAIL = " (end)"
"""What the id of the end of a document that was cut in two ends with."""
_END = re.compile(r"[。！？…!?]+[”’」』）]*|\n+")


@dataclass(frozen=True)
class Part:
    """The documents whose lines begin within some bytes of a documents file, decompressed."""

    name: str
    file: Path
    first: int
    stop: int


def cut_parts(files: Sequence[Path], sizes: Sequence[int], smallest: int = SMALLEST) -> list[Part]:
    """Parts of even size that cover ``files`` in order; ``sizes`` in bytes are those of the files, decompressed.

    The size of a part depends on the size of all files alone.
    """
    size = min(max(sum(sizes) // _PARTS_WANTED, smallest), LARGEST)
    bounds = [
        (file, first, min(first + size, whole))
        for file, whole in zip(files, sizes, strict=True)
        for first in range(0, whole, size)
    ]
    return [Part(f"{number:05}", *bound) for number, bound in enumerate(bounds)]


def in_two(document: Document, share: float) -> list[Document]:
    """The document without its last ``share``, and that, cut where a sentence or line ends; whole where none does."""
    text = document.text
    ends = [match.end() for match in _END.finditer(text) if match.end() <= len(text) * (1 - share) + 1]
    if not ends or not text[ends[-1] :].strip():
        return [document]
    first, last = text[: ends[-1]], text[ends[-1] :].lstrip("\n")
    return [replace(document, text=first), replace(document, id=f"{document.id}{TAIL}", text=last)]


def read_part(part: Part) -> Iterator[Document]:
    """Yield the documents of ``part``.

    Raises:
        GauptError: the file is damaged.
    """
    return read_slice(part.file, part.first, part.stop)


def decompressed_size(file: Path) -> int:
    """Bytes of a documents file, decompressed.

    Raises:
        GauptError: the file is damaged.
    """
    check_file(file)
    try:
        return sum(map(len, read_zst(file)))
    except (OSError, ValueError, EOFError) as error:
        raise damaged(file, error) from error
