"""Files whose names tell nothing."""

import gzip
import io
import json
from pathlib import PurePath

import pytest

from gaupt.corpus.read.content import first_line, format_of_content, is_whole, may_hold_records
from gaupt.corpus.read.streams import Stream
from tests.corpus.made import TEXT, json_line


def stream(data: bytes) -> Stream:
    raw = io.BytesIO(data)
    return Stream(raw, raw)  # type: ignore[arg-type]


REVIEW = json.dumps({"review": TEXT}).encode()


@pytest.mark.parametrize(
    ("data", "without_extension", "with_one"),
    [
        (json_line(TEXT), "jsonl", "jsonl"),
        (b"\n \n" + json_line(TEXT) * 2, "jsonl", "jsonl"),
        (b"\xef\xbb\xbf" + json_line(TEXT), "jsonl", "jsonl"),
        (json.dumps({"text": TEXT}, ensure_ascii=False).encode("gb18030"), "jsonl", "jsonl"),
        (json.dumps({"text": TEXT}, ensure_ascii=False).encode("utf-16"), "jsonl", "jsonl"),
        (b'<doc id="1" url="x" title="y">\nz\n</doc>', "wikiextractor", "wikiextractor"),
        (REVIEW, "jsonl", None),  # the message says which field to name
        (b"{\n" + REVIEW[1:], None, None),
        (b'["x"]\n', None, None),
        (b"<html><doc id=1></html>", None, None),
        (TEXT.encode(), None, None),
        (b"\x7fELF" + bytes(99), None, None),
        (b"{" + bytes(range(256)), None, None),
        (b"", None, None),
        (b"12\n", None, None),
    ],
)
def test_records_are_told_by_the_first_line(
    data: bytes, without_extension: str | None, with_one: str | None
) -> None:
    assert format_of_content(stream(data), named=False) == without_extension
    assert format_of_content(stream(data), named=True) == with_one


@pytest.mark.parametrize(
    ("name", "expected"),
    [("wiki_00", True), ("part-00000", True), ("data.train", True), ("a.001", True)]
    + [
        (name, False)
        for name in ("a.log", "a.dat", "a.png", "a.PNG", "a.mp4", "a.pdf", "a.txt", "a.py", "a.gz")
    ],
)
def test_an_extension_of_another_kind_is_believed(name: str, expected: bool) -> None:
    assert may_hold_records(PurePath(name)) is expected


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b'{"a": 1}\n{"a": 2}\n', b'{"a": 1}\n'),
        (b'\r\n \n{"a": 1}\n\n', b'{"a": 1}\n'),
        (b"{\n", b"{\n"),
        (b"[", b"["),
        (b"<doc id=1>\nx\n", b"<doc id=1>\n"),
        (b"<document>\n", b""),
        (b"plain\n", b""),
        (b"\n \n", b""),
    ],
)
def test_the_first_line_is_that_of_records(data: bytes, line: bytes) -> None:
    assert first_line(stream(data)) == line


def test_a_first_line_of_more_than_4_mib_is_none() -> None:
    longest = b"[".ljust(4 << 20, b"1")
    assert first_line(stream(longest)) == longest
    assert first_line(stream(longest + b"1")) == b""


def test_no_more_than_64_kib_are_read_beyond_the_first_line() -> None:
    for line in (b"plain\n", b"[\n", b"[".ljust(70_000, b"1") + b"\n"):
        whole = stream(line + bytes(1 << 20))
        first_line(whole)
        assert whole.position() <= len(line) + (64 << 10)


def test_a_file_that_breaks_off_in_its_first_line_has_none() -> None:
    line = b"[" + bytes(range(48, 58)) * 20_000
    packed = io.BytesIO(gzip.compress(line)[:-9])
    assert first_line(Stream(packed, gzip.GzipFile(fileobj=packed))) == b""


def test_a_line_is_whole_where_it_is_a_value_and_ends() -> None:
    lines = (b'{"a": 1}\n', b'["a"]\n', b'{"a": 1}', b"{\n", b"[{},\n", b"\xff\xfe\xfa\n")
    assert [is_whole(line) for line in lines] == [True, True, False, False, False, False]


def test_a_line_in_gbk_is_whole_and_one_with_a_broken_byte_is_not() -> None:
    line = json.dumps([TEXT * 5], ensure_ascii=False).encode("gb18030") + b"\n"
    assert is_whole(line) is True
    assert is_whole(line.replace(b'["', b'["\xff')) is False
    assert is_whole(b'["\xff\xff"]\n') is False  # of no encoding
