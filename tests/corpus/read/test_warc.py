"""Web archives: pages of WARC files, texts of WET files, and records that are neither."""

import gzip
from pathlib import Path

import pytest

from gaupt.corpus.read import warc
from gaupt.corpus.read.piece import Item, Problem, Record
from gaupt.corpus.read.streams import Stream
from gaupt.corpus.read.warc import read_warc
from tests.corpus.made import OTHER, TEXT, input_file, kept, reasons, records, run, warc_record

PAGE = f"<!DOCTYPE html><html><body><article><p>{TEXT}</p></article></body></html>"


def http(kind: str, body: bytes) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode() + body


def test_web_archives(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    page = f"<html><body><nav>首页</nav><article><p>{TEXT}</p></article></body></html>".encode("gb18030")
    stored = [
        warc_record("response", "http://a.example/1", http("text/html; charset=gb2312", page)),
        warc_record("response", "http://a.example/2", http("image/png", b"\x89PNG")),
    ]
    (folder / "a.warc.gz").write_bytes(b"".join(gzip.compress(record) for record in stored))
    (folder / "b.warc.wet").write_bytes(warc_record("conversion", "http://b.example/3", OTHER.encode()))
    unreadable = run([folder], tmp_path / "out")["unreadable"]
    documents = kept(tmp_path / "out")
    assert documents == {"http://a.example/1": TEXT, "http://b.example/3": OTHER}
    assert unreadable == {"a.warc.gz": {"not a document (image/png)": 1}}


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


def response(address: str, status: str, fields: str, body: bytes) -> bytes:
    return warc_record("response", address, f"HTTP/1.1 {status}\r\n{fields}\r\n\r\n".encode() + body)


def test_records_about_the_crawl_are_passed_over(tmp_path: Path) -> None:
    data = (
        warc_record("warcinfo", "http://a.example/0", b"software: x\r\n\r\nWARC/1.0\r\n")
        + warc_record("request", "http://a.example/1", http("text/plain", OTHER.encode()))
        + warc_record("metadata", "http://a.example/1", OTHER.encode())
        + wet("http://a.example/4", TEXT)
    )
    assert read(tmp_path, data) == [Record("http://a.example/4", TEXT, "a")]


def test_what_is_no_page_is_counted_by_what_it_is(tmp_path: Path) -> None:
    page = PAGE.encode()
    data = (
        response("http://a.example/1", "404 Not Found", "Content-Type: text/html", page)
        + response("http://a.example/2", "302 Found", "Location: /1\r\nContent-Type: text/html", page)
        + response("http://a.example/3", "200 OK", "Content-Type: Image/PNG", b"\x89PNG")
        + response("http://a.example/4", "200 OK", "Server: x", OTHER.encode())
        + warc_record("response", "http://a.example/5", b"no HTTP at all\r\n\r\n" + OTHER.encode())
        + warc_record("revisit", "http://a.example/6", b"HTTP/1.1 200 OK\r\n\r\n")
        + warc_record("continuation", "http://a.example/7", page)
        + warc_record("resource", "metadata://example.org/wget.log", OTHER.encode())
        + warc_record("screenshot", "http://a.example/8", page)
        + warc_record("resource", "http://a.example/9", page).replace(b"WARC-Type", b"X-Type")
    )
    assert reasons(read(tmp_path, data)) == [
        "not a document (HTTP status 404)",
        "not a document (HTTP status 302)",
        "not a document (image/png)",
        "not a document (no content type)",
        "malformed response",
        "not a document (revisit)",
        "not a document (continuation)",
        "not a document (record of the crawler)",
        "not a document (record of an unknown type)",
        "not a document (record of an unknown type)",
    ]


def test_names_and_types_are_compared_without_regard_to_case(tmp_path: Path) -> None:
    page = b"http/1.1 203 ok\r\nCONTENT-TYPE:  Text/HTML ; Charset = GBK\r\n\r\n" + PAGE.encode("gbk")
    data = warc_record("response", "http://a.example/1", page)
    assert read(tmp_path, data) == [Record("http://a.example/1", TEXT, "a")]
    data = data.replace(b"WARC-Type: response", b"warc-type: Response").replace(
        b"WARC-Target-URI", b"warc-target-uri"
    )
    assert read(tmp_path, data) == [Record("http://a.example/1", TEXT, "a")]


def resource(address: str, kind: str, body: bytes) -> bytes:
    return warc_record("resource", address, body).replace(b"text/plain", kind.encode(), 1)


def test_a_page_may_be_a_resource_without_http(tmp_path: Path) -> None:
    data = (
        resource("http://a.example/1", "text/html", PAGE.encode())
        + resource("<http://a.example/2>", "Text/Plain", OTHER.encode())  # the brackets of an old wget
        + resource("HTTPS://a.example/4", "text/plain", OTHER.encode())
        + resource("ftp://a.example/5", "text/plain", OTHER.encode())
        + resource("file:/a/6", "text/plain", OTHER.encode())
        + resource("http://a.example/3", "image/png", b"\x89PNG")
    )
    assert read(tmp_path, data) == [
        Record("http://a.example/1", TEXT, "a"),
        Record("http://a.example/2", OTHER, "a"),
        Record("HTTPS://a.example/4", OTHER, "a"),
        Record("ftp://a.example/5", OTHER, "a"),
        Record("file:/a/6", OTHER, "a"),
        Problem("a.warc", "not a document (image/png)"),
    ]


def test_a_response_without_its_head_is_told_by_its_content(tmp_path: Path) -> None:
    record = warc_record("response", "http://a.example/1", PAGE.encode())
    assert records(read(tmp_path, record)) == [Record("http://a.example/1", TEXT, "a")]
    typed = record.replace(b"application/http; msgtype=response", b"text/html")
    assert records(read(tmp_path, typed)) == [Record("http://a.example/1", TEXT, "a")]
    dns = record.replace(b"application/http; msgtype=response", b"text/dns")
    assert reasons(read(tmp_path, dns)) == ["not a document (text/dns)"]


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


@pytest.mark.parametrize("fields", ["Server: x", "Content-Type: unknown/unknown", "Content-Type: "])
def test_a_page_without_a_type_is_told_by_its_content(tmp_path: Path, fields: str) -> None:
    data = response("http://a.example/1", "200 OK", fields, PAGE.encode())
    assert read(tmp_path, data) == [Record("http://a.example/1", TEXT, "a")]


def test_what_http_did_to_a_page_is_undone(tmp_path: Path) -> None:
    data = response(
        "http://a.example/1",
        "200 OK",
        "Content-Type: text/html\r\nContent-Encoding: gzip",
        gzip.compress(PAGE.encode()),
    )
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


def test_whatever_breaks_off_is_told(tmp_path: Path) -> None:
    data = wet("http://a.example/1", TEXT) + warc_record(
        "request", "http://a.example/2", b"GET / HTTP/1.1\r\n\r\n"
    )
    assert reasons(read(tmp_path, data[:-20])) == ["truncated"]


@pytest.mark.slow
@pytest.mark.parametrize(("size", "fine"), [(8 << 20, True), ((8 << 20) + 1, False)])
def test_a_page_of_more_than_8_mib_is_counted(tmp_path: Path, size: int, fine: bool) -> None:
    page = b"a" * size
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\n\r\n"
    data = (
        warc_record("conversion", "http://a.example/1", page)
        + warc_record("response", "http://a.example/2", head + gzip.compress(page, 1))
        + wet("http://a.example/3", "短")
    )
    assert read(tmp_path, data) == [
        *(
            Record(f"http://a.example/{n}", page.decode(), "a")
            if fine
            else Problem("a.warc", "larger than 8 MiB")
            for n in (1, 2)
        ),
        Record("http://a.example/3", "短", "a"),
    ]


def test_of_what_is_no_page_the_kind_counts_and_not_the_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warc, "MAX_PAGE", 100)
    data = response("http://a.example/1", "200 OK", "Content-Type: video/mp4", bytes(1000)) + wet(
        "http://a.example/2", "短"
    )
    assert reasons(read(tmp_path, data)) == ["not a document (video/mp4)"]
    assert len(read(tmp_path, data)) == 2


