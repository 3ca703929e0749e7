"""HTTP responses as crawlers keep them: heads in every form, and bodies with their encodings undone."""

import contextlib
import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from gaupt.corpus.read.http import (
    Response,
    decoded_body,
    like_html,
    media_type,
    parse_response,
    split_head,
)
from gaupt.corpus.read.streams import BROKEN, Bomb
from tests.corpus.made import OTHER, TEXT

BODY = (TEXT + OTHER).encode()
LIMIT = 1 << 20


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"HTTP/1.1 200 OK\r\n", 200),
        (b"HTTP/1.0 404 Not Found\n", 404),
        (b"HTTP/2 200\r\n", 200),
        (b"HTTP/2.0 301 \r\n", 301),
        (b"http/1.1 200 ok\r\n", 200),
        (b"HTTP/1.1 OK\r\n", None),
        (b"HTTP/1.1 2000\r\n", None),
        (b"<html>\r\n", None),
    ],
)
def test_the_status_line(line: bytes, status: int | None) -> None:
    response = parse_response(line + b"A: b\r\n\r\nbody")
    assert (response.status if response is not None else None) == status


@pytest.mark.parametrize(
    ("head", "fields"),
    [
        (b"X\r\nContent-Type: a\r\nSERVER:b\r\n\r\n", {"content-type": "a", "server": "b"}),
        (b"X\nContent-Type : a\nServer: \n\n", {"content-type": "a", "server": ""}),
        (b"X\r\nContent-Type: a;\r\n  charset=b\r\n\tc\r\n\r\n", {"content-type": "a; charset=b c"}),
        (b"X\r\nVia: a\r\nvia: b\r\nno field\r\n\r\n", {"via": "a, b"}),
        (b"X\r\nServer: caf\xe9\r\n\r\n", {"server": "caf\ufffd"}),
        (b"X\r\n\r\n", {}),
        (b"\n\n", {}),
    ],
)
def test_fields_have_lower_case_names_and_one_value(head: bytes, fields: dict[str, str]) -> None:
    assert split_head(head + b"body\r\n\r\n") == (fields, b"body\r\n\r\n")


def test_a_head_without_an_end_has_no_body() -> None:
    assert split_head(b"X\r\nA: b\r\n") == ({"a": "b"}, b"")


def test_a_head_has_at_most_65536_bytes() -> None:
    for size, body in ((65_536, b"body"), (65_537, b"")):
        data = b"X\r\nA: b\r\nC: ".ljust(size - 4, b"c") + b"\r\n\r\nbody"
        fields, found = split_head(data)
        assert (fields["a"], found) == ("b", body)


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("Text/HTML; Charset=GBK", "text/html"),
        ("text/html;charset=utf-8", "text/html"),
        ("text/html, text/html; charset=utf-8", "text/html"),
        (' "text/html"; a', "text/html"),
        ("'text/html'", "text/html"),
        ("application/xhtml+xml", "application/xhtml+xml"),
        ("application/x-unknown", ""),
        ("", ""),
        ("html", ""),
        ("*/*", ""),
        ("unknown/unknown", ""),
        ("text/" + "x" * 100, ""),
    ],
)
def test_the_media_type(content_type: str, kind: str) -> None:
    assert media_type(content_type) == kind


@pytest.mark.parametrize(
    ("data", "yes"),
    [
        (b"<!DOCTYPE HTML>", True),
        (b"\r\n  <html lang=zh>", True),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- - -->\n<html>", True),
        ("<html>".encode("utf-16"), False),
        ("<html>".encode("utf-16-le"), True),
        (b"<?xml version='1.0'?><rss>", False),
        (b"<abbr>", False),
        (b"a <html>", False),
        (b"", False),
        # The first 1,024 characters are looked at, and 2,048 bytes.
        (b" " * 1019 + b"<html>", True),
        (b" " * 1020 + b"<html>", False),
        ((" " * 507 + "<html>").encode("utf-32-le"), True),
        ((" " * 508 + "<html>").encode("utf-32-le"), False),
    ],
)
def test_what_begins_like_html(data: bytes, yes: bool) -> None:
    assert like_html(data) is yes


def packed_by_brotli(data: bytes) -> bytes:
    packed: bytes = brotli.compress(data, quality=3)
    return packed


def raw_deflate(data: bytes) -> bytes:
    return zlib.compress(data, wbits=-zlib.MAX_WBITS)


