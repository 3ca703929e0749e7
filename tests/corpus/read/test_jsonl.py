"""JSON lines and JSON files."""

import json
from pathlib import Path
from typing import Any

import pytest

from gaupt.corpus.documents import read_documents
from gaupt.corpus.read import jsonl
from gaupt.corpus.read.jsonl import read_json, read_jsonl, record
from gaupt.corpus.read.piece import TOO_LONG_RECORD, Problem, Record
from tests.corpus.made import OTHER, TEXT, a_file, json_line, records, run, text

FILE = a_file("a.jsonl", "jsonl")
FIELDS = ("text", "content")


def test_lone_surrogates_are_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"id": "\\ud800", "source": "s\\udfff", "text": "' + text(1).replace("\n", "") + '\\ud83d。"}\n'
    )
    run([path], tmp_path / "out")
    (document,) = read_documents(tmp_path / "out")
    assert (document.id, document.source) == ("?", "s?")
    assert document.text.endswith("?。")


def test_lines_are_numbered_in_the_file_and_blank_ones_count() -> None:
    data = b"\n".join((json_line(TEXT).strip(), b"", b" \r", json_line(OTHER).strip() + b"\r"))
    assert list(read_jsonl(FILE, data, 0, FIELDS)) == [
        Record("a.jsonl:1", TEXT, "来源"),
        Record("a.jsonl:4", OTHER, "来源"),
    ]
    assert [item.id for item in records(read_jsonl(FILE, data, 10, FIELDS))] == ["a.jsonl:11", "a.jsonl:14"]


def test_a_line_may_have_a_byte_order_mark_or_another_encoding() -> None:
    line = json.dumps({"text": TEXT}, ensure_ascii=False)
    data = b"\n".join((line.encode("utf-8-sig"), line.encode("gb18030"), line.encode()))
    assert [item.text for item in records(read_jsonl(FILE, data, 0, FIELDS))] == [TEXT] * 3


@pytest.mark.parametrize("line", [b"{", b"[" * 100_000, b'{"text": NaN', b"\xff\xfe\xfa", b"text"])
def test_a_malformed_line_is_told_and_the_next_one_read(line: bytes) -> None:
    found = list(read_jsonl(FILE, line + b"\n" + json_line(TEXT), 0, FIELDS))
    assert found == [Problem("a.jsonl", "malformed line"), Record("a.jsonl:2", TEXT, "来源")]


@pytest.mark.parametrize(
    ("value", "id_", "content", "source"),
    [
        ("甲", "a.jsonl:3", "甲", "来源"),
        ({"text": "甲"}, "a.jsonl:3", "甲", "来源"),
        ({"text": "", "content": "乙"}, "a.jsonl:3", "乙", "来源"),
        ({"text": "", "content": None}, "a.jsonl:3", "", "来源"),
        ({"Text": "甲"}, "a.jsonl:3", "甲", "来源"),
        (["甲", "乙"], "a.jsonl:3", "甲\n乙", "来源"),
        (
            {"content": "乙", "text": "甲"},
            "a.jsonl:3",
            "甲",
            "来源",
        ),  # the order of the fields, not of the record
        ({"text": None, "content": "乙"}, "a.jsonl:3", "乙", "来源"),
        ({"text": "甲", "id": "x", "source": "报"}, "x", "甲", "报"),
        ({"text": "甲", "id": 0, "source": ""}, "0", "甲", "来源"),
        ({"text": "甲", "id": "", "source": 5}, "a.jsonl:3", "甲", "来源"),
        ({"text": "甲", "id": True}, "a.jsonl:3", "甲", "来源"),
        ({"text": "甲", "id": 1.5}, "a.jsonl:3", "甲", "来源"),
        ({"text": "甲", "id": None}, "a.jsonl:3", "甲", "来源"),
    ],
)
def test_a_record_names_what_it_knows(value: Any, id_: str, content: str, source: str) -> None:
    assert record(value, FILE, 3, FIELDS) == Record(id_, content, source)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (5, "not a record"),
        (None, "not a record"),
        (["甲", 5], "not a record"),
        ([{"text": "甲"}], "not a record"),
        ({}, "no text in its field"),
        ({"text": 5}, "no text in its field"),
        ({"title": "甲"}, "no text in its field"),
    ],
)
def test_what_is_no_record_is_told(value: Any, reason: str) -> None:
    assert record(value, FILE, 1, FIELDS) == Problem("a.jsonl", reason)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([{"text": "甲"}, "乙"], ["甲", "乙"]),
        ({"text": "甲"}, ["甲"]),
        ({"text": "甲", "data": ["乙"]}, ["甲"]),
        ({"version": 1, "data": [{"text": "甲"}, {"content": "乙"}], "more": ["丙"]}, ["甲", "乙"]),
        ([["甲", "乙"], ["丙"]], ["甲\n乙", "丙"]),
        ("甲", ["甲"]),
        ([], []),
    ],
)
def test_a_json_file_is_a_list_or_holds_one_or_is_one_record(value: Any, expected: list[str]) -> None:
    found = list(read_json(FILE, json.dumps(value).encode(), FIELDS))
    assert [item.text for item in records(found)] == expected
    assert [item.id for item in records(found)] == [f"a.jsonl:{n + 1}" for n in range(len(expected))]
    assert len(found) == len(expected)


