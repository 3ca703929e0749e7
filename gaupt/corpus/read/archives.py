"""The files inside zip and tar archives, with bounds that refuse decompression bombs and archives in archives."""

import io
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from gaupt.corpus.read.content import format_of_content, may_hold_records
from gaupt.corpus.read.encodings import without_surrogates
from gaupt.corpus.read.file import InputFile, recognize, uncompressed
from gaupt.corpus.read.streams import (
    BROKEN,
    Bomb,
    Stream,
    open_raw,
    open_stream,
    read_limited,
    reason_of,
    unpack,
)

MAX_MEMBER = 256 << 20
"""Unpacked bytes of the largest member that is read."""
MAX_MEMBERS = 1_000_000
_BROKEN = (*BROKEN, zipfile.BadZipFile, tarfile.TarError, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive, unpacked; or what is wrong with it."""

    file: InputFile
    data: bytes
    problem: str | None = None


def members(archive: InputFile) -> Iterator[Member]:
    """The readable members of ``archive`` in its order."""
    reader = _zip_members if archive.format == "zip" else _tar_members
    try:
        for number, (name, data) in enumerate(reader(archive)):
            if number >= MAX_MEMBERS:
                yield Member(archive, b"", f"more than {MAX_MEMBERS:,} members")
                return
            if (member := _member(archive, name, data)) is not None:
                yield member
    except _BROKEN as error:
        yield Member(archive, b"", reason_of(error))


def _zip_members(archive: InputFile) -> Iterator[tuple[str, bytes]]:
    with open_raw(archive.path) as raw, zipfile.ZipFile(raw) as opened:
        for info in opened.infolist():
            if not info.is_dir():
                with opened.open(info) as stream:
                    yield info.filename, read_limited(stream, MAX_MEMBER, info.compress_size)


def _tar_members(archive: InputFile) -> Iterator[tuple[str, bytes]]:
    with open_stream(archive) as stream, tarfile.open(fileobj=stream, mode="r|") as opened:  # type: ignore[call-overload]
        for info in opened:
            if info.isfile() and (member := opened.extractfile(info)) is not None:
                yield info.name, read_limited(member, MAX_MEMBER, info.size)


def _member(archive: InputFile, name: str, data: bytes) -> Member | None:
    path = PurePosixPath(archive.name) / PurePosixPath(name).as_posix().lstrip("/")
    if any(part.startswith(".") or part == "__MACOSX" for part in PurePosixPath(name).parts):
        return None
    file = recognize(archive.path, path, PurePosixPath(archive.name), len(data))
    if file is None:
        return _told_by_content(archive, path, data)
    if file.format in ("zip", "tar"):
        return Member(file, b"", "archive inside an archive")
    if file.compression is None:
        return Member(file, data)
    try:
        return Member(file, unpack(data, file.compression, MAX_MEMBER))
    except (Bomb, *BROKEN) as error:
        return Member(file, b"", reason_of(error))


def _told_by_content(archive: InputFile, path: PurePosixPath, data: bytes) -> Member | None:
    """A member of records whose name tells no format."""
    stem, compression = uncompressed(path.name)
    if not may_hold_records(stem):
        return None
    try:
        data = data if compression is None else unpack(data, compression, MAX_MEMBER)
    except (Bomb, *BROKEN):
        return None
    raw = io.BytesIO(data)
    format_ = format_of_content(Stream(raw, raw), stem.suffix != "")
    if format_ is None:
        return None
    name = without_surrogates(path.as_posix())
    return Member(InputFile(archive.path, name, archive.source, format_, None, len(data)), data)
