"""Web archives (ISO 28500): WARC records of pages, and the plain text of WET files."""

import re
from collections.abc import Iterator, Mapping

from gaupt.corpus.read.encodings import NotText, decode
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.http import (
    MAX_HEAD,
    Response,
    decoded_body,
    like_html,
    media_type,
    parse_response,
    split_head,
)
from gaupt.corpus.read.main_text import main_text
from gaupt.corpus.read.piece import Item, Problem, Record
from gaupt.corpus.read.streams import BROKEN, Stream, open_stream, reason_of

MAX_PAGE = 8 << 20
"""Bytes of the largest page that is read."""

_CHARSET = re.compile(r"charset\s*+=\s*+[\"']?([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_PAGES = ("text/html", "application/xhtml", "text/plain")
_CRAWLED = re.compile(r"<?(?:https?|ftp|file):", re.IGNORECASE)
"""Addresses of pages. Crawlers keep logs, settings and screenshots under others (``urn:``, ``metadata:``)."""
_WITH_PAGES = ("response", "resource", "conversion")
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_RECORD = b"\nWARC/"


class _NoPage(Exception):
    """A record that is not read; the message is the reason."""


def read_warc(file: InputFile) -> Iterator[Item]:
    """The pages of ``file`` in order. Other responses are problems, each with its type or status."""
    with open_stream(file) as stream:
        reader = _Reader(stream)
        while (head := reader.head()) is not None:
            if not head:
                yield Problem(file.name, "malformed record")
                if not reader.skip_to_record():
                    return
                continue
            size = int(head["content-length"])
            kept = size if head.get("warc-type", "").lower() in _WITH_PAGES else 0
            body = reader.read(min(kept, MAX_PAGE + 1))
            if not reader.skip(size - len(body)):
                yield Problem(file.name, "truncated")
                return
            try:
                text = _text(head, body)
            except (_NoPage, NotText) as error:
                yield Problem(file.name, str(error))
            except BROKEN as error:
                yield Problem(file.name, reason_of(error))
            else:
                if text is not None:
                    address = head.get("warc-target-uri", "").strip("<>") or head.get("warc-record-id", "")
                    yield Record(address, text, file.source)


def _text(head: Mapping[str, str], body: bytes) -> str | None:
    """The text of a record; None for one that is about the crawl.

    Raises:
        _NoPage: what the record holds is no page, or too large.
        NotText: nobody knows in which encoding the page is written.
        One of `BROKEN`: its content encoding cannot be undone.
    """
    match head.get("warc-type", "").lower():
        case "response":
            response = parse_response(body) or _without_head(head, body)
        case "resource" if _CRAWLED.match(head.get("warc-target-uri", "")) is None:
            raise _NoPage("not a document (record of the crawler)")
        case "resource" | "conversion":
            response = Response(200, {"content-type": head.get("content-type", "")}, body)
        case "warcinfo" | "request" | "metadata":
            return None
        case "revisit" | "continuation" as other:
            raise _NoPage(f"not a document ({other})")
        case _:
            raise _NoPage("not a document (record of an unknown type)")
    if response.status // 100 != 2:
        raise _NoPage(f"not a document (HTTP status {response.status})")
    content_type = response.head.get("content-type", "")
    kind = media_type(content_type)
    if kind and not kind.startswith(_PAGES):
        raise _NoPage(f"not a document ({kind})")
    if len(body) > MAX_PAGE:
        raise _NoPage(f"larger than {MAX_PAGE >> 20} MiB")
    page = decoded_body(response, MAX_PAGE)
    if not kind and not like_html(page):
        raise _NoPage("not a document (no content type)")
    charset = _CHARSET.search(content_type)
    text = decode(page, charset[1] if charset else None)
    return text if kind == "text/plain" else main_text(text)


def _without_head(head: Mapping[str, str], body: bytes) -> Response:
    """A response of which the crawler kept the body alone."""
    kind = head.get("content-type", "")
    if media_type(kind) == "application/http":
        if not like_html(body):
            raise _NoPage("malformed response")
        kind = ""
    return Response(200, {"content-type": kind}, body)


class _Reader:
    """Records from a stream, one after the other."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._buffer = bytearray()
        self._looked_at = 0
        """Bytes that are no head together."""

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
        searched = 0
        while (match := _BLANK_LINE.search(self._buffer, max(0, searched - 3), MAX_HEAD)) is None:
            searched = len(self._buffer)
            if searched > MAX_HEAD or not self._fill():
                self._looked_at = min(len(self._buffer), MAX_HEAD)
                return {}
        self._looked_at = match.end()
        fields, _ = split_head(bytes(self._buffer[: match.end()]))
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

    def skip(self, size: int) -> bool:
        """Pass over ``size`` bytes; False where the stream ends before."""
        while size > 0 and (self._buffer or self._fill()):
            step = min(size, len(self._buffer))
            del self._buffer[:step]
            size -= step
        return size == 0

    def skip_to_record(self) -> bool:
        """Pass over what is no head, up to the last record that begins in it, or else to the first behind it.

        To try each of those that begin in it would be to look at the same bytes again and again.
        """
        if (place := self._buffer.rfind(_RECORD, 0, self._looked_at)) < 0:
            while (place := self._buffer.find(_RECORD)) < 0:
                del self._buffer[: 1 - len(_RECORD)]
                if not self._fill():
                    return False
        del self._buffer[: place + 1]
        return True
