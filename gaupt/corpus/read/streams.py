"""Open a file decompressed, in one pass, knowing how many bytes of the file itself have been read."""

import bz2
import codecs
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import brotli
import zstandard

from gaupt.corpus.read.encodings import MARKS, SAMPLE, NotText, detect
from gaupt.corpus.read.file import InputFile
from gaupt.remote import open_url


class Bomb(Exception):
    """A small file that unpacks to a huge one."""


BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError, Bomb)
"""What reading a damaged file raises."""
MAX_RATIO, FREE = 1000, 64 << 20
"""A file may unpack to `FREE` bytes and `MAX_RATIO` times its size; text reaches a few dozen times."""
READ_AHEAD = 1 << 18
"""Unpacked bytes gathered for one read."""
MAX_WINDOW = 1 << 31
"""Largest zstd window accepted (``zstd --long=31``)."""


class Stream:
    """A decompressed file, read forward only."""

    def __init__(self, raw: io.BufferedIOBase, decompressed: "_Readable") -> None:
        self._raw = raw
        self._decompressed = decompressed
        self._unpacked = 0

    def read(self, size: int) -> bytes:
        """Some bytes, at most ``size``, empty at the end. Raises one of `BROKEN` for a damaged file.

        What stands before the damage is given first.
        """
        data = self._decompressed.read1(size)
        self._unpacked += len(data)
        _check_ratio(self._unpacked, self._raw.tell())
        return data

    def position(self) -> int:
        """Bytes of the file on disk that have been read."""
        return self._raw.tell()


@contextmanager
def open_stream(file: InputFile) -> Iterator[Stream]:
    """Open ``file`` decompressed."""
    with open_raw(file.path) as raw:
        yield Stream(raw, _decompress(raw, file.compression))


def open_raw(path: str) -> io.BufferedIOBase:
    """The bytes of a file or URL as they are stored."""
    return open_url(path) if "://" in path else open(path, "rb")


def unpack(data: bytes, compression: str, limit: int) -> bytes:
    """Decompress ``data`` in memory, at most ``limit`` bytes. Raises one of `BROKEN`."""
    raw = io.BytesIO(data)
    return read_limited(Stream(raw, _decompress(raw, compression)), limit, len(data))


def unpack_start(data: bytes, compression: str, limit: int) -> bytes:
    """What ``data`` unpacks to before its end or its first damage.

    Raises:
        Bomb: that is more than ``limit`` bytes.
        One of `BROKEN`: the damage is at the very start.
    """
    raw = io.BytesIO(data)
    stream, pieces, size = Stream(raw, _decompress(raw, compression)), list[bytes](), 0
    try:
        while size <= limit and (piece := stream.read(1 << 12)):
            pieces.append(piece)
            size += len(piece)
    except BROKEN:
        if not pieces:
            raise
    if size > limit:
        raise Bomb(f"larger than {limit >> 20} MiB")
    return b"".join(pieces)


def read_limited(stream: "Reads", limit: int, packed: int) -> bytes:
    """Everything of a stream whose packed form has ``packed`` bytes. Raises `Bomb` beyond ``limit``."""
    pieces, size = [], 0
    while data := stream.read(1 << 20):
        pieces.append(data)
        size += len(data)
        if size > limit:
            raise Bomb(f"larger than {limit >> 20} MiB")
        _check_ratio(size, packed)
    return b"".join(pieces)


def _check_ratio(unpacked: int, packed: int) -> None:
    if unpacked > FREE and unpacked > MAX_RATIO * packed:
        raise Bomb(f"decompression bomb (more than {MAX_RATIO} times its size)")


def _decompress(raw: io.BufferedIOBase, compression: str | None) -> "_Readable":
    match compression:
        case "gz":
            return gzip.GzipFile(fileobj=raw)
        case "zst":
            return _Frames(raw, zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW).decompressobj, ())
        case "xz":
            return _Frames(raw, lzma.LZMADecompressor, (READ_AHEAD,))
        case "bz2":
            return _Frames(raw, bz2.BZ2Decompressor, (READ_AHEAD,))
        case "zlib":
            return _Frames(raw, zlib.decompressobj, ())
        case "deflate":
            return _Frames(raw, lambda: zlib.decompressobj(-zlib.MAX_WBITS), ())
        case "br":
            return _Frames(raw, _Brotli, (READ_AHEAD,))
        case _:
            return raw


class _Readable(Protocol):
    def read1(self, size: int, /) -> bytes: ...


class Reads(Protocol):
    """What gives some bytes at every call, none at the end."""

    def read(self, size: int, /) -> bytes: ...


