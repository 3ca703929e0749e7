"""Web archives (ISO 28500): WARC records of HTML pages, and the plain text of WET files."""

import re
from collections.abc import Iterator, Mapping

from gaupt.corpus.read.encodings import NotText, decode
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.html import main_text
from gaupt.corpus.read.piece import Item, Problem, Record
from gaupt.corpus.read.streams import BROKEN, Stream, open_stream, reason_of, unpack

MAX_PAGE = 8 << 20
"""Bytes of the largest page that is read."""
_MAX_HEAD = 1 << 16
_CHARSET = re.compile(r"charset=[\"']?([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_PAGES = ("text/html", "application/xhtml", "text/plain")
_CHUNK = re.compile(rb"([0-9a-fA-F]+)[^\r\n]*\r?\n")


def read_warc(file: InputFile) -> Iterator[Item]:
    """The pages of ``file`` in order."""
    with open_stream(file) as stream:
        reader = _Reader(stream)
        while (head := reader.head()) is not None:
            if not head:
                yield Problem(file.name, "malformed record")
                if not reader.skip_to(b"WARC/"):
                    return
                continue
            size = int(head["content-length"])
            kind = head.get("warc-type", "")
            wanted = kind in ("response", "conversion") and size <= MAX_PAGE
            body = reader.read(size) if wanted else reader.skip(size)
            if len(body) < size and wanted:
                yield Problem(file.name, "truncated")
                return
            if wanted:
                address = head.get("warc-target-uri") or head.get("warc-record-id", "")
                try:
                    text = decode(body) if kind == "conversion" else _response_text(body)
                except NotText as error:
                    yield Problem(file.name, str(error))
                except BROKEN as error:
                    yield Problem(file.name, reason_of(error))
                else:
                    if text is not None:
                        yield Record(address, text, file.source)


def _response_text(body: bytes) -> str | None:
    """The text of an HTTP response; None for anything but a page."""
    first, _, rest = body.partition(b"\n")
    head, payload = _split_head(rest)
    content = head.get("content-type", "")
    if not first.startswith(b"HTTP/") or not content.startswith(_PAGES):
        return None
    if head.get("transfer-encoding", "").lower() == "chunked":
        payload = _unchunk(payload)
    if head.get("content-encoding", "").lower() in ("gzip", "x-gzip"):
        payload = unpack(payload, "gz", MAX_PAGE)
    charset = _CHARSET.search(content)
    text = decode(payload, charset[1] if charset else None)
    return text if content.startswith("text/plain") else main_text(text)


def _split_head(data: bytes) -> tuple[Mapping[str, str], bytes]:
    """Header fields, with lower-case names, and what follows the empty line."""
    match = re.search(rb"\r?\n\r?\n", data[:_MAX_HEAD])
    head, rest = (data[: match.start()], data[match.end() :]) if match else (data, b"")
    fields = {}
    for line in head.decode("utf-8", "replace").split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            fields[name.strip().lower()] = value.strip()
    return fields, rest


def _unchunk(data: bytes) -> bytes:
    """Undo HTTP's chunked transfer; data that is not chunked after all stays as it is."""
    pieces, position = [], 0
    while (match := _CHUNK.match(data, position)) is not None:
        size = int(match[1], 16)
        pieces.append(data[match.end() : match.end() + size])
        position = match.end() + size + 2
        if size == 0:
            return b"".join(pieces)
    return b"".join(pieces) or data


class _Reader:
    """Records from a stream, one after the other."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._buffer = bytearray()

    def _fill(self) -> bool:
        data = self._stream.read(1 << 16)
        self._buffer += data
        return bool(data)

    def head(self) -> Mapping[str, str] | None:
        """The fields of the next record; empty for something else, None at the end."""
        while True:
            blank = len(self._buffer) - len(self._buffer.lstrip(b"\r\n"))
            del self._buffer[:blank]
            if self._buffer or not self._fill():
                break
        if not self._buffer:
            return None
        while (match := re.search(rb"\r?\n\r?\n", self._buffer)) is None:
            if len(self._buffer) > _MAX_HEAD or not self._fill():
                return {}
        fields, _ = _split_head(bytes(self._buffer[: match.end()]))
        if not self._buffer.startswith(b"WARC/") or not fields.get("content-length", "").isdecimal():
            return {}
        del self._buffer[: match.end()]
        return fields

    def read(self, size: int) -> bytes:
        """The next ``size`` bytes, fewer at the end."""
        while len(self._buffer) < size and self._fill():
            pass
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def skip(self, size: int) -> bytes:
        """Pass over ``size`` bytes."""
        while size > 0 and (self._buffer or self._fill()):
            step = min(size, len(self._buffer))
            del self._buffer[:step]
            size -= step
        return b""

    def skip_to(self, mark: bytes) -> bool:
        """Pass over everything up to ``mark`` at the start of a line."""
        del self._buffer[:1]
        while (place := self._buffer.find(b"\n" + mark)) < 0:
            del self._buffer[: -len(mark)]
            if not self._fill():
                return False
        del self._buffer[: place + 1]
        return True