def chunked(body: bytes, size: int = 30) -> bytes:
    pieces = [body[i : i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x;name=value\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def body_of(fields: dict[str, str], body: bytes, limit: int = LIMIT) -> bytes:
    return decoded_body(Response(200, fields, body), limit)


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("gzip", gzip.compress),
        ("X-GZip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
        ("br", packed_by_brotli),
        ("zstd", zstandard.ZstdCompressor().compress),
        ("gzip, br", lambda data: packed_by_brotli(gzip.compress(data))),
        ("identity", bytes),
        ("utf-8", bytes),
        ("", bytes),
    ],
)
def test_content_encodings_are_undone(name: str, pack: Callable[[bytes], bytes]) -> None:
    assert body_of({"content-encoding": name}, pack(BODY)) == BODY
    assert body_of({"content-encoding": name, "transfer-encoding": "Chunked"}, chunked(pack(BODY))) == BODY
    assert body_of({"transfer-encoding": f"{name}, chunked"}, chunked(pack(BODY))) == BODY


def test_what_begins_by_chance_like_the_frame_of_zlib_is_raw_deflate() -> None:
    """The frame's first byte ends in 8, and both bytes are a multiple of 31."""
    last = b"\x01\x00\x00\xff\xff"
    for begin in (b"\x08\x05\x00\xfa\xffhello", b"\x00\x1f\x00\xe0\xff" + b"x" * 31):
        assert body_of({"content-encoding": "deflate"}, begin + last) == begin[5:]


def test_an_empty_body_is_empty_in_any_encoding() -> None:
    for name in ("gzip", "deflate", "br", "zstd", "chunked"):
        assert body_of({"content-encoding": name, "transfer-encoding": name}, b"") == b""


def test_chunks_end_with_an_empty_one_or_with_the_body() -> None:
    for body, found in {
        b"5\r\nhello\r\n0\r\n\r\n5\r\nother\r\n": b"hello",
        b"5\r\nhello\r\n1\r\n!": b"hello!",
        b"5\nhello\r\nA;x=y\n0123456789\r\n": b"hello0123456789",
        b"5\r\nhel": b"hel",
        b"0\r\n\r\n": b"",
    }.items():
        assert body_of({"transfer-encoding": "chunked"}, body) == found


def test_a_field_that_the_archiver_left_means_nothing() -> None:
    page = b"<!DOCTYPE html>" + BODY
    for name in ("gzip", "deflate", "br", "zstd"):
        assert body_of({"content-encoding": name}, page) == page
    assert body_of({"transfer-encoding": "chunked"}, BODY) == BODY


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, raw_deflate, packed_by_brotli])
def test_a_body_that_breaks_off_gives_what_stands_before(pack: Callable[[bytes], bytes]) -> None:
    name = {gzip.compress: "gzip", packed_by_brotli: "br"}.get(pack, "deflate")
    lines = "".join(f"第{n}行{TEXT[n % 30 :]}\n" for n in range(2500)).encode()
    packed = pack(lines)
    for damaged in (packed[:-50], packed[:-50] + b"\xff" * 50):
        found = body_of({"content-encoding": name}, damaged)
        assert len(found) > len(lines) // 2
        assert lines.startswith(found[: len(lines) // 2])


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_a_body_that_cannot_be_unpacked_is_damaged(name: str) -> None:
    with pytest.raises(BROKEN):
        body_of({"content-encoding": name}, b"\xff\xff\xff no such thing")


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, packed_by_brotli])
def test_no_body_unpacks_to_more_than_the_limit(pack: Callable[[bytes], bytes]) -> None:
    name = {gzip.compress: "gzip", packed_by_brotli: "br"}.get(pack, "deflate")
    body_of({"content-encoding": name}, pack(bytes(LIMIT)))
    with pytest.raises(Bomb, match="larger than 1 MiB"):
        body_of({"content-encoding": name}, pack(bytes(LIMIT + 1)))
    with pytest.raises(Bomb, match="larger than 1 MiB"):
        body_of({"content-encoding": name}, pack(bytes(4 * LIMIT)))


@pytest.mark.slow
@given(st.sampled_from(["gzip", "deflate", "br", "zstd", "chunked"]), st.binary(max_size=99))
def test_any_body_is_undone_or_damaged(name: str, body: bytes) -> None:
    with contextlib.suppress(BROKEN):
        body_of({"content-encoding": name, "transfer-encoding": name}, body)


@pytest.mark.slow
@pytest.mark.parametrize("body", [b"a" * LIMIT, b"1\r\n" * (LIMIT // 3), b"<!--" * LIMIT, b"<?xml" * LIMIT])
def test_no_body_takes_long(body: bytes) -> None:
    # A pattern that looks at the rest of the body from every place in it would keep this test busy for minutes.
    body_of({"transfer-encoding": "chunked"}, body)
    like_html(body)


def test_encodings_without_end_are_undone_so_often_and_no_more() -> None:
    body = BODY
    for _ in range(9):
        body = gzip.compress(body)
    response = Response(200, {"content-encoding": "gzip," * 10_000 + "gzip"}, body)
    assert decoded_body(response, LIMIT) == gzip.compress(BODY)


def test_a_field_may_be_repeated_without_end() -> None:
    fields, _ = split_head(b"HTTP/1.1 200 OK\n" + b"a:b\n" * 16_000 + b"\n")
    assert fields == {"a": ", ".join(["b"] * 16_000)}
