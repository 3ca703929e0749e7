"""The text of a record and the records of a JSON value, by fields and by known shapes."""

from typing import Any

import pytest

from gaupt.config import CleanConfig
from gaupt.corpus.read.shapes import SHAPES, columns, is_empty, records_of, text_of

USUAL = CleanConfig().text_fields
LONG = "这座桥修了三年才通车，两岸的居民从此不必再绕远路。"


@pytest.mark.parametrize(
    ("record", "text"),
    [
        ({"text": "甲", "content": "乙"}, "甲"),
        ({"text": "", "content": "乙"}, "乙"),
        ({"text": " \n", "content": "乙"}, "乙"),
        ({"text": None, "content": "乙"}, "乙"),
        ({"text": ["甲", "", "丙"]}, "甲\n丙"),
        ({"Text": "甲", "content": "乙"}, "乙"),  # what is written as asked for comes first
        ({"Text": "甲", "title": "乙"}, "甲"),
        ({"text": ""}, ""),
        ({"text": " ", "content": ""}, " "),
        ({"text": 5}, None),
        ({"review": "甲"}, None),
        ({}, None),
        (5, None),
        ([], None),
    ],
)
def test_the_first_field_with_a_text_is_taken(record: Any, text: str | None) -> None:
    assert text_of(record, ("text", "content")) == text


@pytest.mark.parametrize(
    ("record", "text"),
    [
        ({"conversations": [{"from": "human", "value": "甲"}, {"from": "gpt", "value": "乙"}]}, "甲\n乙"),
        (
            {"conversations": [{"role": "user", "content": "甲"}, {"role": "assistant", "content": "乙"}]},
            "甲\n乙",
        ),
        ({"messages": [{"role": "user", "content": "甲"}, {"role": "assistant", "content": "乙"}]}, "甲\n乙"),
        ({"messages": [{"content": [{"type": "text", "text": "甲"}, {"type": "image"}]}]}, "甲"),
        ({"name": "题", "messages": [{"message": "甲"}, {"attrs": [], "message": "乙"}]}, "甲\n乙"),
        (
            {"conversation": [{"human": "甲", "assistant": "乙"}, {"human": "丙", "assistant": "丁"}]},
            "甲\n乙\n丙\n丁",
        ),
        ({"conversation": [{"system": "", "input": "甲", "output": "乙"}]}, "甲\n乙"),
        ({"instruction": "甲", "input": "", "output": "乙"}, "甲\n乙"),
        ({"output": "丙", "instruction": "甲", "input": "乙"}, "甲\n乙\n丙"),
        ({"instruction": "丙", "output": "丁", "history": [["甲", "乙"]]}, "甲\n乙\n丙\n丁"),
        ({"INSTRUCTION": "甲", "RESPONSE": "乙", "SOURCE": "Zhihu"}, "甲\n乙"),
        ({"instruction": "甲", "context": "乙", "response": "丙", "category": "x"}, "甲\n乙\n丙"),
        ({"kind": "Couplet", "input": "甲", "target": "乙"}, "甲\n乙"),
        ({"prompt": "甲", "response": "乙"}, "甲\n乙"),
        ({"history": [["甲", "乙"]], "query": "丙", "response": "丁"}, "甲\n乙\n丙\n丁"),
        ({"prompt": "甲", "completion": "乙"}, "甲\n乙"),
        ({"文件名": "a.txt", "段落": [{"行号": 1, "内容": "甲"}, {"行号": 2, "内容": "乙"}]}, "甲\n乙"),
        ({"id": 1, "问": "甲", "答": "乙", "来源": "x", "元数据": {}}, "甲\n乙"),
        ({"title": "题", "author": "人", "paragraphs": ["甲", "乙"]}, "甲\n乙"),
        ({"title": "题", "para": ["甲", "乙"]}, "甲\n乙"),
        ({"title": "题", "content": ["甲", "乙"]}, "甲\n乙"),
        (
            {"title": "题", "paragraphs": [{"context": "甲", "qas": []}, {"context": "乙", "qas": []}]},
            "甲\n乙",
        ),
        ({"context_id": "x", "context_text": "甲", "qas": [], "title": "题"}, "甲"),
        ({"id": "x", "context": "甲", "question": "乙", "answers": {"text": ["丙"]}}, "甲"),
        ({"context": ["甲", "乙"], "response": "丙"}, "甲\n乙\n丙"),
        ({"dialog": ["甲", "乙"]}, "甲\n乙"),
        ({"english": "x", "chinese": "甲"}, "甲"),
        ({"translation": {"en": "x", "zh": "甲"}}, "甲"),
        (["甲", "乙"], "甲\n乙"),
        ([["甲", "乙"], [{"question": "丙", "choice": ["丁"], "answer": "丁"}], "7-1"], "甲\n乙"),
        ([["甲"], [{"question": "乙"}]], "甲"),
        ([["甲"]], None),
        ([["甲"], [{"question": "乙"}, 5]], None),
        ([["甲"], {"question": "乙"}], None),
        # one field of a pair is no text of its own, and these are nobody's shape
        ({"input": "甲", "label": 1}, None),
        ({"output": "甲"}, None),
        ({"context": "甲", "label": 1}, None),
        ({"chinese": "甲"}, None),
        ({"title": "甲", "desc": "乙"}, None),
        ({"conversations": "甲"}, None),
        ([["甲"], ["乙"]], None),
        ([["甲"], 5], None),
        (["甲", 5], None),
        # what was read by a usual name is read so
        ({"qid": 1, "title": "甲", "desc": "乙", "content": "丙"}, "丙"),
        ({"category": "x", "title": "甲", "desc": "乙", "answer": "丙"}, "丙"),
        ({"context": "甲", "question": "乙", "answer": "丙"}, "丙"),
        ({"text": "丁", "messages": [{"content": "甲"}]}, "丁"),
    ],
)
def test_records_of_public_corpora_are_known(record: Any, text: str | None) -> None:
    assert text_of(record, USUAL) == text