class _Frames:
    """Frames of zstd, or streams of bz2 or xz, one after the other.

    The libraries' own readers take a truncated zstd file for whole, and what follows the first damaged header of
    a bz2 or xz file for a remark, so that the rest of it would be lost without a word.
    """

    # What one call may unpack is bounded by ``limit`` or, for zstd, which knows none, by small portions: a block
    # of 4 bytes can stand for 128 KiB, a portion for 32 MiB.
    _PORTION = 1 << 10

    def __init__(self, raw: io.BufferedIOBase, new: Callable[[], Any], limit: tuple[int, ...]) -> None:
        self._raw = raw
        self._new = new
        self._limit = limit
        self._frame = new()
        self._inside = False
        self._finished = False
        self._waiting = b""
        self._ready = bytearray()
        self._error: Exception | None = None

    def read1(self, size: int, /) -> bytes:
        while len(self._ready) < READ_AHEAD and self._error is None:
            try:
                if not self._fill():
                    break
            except BROKEN as error:
                self._error = error  # first hand out what came before
        if not self._ready and self._error is not None:
            raise self._error
        data = bytes(self._ready[:size])
        del self._ready[:size]
        return data

    def _fill(self) -> bool:
        """Unpack one more portion; False at the end."""
        if not getattr(self._frame, "needs_input", True):
            return self._unpack(b"")
        portion = self._waiting or self._raw.read(self._PORTION)
        self._waiting = b""
        if not portion:
            if self._inside:
                raise EOFError("truncated frame")
            return False
        if self._finished and not self._inside and not (portion := portion.lstrip(b"\0")):
            return True  # xz files may be padded
        return self._unpack(portion)

    def _unpack(self, portion: bytes) -> bool:
        self._inside = True
        self._ready += self._frame.decompress(portion, *self._limit)
        if self._frame.eof:
            self._waiting, self._inside, self._finished = self._frame.unused_data, False, True
            self._frame = self._new()
        return True


class _Brotli:
    """A decompressor of brotli in the manner of the standard library's."""

    unused_data = b""

    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()
        self._full = False

    def decompress(self, data: bytes, limit: int) -> bytes:
        try:
            unpacked: bytes = self._decompressor.process(data, output_buffer_limit=limit)
        except brotli.error as error:
            raise OSError("damaged brotli stream") from error
        self._full = len(unpacked) >= limit  # then more may be waiting
        return unpacked

    @property
    def eof(self) -> bool:
        return bool(self._decompressor.is_finished())

    @property
    def needs_input(self) -> bool:
        return not self._full and bool(self._decompressor.can_accept_more_data())


def reason_of(error: BaseException) -> str:
    """Name what is wrong with a damaged file, in the words of the report."""
    if isinstance(error, Bomb):
        return str(error)
    if isinstance(error, EOFError):
        return "truncated"
    if isinstance(error, OSError) and error.errno is not None:
        return f"cannot be read ({error.strerror})"
    text = str(error).lower()
    if ("end" in text and ("before" in text or "unexpected" in text)) or "incomplete" in text:
        return "truncated"
    return "damaged"


def read_all(file: InputFile, limit: int) -> bytes:
    """The decompressed bytes of ``file``, ``limit`` + 1 of them if there are more."""
    pieces, size = [], 0
    with open_stream(file) as stream:
        while size <= limit and (piece := stream.read(min(1 << 20, limit + 1 - size))):
            pieces.append(piece)
            size += len(piece)
    return b"".join(pieces)


class Utf8Lines:
    """A stream in an encoding whose line feed is one byte: UTF-16 and UTF-32 become UTF-8."""

    def __init__(self, stream: Reads) -> None:
        self._stream = stream
        head = stream.read(SAMPLE)
        self._decoder: codecs.IncrementalDecoder | None = None
        for mark, encoding in MARKS:
            if head.startswith(mark):
                head = head[len(mark) :]
                if encoding != "utf-8":
                    self._decoder = codecs.getincrementaldecoder(encoding)("replace")
                break
        else:
            wide = _wide_encoding(head)
            if wide is not None:
                self._decoder = codecs.getincrementaldecoder(wide)("replace")
        self._head = self._recode(head)

    def read(self, size: int) -> bytes:
        """About ``size`` bytes, empty at the end."""
        if self._head:
            head, self._head = self._head, b""
            return head
        while data := self._stream.read(size):
            if recoded := self._recode(data):  # not so for a part of a character
                return recoded
        return b""

    def _recode(self, data: bytes) -> bytes:
        if self._decoder is None:
            return data
        return self._decoder.decode(data).encode()


def _wide_encoding(head: bytes) -> str | None:
    if b"\0" not in head:
        return None
    try:
        encoding = detect(head)
    except NotText:
        return None
    return encoding if encoding.startswith("utf-16") else None
