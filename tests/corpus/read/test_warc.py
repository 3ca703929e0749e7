"""Web archives: pages of WARC files, texts of WET files, and records that are neither."""

import gzip
from pathlib import Path

import pytest

from gaupt.corpus.read import warc
from gaupt.corpus.read.piece import Item, Problem, Record
from gaupt.corpus.read.warc import read_warc
from tests.corpus.made import OTHER, TEXT, input_file, kept, run


def warc_record(kind: str, address: str, body: bytes) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {address}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:{address[-1] * 8}-0000-0000-0000-000000000000>\r\n"
        f"Content-Type: {'application/http; msgtype=response' if kind == 'response' else 'text/plain'}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def http(kind: str, body: bytes) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode() + body


def test_web_archives(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    page = f"<html><body><nav>首页</nav><article><p>{TEXT}</p></article></body></html>".encode("gb18030")
    records = [
        warc_record("response", "http://a.example/1", http("text/html; charset=gb2312", page)),
        warc_record("response", "http://a.example/2", http("image/png", b"\x89PNG")),
    ]
    (folder / "a.warc.gz").write_bytes(b"".join(gzip.compress(record) for record in records))
    (folder / "b.warc.wet").write_bytes(warc_record("conversion", "http://b.example/3", OTHER.encode()))
    unreadable = run([folder], tmp_path / "out")["unreadable"]
    documents = kept(tmp_path / "out")
    assert documents == {"http://a.example/1": TEXT, "http://b.example/3": OTHER}
    assert unreadable == {}


def test_what_is_no_web_archive_is_counted(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.txt").write_text(TEXT)
    for name in ("a.warc", "a.warc.gz"):
        (folder / name).write_bytes(b"\x00nothing of the kind" * 40)
    unreadable = run([folder], tmp_path / "out")["unreadable"]
    assert list(kept(tmp_path / "out")) == ["good.txt"]
    assert unreadable == {"a.warc": {"malformed record": 1}, "a.warc.gz": {"damaged": 1}}


def read(folder: Path, data: bytes) -> list[Item]:
    path = folder / "a.warc"
    path.write_bytes(data)
    return list(read_warc(input_file(path)))


def wet(address: str, content: str) -> bytes:
    return warc_record("conversion", address, content.encode())


def test_records_that_are_no_pages_are_passed_over(tmp_path: Path) -> None:
    data = (
        warc_record("warcinfo", "http://a.example/0", b"software: x\r\n\r\nWARC/1.0\r\n")
        + warc_record("request", "http://a.example/1", http("text/plain", OTHER.encode()))
        + warc_record("response", "http://a.example/2", b"no HTTP at all\r\n\r\n" + OTHER.encode())
        + warc_record("response", "http://a.example/3", http("application/pdf", OTHER.encode()))
        + wet("http://a.example/4", TEXT)
    )
    assert read(tmp_path, data) == [Record("http://a.example/4", TEXT, "a")]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", TEXT.encode()),
        ("text/plain; charset=GBK", TEXT.encode("gbk")),
        ("text/html", f"<html><body><p>{TEXT}</p></body></html>".encode()),
        ('application/xhtml+xml; charset="utf-8"', f"<html><body><p>{TEXT}</p></body></html>".encode()),
    ],
)
def test_pages_of_every_kind(tmp_path: Path, kind: str, body: bytes) -> None:
    data = warc_record("response", "http://a.example/1", http(kind, body))
    assert read(tmp_path, data) == [Record("http://a.example/1", TEXT, "a")]


def chunked(body: bytes, size: int = 7) -> bytes:
    pieces = [body[i : i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x;name=value\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ("Transfer-Encoding: chunked", chunked(TEXT.encode())),
        ("transfer-encoding: Chunked", TEXT.encode()),  # archivers undo it, and leave the field
        ("Content-Encoding: gzip", gzip.compress(TEXT.encode())),
        ("Content-Encoding: x-gzip\r\nTransfer-Encoding: chunked", chunked(gzip.compress(TEXT.encode()))),
    ],
)
def test_what_http_did_to_a_page_is_undone(tmp_path: Path, fields: str, body: bytes) -> None:
    page = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n{fields}\r\n\r\n".encode() + body
    data = warc_record("response", "http://a.example/1", page)
    assert read(tmp_path, data) == [Record("http://a.example/1", TEXT, "a")]


def test_a_bad_page_is_told_and_the_next_one_read(tmp_path: Path) -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\n\r\n" + b"no gzip"
    data = (
        warc_record("response", "http://a.example/1", page)
        + warc_record("conversion", "http://a.example/2", bytes(range(256)) * 40)
        + b"something else\r\nthat is no record\r\n\r\n"
        + b"WARC/1.0\r\nContent-Length: many\r\n\r\n"
        + wet("http://a.example/3", TEXT)
    )
    assert read(tmp_path, data) == [
        Problem("a.warc", "damaged"),
        Problem("a.warc", "not text in any known encoding"),
        Problem("a.warc", "malformed record"),
        Problem("a.warc", "malformed record"),
        Record("http://a.example/3", TEXT, "a"),
    ]


def test_an_archive_that_breaks_off_gives_what_stands_before(tmp_path: Path) -> None:
    data = wet("http://a.example/1", TEXT) + wet("http://a.example/2", OTHER).rstrip(b"\r\n")
    assert read(tmp_path, data)[1:] == [Record("http://a.example/2", OTHER, "a")]
    assert read(tmp_path, data[:-1])[1:] == [Problem("a.warc", "truncated")]


def test_a_page_over_the_limit_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(TEXT.encode())
    data = wet("http://a.example/1", TEXT) + wet("http://a.example/2", "短")
    monkeypatch.setattr(warc, "MAX_PAGE", size)
    assert [item.text for item in read(tmp_path, data) if isinstance(item, Record)] == [TEXT, "短"]
    monkeypatch.setattr(warc, "MAX_PAGE", size - 1)
    assert read(tmp_path, data) == [Record("http://a.example/2", "短", "a")]


def test_a_page_without_an_address_is_called_by_its_record(tmp_path: Path) -> None:
    data = wet("http://a.example/1", TEXT)
    start, end = data.index(b"WARC-Target-URI"), data.index(b"WARC-Date")
    (record,) = read(tmp_path, data[:start] + data[end:])
    assert isinstance(record, Record)
    assert record.id == "<urn:uuid:11111111-0000-0000-0000-000000000000>"


def test_line_feeds_alone_end_the_fields_too(tmp_path: Path) -> None:
    data = wet("http://a.example/1", TEXT).replace(b"\r\n", b"\n") * 2
    assert read(tmp_path, data) == [Record("http://a.example/1", TEXT, "a")] * 2