def test_a_joined_path_finds_its_fields_in_any_case() -> None:
    assert text_of({"Title": "甲", "text": "乙"}, ("title+text",)) == "甲\n乙"


def test_a_known_shape_in_its_own_case_comes_before_one_in_another() -> None:
    record = {"Instruction": "甲", "Output": "乙", "prompt": "丙", "response": "丁"}
    assert text_of(record, ("*",)) == "丙\n丁"
    del record["response"]
    assert text_of(record, ("*",)) == "甲\n乙"


def test_known_shapes_hold_where_they_are_asked_for() -> None:
    record = {"paragraphs": ["甲"], "review": "乙"}
    assert [text_of(record, fields) for fields in (("text",), ("text", "*"), ("review", "*"))] == [
        None,
        "甲",
        "乙",
    ]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"text": None}, True),
        ({"text": 5}, True),
        ({"text": {}}, True),
        ({"title": "题", "paragraphs": []}, True),
        ({"title": "题", "text": {"a": "甲"}}, False),
        ({"title": "题", "input": None}, False),  # half of a shape says nothing
        ({"title": "题"}, False),
    ],
)
def test_a_record_is_empty_where_its_text_field_is(record: dict[str, Any], expected: bool) -> None:
    assert text_of(record, USUAL) is None
    assert is_empty(record, USUAL) is expected


def test_the_columns_that_may_hold_the_text() -> None:
    assert columns([" Text "], ("text",)) == [" Text "]
    names = ["id", "Title", "data", "output", "meta.x", "text"]
    assert columns(names, ("title+text",)) == ["Title", "text"]
    assert columns(names, ("data.title", "meta.x")) == ["data", "meta.x"]
    assert columns(names, ("*",)) == ["output"]
    assert columns(names, ("review",)) == []


@pytest.mark.parametrize(
    ("value", "records"),
    [
        ([{"text": "甲"}, "乙"], [{"text": "甲"}, "乙"]),
        ({"text": "甲", "data": ["乙"]}, [{"text": "甲", "data": ["乙"]}]),
        ({"version": "v1", "data": [{"text": "甲"}, 5]}, [{"text": "甲"}, 5]),
        ({"code": 0, "msg": "成功", "data": {"total": 1, "list": [{"text": "甲"}]}}, [{"text": "甲"}]),
        ({"RECORDS": [{"text": "甲"}]}, [{"text": "甲"}]),
        ({"train": [["甲", "乙"]], "test": [["丙", "丁"]]}, [["甲", "乙"], ["丙", "丁"]]),
        ({"1": {"text": "甲"}, "2": {"text": "乙"}}, [{"text": "甲"}, {"text": "乙"}]),
        ({"poems": ["甲", "乙"], "n": 2}, ["甲", "乙"]),
        ({"poems": [{"text": "甲"}], "count": 1}, [{"text": "甲"}]),
        ("甲", ["甲"]),
    ],
)
def test_the_records_of_a_file(value: Any, records: list[Any]) -> None:
    assert records_of(value, USUAL) == records


