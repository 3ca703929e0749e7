"""HTTP responses as crawlers keep them: status, header fields, and the body with its encodings undone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gaupt.corpus.read.streams import unpack_start

MAX_HEAD = 1 << 16
"""Bytes of the longest head that is looked for."""

_ENCODINGS = 8
"""Encodings of a body that are undone, of those that one field names."""

_STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]++(\d{3})\b[^\n]*+\n", re.IGNORECASE)
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,16})(?![0-9a-fA-F])[^\r\n]*+\r?\n")
_LIKE_HTML = re.compile(
    rb"(?:<\?xml[^>]*+>|<!--(?:[^-]|-(?!->))*+-->|\s)*+"
    rb"<(?:!doctype\s++html|html|head|body|title|meta|link|script|style|div|p|h1|table|a|br|font|center)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response."""

    status: int
    head: Mapping[str, str]
    """Header fields; names in lower case, the values of repeated ones joined by commas."""
    body: bytes
    """As it was sent, its encodings not undone."""


def parse_response(data: bytes) -> Response | None:
    """The response that ``data`` is; None where no status line begins it."""
    line = _STATUS_LINE.match(data)
    if line is None:
        return None
    head, body = split_head(data)
    return Response(int(line[1]), head, body)


def split_head(data: bytes) -> tuple[Mapping[str, str], bytes]:
    """The header fields below the first line of ``data``, and what follows the empty line.

    The names are in lower case; folded lines are joined, and so are repeated fields, by commas.
    """
    end = _END_OF_HEAD.search(data, 0, MAX_HEAD)
    head, body = (data[: end.start()], data[end.end() :]) if end is not None else (data[:MAX_HEAD], b"")
    fields: dict[str, list[str]] = {}
    lines = re.sub(r"\n[ \t]++", " ", head.decode("utf-8", "replace").replace("\r", "")).split("\n")
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), []).append(value.strip())
    return {name: ", ".join(values) for name, values in fields.items()}, body


def media_type(content_type: str) -> str:
    """``text/html`` of ``Text/HTML; Charset=GBK``; empty for what names no type that one could go by."""
    kind = re.split(r"[;,\s]", content_type.strip(), maxsplit=1)[0].strip("\"'").lower()
    known = re.fullmatch(r"[a-z]++/[a-z0-9][a-z0-9.+_-]{0,80}+", kind) is not None
    return kind if known and "unknown" not in kind else ""


def like_html(data: bytes) -> bool:
    """Whether ``data`` begins as pages of HTML do."""
    return _LIKE_HTML.match(data[:2048].replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf")[:1024]) is not None


def decoded_body(response: Response, limit: int) -> bytes:
    """The body without its transfer and content encodings, as far as it goes where it is damaged.

    Archivers often undo an encoding and leave its field: a body that begins like HTML is taken as it is.

    Raises:
        Bomb: it unpacks to more than ``limit`` bytes.
        One of `BROKEN`: nothing of it can be unpacked.
    """
    body = response.body
    for field in ("transfer-encoding", "content-encoding"):
        names = re.split(r"[,\s]++", response.head.get(field, "").lower())
        for name in names[: -_ENCODINGS - 1 : -1]:  # the one named last was applied last
            if name == "chunked":
                body = _unchunk(body)
            elif (compression := _compression(name, body)) is not None and not like_html(body):
                body = unpack_start(body, compression, limit)
    return body


def _compression(encoding: str, body: bytes) -> str | None:
    match encoding.removeprefix("x-"):
        case "gzip":
            return "gz"
        case "deflate":  # zlib's format by the standard, and without its frame from many servers
            framed = body[:1] and body[0] & 15 == 8 and int.from_bytes(body[:2]) % 31 == 0
            return "zlib" if framed else "deflate"
        case "br":
            return "br"
        case "zstd":
            return "zst"
        case _:  # identity, or a word that is no encoding, as servers send them
            return None


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
