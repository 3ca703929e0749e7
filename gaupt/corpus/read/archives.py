"""The files inside zip and tar archives, with bounds that refuse decompression bombs and archives in archives."""

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from gaupt.corpus.read.content import format_of_content, may_hold_records
from gaupt.corpus.read.file import InputFile, recognize, uncompressed
from gaupt.corpus.read.names import decode_name, readable_name, zip_name
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
LEADS_OUT = "member whose name leads out of the archive (..)"
_ENCRYPTED, _UTF8, _UNICODE_PATH = 1, 0x800, 0x7075
"""Flags of a member of a zip archive, and the number of the extra field that holds its name in Unicode."""
_BROKEN = (*BROKEN, zipfile.BadZipFile, tarfile.TarError, RuntimeError, ValueError, MemoryError)
"""What reading a damaged archive raises; a member of LZMA that is damaged may ask for a dictionary of 4 GiB."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive, unpacked; or what is wrong with it."""

    file: InputFile
    data: bytes
    problem: str | None = None


def members(archive: InputFile) -> Iterator[Member]:
    """The members of ``archive`` in its order, but those that are hidden; an absolute name is one in the archive."""
    reader = _zip_members if archive.format == "zip" else _tar_members
    try:
        for number, (name, data, problem) in enumerate(reader(archive)):
            if number >= MAX_MEMBERS:
                yield Member(archive, b"", f"more than {MAX_MEMBERS:,} members")
                return
            parts = PurePosixPath(name).parts
            if ".." in parts:
                yield Member(archive, b"", LEADS_OUT)
                continue
            if any(part.startswith(".") or part == "__MACOSX" for part in parts):
                continue
            member = _member(archive, name, data)
            if member is None:
                extension = PurePosixPath(name).suffix.lower() or "no extension"
                yield Member(archive, b"", f"member of a format that is not read ({extension})")
            else:
                yield member if problem is None else replace(member, problem=problem)
    except _BROKEN as error:
        yield Member(archive, b"", reason_of(error))


def _zip_members(archive: InputFile) -> Iterator[tuple[str, bytes, str | None]]:
    """Name, data, and what is wrong with it, of each member."""
    with open_raw(archive.path) as raw, zipfile.ZipFile(raw) as opened:
        for info in opened.infolist():
            if info.filename.endswith("/"):
                continue
            name = _name_in_zip(info)
            if info.flag_bits & _ENCRYPTED:
                yield name, b"", "encrypted; unpack it yourself"
                continue
            try:
                stream = opened.open(info)
            except NotImplementedError:
                yield name, b"", "packed by a method that is not known here; unpack it yourself"
                continue
            with stream:
                yield name, read_limited(stream, MAX_MEMBER, info.compress_size), None


def _name_in_zip(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & _UTF8:
        return info.filename
    raw = info.orig_filename.encode("cp437")  # as Python decodes it
    name = _unicode_path(info.extra, raw) or zip_name(raw)
    return name if "/" in name else name.replace("\\", "/")


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    """The name in the extra field of Info-ZIP, if it was made for the name ``raw``."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and field[1:5] == struct.pack("<I", zlib.crc32(raw)):
            return field[5:].decode("utf-8", "replace")
    return None


def _tar_members(archive: InputFile) -> Iterator[tuple[str, bytes, str | None]]:
    with (
        open_stream(archive) as stream,
        tarfile.open(fileobj=stream, mode="r|", encoding="utf-8", errors="surrogateescape") as opened,  # type: ignore[call-overload]
    ):
        for info in opened:
            if info.isfile() and (member := opened.extractfile(info)) is not None:
                yield _name_in_tar(info.name), read_limited(member, MAX_MEMBER, info.size), None


def _name_in_tar(name: str) -> str:
    return decode_name(name.encode("utf-8", "surrogateescape")) or readable_name(name)


def _member(archive: InputFile, name: str, data: bytes) -> Member | None:
    path = PurePosixPath(archive.name) / PurePosixPath(name).as_posix().lstrip("/")
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
    name = readable_name(path.as_posix())
    return Member(InputFile(archive.path, name, archive.source, format_, None, len(data)), data)