@pytest.mark.parametrize("between", [",", "\n"])
def test_a_record_that_is_too_long_goes_alone(between: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "MAX_RECORD", 300)
    values = between.join(
        json.dumps({"text": sign * count}) for sign, count in (("甲", 100), ("乙", 101), ("a", 300))
    )
    data = f"[{values}]" if between == "," else values
    assert list(read_json(FILE, data.encode(), FIELDS)) == [
        Record("a.jsonl:1", "甲" * 100, "来源"),
        Problem("a.jsonl", TOO_LONG_RECORD),
        Record("a.jsonl:3", "a" * 300, "来源"),
    ]


def test_a_json_file_may_in_truth_hold_json_lines() -> None:
    data = json_line(TEXT) + b"{\n" + json_line(OTHER)
    assert list(read_json(FILE, data, FIELDS)) == [
        Record("a.jsonl:1", TEXT, "来源"),
        Problem("a.jsonl", "malformed line"),
        Record("a.jsonl:3", OTHER, "来源"),
    ]
    wide = json.dumps([{"text": TEXT}], ensure_ascii=False).encode("utf-16")
    assert list(read_json(FILE, wide, FIELDS)) == [Record("a.jsonl:1", TEXT, "来源")]


def test_a_json_file_may_be_pretty_and_hold_several_values() -> None:
    first, second = (
        json.dumps({"text": item, "n": [1, {}]}, ensure_ascii=False, indent=2) for item in (TEXT, OTHER)
    )
    for between in ("\n", "\n\n", " ", ",\n"):
        assert list(read_json(FILE, (first + between + second + "\n").encode(), FIELDS)) == [
            Record("a.jsonl:1", TEXT, "来源"),
            Record("a.jsonl:2", OTHER, "来源"),
        ]
    assert list(read_json(FILE, f"{first}\n{{\n  bad\n}}\n{second}\n{first[:-9]}".encode(), FIELDS)) == [
        Record("a.jsonl:1", TEXT, "来源"),
        Problem("a.jsonl", "malformed record"),
        Record("a.jsonl:3", OTHER, "来源"),
        Problem("a.jsonl", "malformed record"),
    ]
    one = json.dumps({"title": "桥", "sections": [{"content": TEXT}]})
    reason = "no field text, content; the records have title, sections[].content: use --text-field 'sections[].content'"
    for written in (one, json.dumps(json.loads(one), indent=1), one.replace(", ", ",\n", 1)):
        assert list(read_json(FILE, written.encode(), FIELDS)) == [Problem("a.jsonl", reason)]


def test_a_json_object_without_a_text_is_told() -> None:
    assert list(read_json(FILE, b'{"version": 1}', FIELDS)) == [
        Problem("a.jsonl", f"no field {FIELDS[0]}, {FIELDS[1]}; the records have version")
    ]


def test_a_json_file_over_the_limit_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert jsonl.MAX_JSON == 512 * 1024**2
    data = json_line(TEXT)
    monkeypatch.setattr(jsonl, "MAX_JSON", len(data))
    assert len(records(read_json(FILE, data, FIELDS))) == 1
    monkeypatch.setattr(jsonl, "MAX_JSON", len(data) - 1)
    assert list(read_json(FILE, data, FIELDS)) == [
        Problem("a.jsonl", "larger than 0 MiB; turn it into JSON lines")
    ]
    monkeypatch.setattr(jsonl, "MAX_JSON", 1 << 20)
    assert list(read_json(FILE, b" " * ((1 << 20) + 1), FIELDS)) == [
        Problem("a.jsonl", "larger than 1 MiB; turn it into JSON lines")
    ]


def test_records_without_a_text_field_share_the_reason_of_the_first() -> None:
    lines = b'{"id": 1, "title": "\xe7\x94\xb2"}\nbad\n{"name": "b"}\n{"text": null}\n' + json_line(TEXT)
    reason = f"no field {', '.join(FIELDS[:2])}; the records have id, title: use --text-field title"
    assert list(read_jsonl(FILE, lines, 0, FIELDS)) == [
        Problem("a.jsonl", reason),
        Problem("a.jsonl", "malformed line"),
        Problem("a.jsonl", reason),
        Problem("a.jsonl", "no text in its field"),
        Record("a.jsonl:5", TEXT, "来源"),
    ]


def test_nested_fields_are_named_as_paths_with_the_option_to_pass() -> None:
    record = {
        "turns": [{"who": "甲", "said": TEXT}],
        "meta": {"tags": ["乙", "丙"], "n": 1},
        "empty": [],
        "text": {"n": 1},
    }
    assert list(read_jsonl(FILE, json.dumps(record).encode(), 0, FIELDS)) == [
        Problem(
            "a.jsonl",
            "no field text, content; the records have turns[].who, turns[].said, meta.tags[], meta.n, empty, text.n: "
            "use --text-field 'turns[].said'",
        )
    ]
    assert [
        item.text for item in records(read_jsonl(FILE, json.dumps(record).encode(), 0, ("turns[].said",)))
    ] == [TEXT]


def test_what_is_malformed_again_and_again_is_passed_at_once() -> None:
    assert list(read_json(FILE, b"," * 1_000_000, FIELDS)) == []
    good = '\n{"text": "甲"}'
    for bad in ("[\n", '[{"a":\n', "[" + "1," * 100 + "\n"):
        found = list(read_json(FILE, (bad * (100_000 // len(bad)) + good).encode(), FIELDS))
        assert found[0] == Problem("a.jsonl", "malformed record")
    data = ('{"text": "x"\n' + '{"text": [1,\n{"text": "乙"}\n') * 100 + good
    texts = [item.text for item in read_json(FILE, data.encode(), FIELDS) if isinstance(item, Record)]
    assert texts == ["乙"] * 100 + ["甲"]