@pytest.mark.parametrize(
    "value",
    [
        {"title": "桥", "summary": LONG, "sections": [{"title": "史", "content": LONG}], "tags": ["建筑"]},
        {"title": "桥", "sections": [{"content": LONG}]},
        {"summary": LONG, "data": [{"content": LONG}]},
        {"sections": [{"content": LONG}], "tags": ["建筑"]},
        {"sections": [{"content": LONG}], "author": {"name": "某人"}},
        {"data": [{"review": LONG}]},
        {"sections": [{"content": LONG}], "tags": [{"name": "建筑"}]},
        {"poems": ["甲乙"], "note": "短"},
        {"石桥": [["石桥", "建于", "明代"]], "木桥": [["木桥", "建于", "清代"]]},
        {"one": ["甲", "乙"], "two": ["丙"]},
        {"test": ["甲"], "train": 1, "n": {"name": "乙"}},
        {"version": 1},
        {},
    ],
)
def test_an_object_is_not_taken_apart_where_that_loses_a_text(value: Any) -> None:
    assert records_of(value, USUAL) == [value]


def test_under_a_usual_name_records_may_have_short_remarks_beside_them() -> None:
    entries = [{"text": "甲"}]
    usual = ["data", "records", "rows", "items", "docs", "documents", "results", "examples", "list", "DATA"]
    found = {name: records_of({"title": "题", name: entries}, USUAL) for name in [*usual, "sections"]}
    assert found == {**dict.fromkeys(usual, entries), "sections": [{"title": "题", "sections": entries}]}
    for length, expected in ((15, entries), (16, None)):
        value = {"note": "x" * 20 + "字" * length, "data": entries}
        assert records_of(value, USUAL) == (expected or [value])


def test_lists_of_strings_are_dialogues_under_the_names_of_splits() -> None:
    dialogues = [["甲", "乙"], ["丙"]]
    splits = ["train", "dev", "valid", "validation", "test", "Train"]
    found = {name: records_of({name: dialogues}, USUAL) for name in [*splits, "triples"]}
    assert found == {**dict.fromkeys(splits, dialogues), "triples": [{"triples": dialogues}]}


def test_what_holds_a_text_of_its_own_fields_is_not_taken_apart() -> None:
    value = {"title": "桥", "sections": [{"content": "甲"}, {"content": "乙"}]}
    fields = ("title+sections[].content",)
    assert records_of(value, fields) == [value]
    assert text_of(value, fields) == "桥\n甲\n乙"


def test_a_paragraph_of_squad_is_a_record() -> None:
    first, second = ({"context": text, "qas": [{"question": "?"}]} for text in "甲乙")
    value = {"version": "v1.0", "data": [{"title": "题", "id": "x", "paragraphs": [first, second]}]}
    assert records_of(value, USUAL) == [first, second]
    assert [text_of(record, USUAL) for record in (first, second)] == ["甲", "乙"]
    assert records_of(value, ("paragraphs[].context",)) == value["data"]  # as asked for
    others: list[Any] = [[], ["甲"], [first, {"text": "乙"}], first, None]
    articles = [{"text": "丙", "paragraphs": paragraphs} for paragraphs in others]
    assert records_of(articles, USUAL) == articles


def test_every_known_shape_names_what_a_joined_one_needs() -> None:
    for shape in SHAPES:
        joined = len({part.keys[0] for part in shape.path.parts}) > 1
        assert not joined or len(shape.needs) > 1
        assert shape.needs <= shape.path.heads() | {"qas", "question", "english"}


def test_objects_may_be_as_deep_as_they_like() -> None:
    value: Any = [{"text": LONG}]
    for depth in range(20_000):
        value = {"data": value}
        if depth == 5:
            assert records_of(value, USUAL) == [{"text": LONG}]
    assert records_of(value, USUAL) == [value]