def test_a_page_without_an_address_is_called_by_its_record(tmp_path: Path) -> None:
    data = wet("http://a.example/1", TEXT)
    start, end = data.index(b"WARC-Target-URI"), data.index(b"WARC-Date")
    (record,) = read(tmp_path, data[:start] + data[end:])
    assert isinstance(record, Record)
    assert record.id == "<urn:uuid:11111111-0000-0000-0000-000000000000>"
    content_type = data.index(b"Content-Type")
    assert read(tmp_path, data[:start] + data[content_type:]) == [Record("", TEXT, "a")]


@pytest.mark.parametrize("charset", ["charset=UTF-16BE", "Charset = 'utf-16be'", 'a=b; charset="utf-16be"'])
def test_the_charset_of_a_page_counts_where_its_bytes_do_not_tell(tmp_path: Path, charset: str) -> None:
    content = "清晨的雾还没有散茶农们已经背着竹篓上山"  # no byte of it in UTF-16 is 0
    body = content.encode("utf-16-be")
    data = warc_record("response", "http://a.example/1", http(f"text/plain; {charset}", body))
    assert read(tmp_path, data) == [Record("http://a.example/1", content, "a")]


def test_plain_text_may_look_like_html(tmp_path: Path) -> None:
    assert read(tmp_path, wet("http://a.example/1", PAGE)) == [Record("http://a.example/1", PAGE, "a")]


