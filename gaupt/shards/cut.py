"""Documents files cut into parts of some megabytes, to spread over cores and to resume in small steps."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import zstandard

from gaupt.corpus.documents import Document
from gaupt.errors import GauptError
from gaupt.files import read_zst

SMALLEST, LARGEST = 16 << 20, 512 << 20
_PARTS_WANTED = 512
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Part:
    """The documents whose lines begin within some bytes of a documents file, decompressed."""

    number: int
    file: Path
    first: int
    stop: int


def cut_parts(files: list[Path], smallest: int = SMALLEST) -> list[Part]:
    """Parts of even size that cover ``files`` in order; the size depends on the size of all files alone.

    Raises:
        GauptError: a file is damaged.
    """
    sizes = [_decompressed_size(file) for file in files]
    size = min(max(sum(sizes) // _PARTS_WANTED, smallest), LARGEST)
    bounds = [
        (file, first, min(first + size, whole))
        for file, whole in zip(files, sizes, strict=True)
        for first in range(0, whole, size)
    ]
    return [Part(number, *bound) for number, bound in enumerate(bounds)]


def read_part(part: Part) -> Iterator[Document]:
    """Yield the documents of ``part``.

    Raises:
        GauptError: the file is damaged.
    """
    try:
        with _open(part.file) as stream:
            place = part.first
            if place:
                # A line that began before belongs to the part before.
                _skip(stream, place - 1)
                place += len(stream.readline()) - 1
            while place < part.stop:
                line = stream.readline()
                if not line:
                    return
                place += len(line)
                record = json.loads(line.decode())
                yield Document(record["id"], record["text"], record["source"])
    except (ValueError, KeyError, TypeError, OSError, zstandard.ZstdError) as error:
        raise _damaged(part.file, error) from error


def _decompressed_size(file: Path) -> int:
    try:
        return sum(map(len, read_zst(file)))
    except (OSError, ValueError, EOFError) as error:
        raise _damaged(file, error) from error


def _open(file: Path) -> io.BufferedReader:
    reader = zstandard.ZstdDecompressor(max_window_size=1 << 31).stream_reader(
        file.open("rb"), read_across_frames=True, closefd=True
    )
    return io.BufferedReader(reader, _CHUNK)


def _skip(stream: io.BufferedReader, count: int) -> None:
    while count > 0 and (chunk := stream.read(min(count, _CHUNK))):
        count -= len(chunk)


def _damaged(file: Path, error: Exception) -> GauptError:
    return GauptError(f"{file} is damaged ({error}); run gaupt clean again with --overwrite")
