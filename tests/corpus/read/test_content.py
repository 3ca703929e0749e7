"""Files whose names tell nothing."""

import io
import json
from pathlib import PurePath

import pytest

from gaupt.corpus.read import content
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


def test_a_first_line_that_is_too_long_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    line = json.dumps({"text": "x" * 200_000}).encode() + b"\n"
    assert first_line(stream(b"\n" + line + b"more")) == line
    monkeypatch.setattr(content, "LONGEST_LINE", 100_000)
    assert first_line(stream(line)) == b""


def test_a_line_is_whole_where_it_is_a_value_and_ends() -> None:
    lines = (b'{"a": 1}\n', b'["a"]\n', b'{"a": 1}', b"{\n", b"[{},\n", b"\xff\xfe\xfa\n")
    assert [is_whole(line) for line in lines] == [True, True, False, False, False, False]