def test_fields_that_follow_another_first_line_are_no_record(tmp_path: Path) -> None:
    data = wet("http://a.example/1", TEXT)
    assert read(tmp_path, b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc\r\n" + data) == [
        Problem("a.warc", "malformed record"),
        Record("http://a.example/1", TEXT, "a"),
    ]


@pytest.mark.parametrize("before", range(8))
def test_a_record_is_found_wherever_the_file_is_cut_for_reading(tmp_path: Path, before: int) -> None:
    data = b"x" * ((1 << 17) - before) + b"\n" + wet("http://a.example/1", TEXT)
    assert read(tmp_path, data) == [
        Problem("a.warc", "malformed record"),
        Record("http://a.example/1", TEXT, "a"),
    ]


def test_a_record_is_found_wherever_its_first_line_is_cut(tmp_path: Path) -> None:
    """A gzip archive is read by its members, however short they are."""
    path = tmp_path / "a.warc.gz"
    start, record = b"x\n\n", wet("http://a.example/1", TEXT)
    for cut in range(9):
        data = start + record
        path.write_bytes(gzip.compress(data[:cut]) + gzip.compress(data[cut:]))
        assert list(read_warc(input_file(path))) == [
            Problem("a.warc.gz", "malformed record"),
            Record("http://a.example/1", TEXT, "a"),
        ]


def test_a_record_that_ends_where_a_damage_begins_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    record = wet("http://a.example/1", TEXT).rstrip(b"\r\n")
    path.write_bytes(gzip.compress(record) + gzip.compress(record)[:11])  # a header alone
    found = []
    with pytest.raises(EOFError):
        found.extend(read_warc(input_file(path)))
    assert found == [Record("http://a.example/1", TEXT, "a")]


def test_an_archive_is_read_by_portions_of_64_kib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, real = set[int](), Stream.read

    def read_some(stream: Stream, size: int) -> bytes:
        asked.add(size)
        return real(stream, size)

    monkeypatch.setattr(Stream, "read", read_some)
    assert len(read(tmp_path, wet("http://a.example/1", TEXT) * 999)) == 999
    assert asked == {64 << 10}


def test_empty_records_and_many_blank_lines_are_passed_over(tmp_path: Path) -> None:
    data = (
        warc_record("request", "http://a.example/1", b"")
        + warc_record("request", "http://a.example/1", b"x")
        + b"\r\n" * 40_000
        + wet("http://a.example/2", TEXT)
        + b"\n" * 70_000
    )
    assert read(tmp_path, data) == [Record("http://a.example/2", TEXT, "a")]


def test_line_feeds_alone_end_the_fields_too(tmp_path: Path) -> None:
    data = wet("http://a.example/1", TEXT).replace(b"\r\n", b"\n") * 2
    assert read(tmp_path, data) == [Record("http://a.example/1", TEXT, "a")] * 2


@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"])
def test_records_that_begin_again_and_again_are_passed_at_once(tmp_path: Path, end: bytes) -> None:
    """At each of them up to 64 KiB were looked at for a head."""
    good = warc_record("response", "http://a.example/1", http("text/html", PAGE.encode()))
    found = read(tmp_path, b"WARC/\nWARC/1.0\n" * 60_000 + end + good)
    assert [item.text for item in found if isinstance(item, Record)] == [TEXT]
    assert 0 < sum(isinstance(item, Problem) for item in found) < 100


def test_a_record_that_begins_in_a_damaged_head_is_read(tmp_path: Path) -> None:
    good = warc_record("response", "http://a.example/1", http("text/html", PAGE.encode()))
    found = read(tmp_path, b"WARC/1.0\r\nWARC-Type: resp" + b"x" * 100_000 + b"\n" + good + good)
    assert [type(item) for item in found] == [Problem, Record, Record]
