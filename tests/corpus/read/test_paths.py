"""Paths to the text of a record."""

from typing import Any

import pytest

from gaupt.corpus.read.paths import Part, parse, strings

TURNS = {"turns": [{"q": "一问", "a": "一答"}, {"a": "二答"}, "三", {"q": None, "a": ["四", "五"]}]}


@pytest.mark.parametrize(
    ("written", "record", "found"),
    [
        ("text", {"text": "甲"}, ["甲"]),
        ("text", {"text": ["甲", ["乙", 3, None], {"text": "丙"}]}, ["甲", "乙"]),
        ("text", {"text": {"text": "甲"}}, []),
        ("data.title", {"data": {"title": "甲"}}, ["甲"]),
        ("data.title", {"data": [{"title": "甲"}]}, []),  # a list is not passed over in silence
        ("data.title", {"data": "甲"}, []),
        ("lines[]", {"lines": ["甲", "乙"]}, ["甲", "乙"]),
        ("lines[]", {"lines": "甲"}, ["甲"]),
        ("lines[][][].a", {"lines": [[[{"a": "甲"}]]]}, ["甲"]),
        ("lines[]+lines[].a", {"lines": ["甲", {"a": "乙"}]}, ["甲", "乙"]),
        ("lines[].a+lines[]", {"lines": ["甲", {"a": "乙"}]}, ["乙", "甲"]),
        ("lines[]+lines[]", {"lines": ["甲"]}, ["甲", "甲"]),
        ("a . b", {"a": {"b": "甲"}}, ["甲"]),
        ("a.b.c", {"a": {"b": {"c": "甲"}}}, ["甲"]),
        ("a.b.c", {"a": {"b": {}}}, []),
        ("a.b.c", {"a": {"b": "c"}}, []),
        ("lines[][]", {"lines": [["甲"], ["乙"]]}, ["甲", "乙"]),
        ("段落[].内容", {"段落": [{"内容": "甲"}, {"行号": 2}, {"内容": "乙"}]}, ["甲", "乙"]),
        ("a.b[].c.d", {"a": {"b": [{"c": {"d": "甲"}}]}}, ["甲"]),
        ("a[].b[].c", {"a": [{"b": [{"c": "甲"}, {"c": "乙"}]}, {"b": [{"c": "丙"}]}]}, ["甲", "乙", "丙"]),
        ("title+text", {"text": "乙", "title": "甲"}, ["甲", "乙"]),
        (" title + text ", {"text": "乙", "title": "甲"}, ["甲", "乙"]),
        ("title+text", {"title": "", "text": None}, [""]),
        ("turns[].a", TURNS, ["一答", "二答", "四", "五"]),
        ("turns[].q+turns[].a", TURNS, ["一问", "一答", "二答", "四", "五"]),  # entry by entry
        ("turns[].q+title+turns[].a", {**TURNS, "title": "题"}, ["一问", "题", "一答", "二答", "四", "五"]),
    ],
)
def test_a_path_gives_the_strings_on_it(written: str, record: dict[str, Any], found: list[str]) -> None:
    assert strings(record, parse(written)) == found


def test_a_field_of_that_very_name_comes_first() -> None:
    inside = {"a": {"b": "内"}, "c": "丙"}
    assert strings({**inside, "a.b": "外"}, parse("a.b")) == ["外"]
    assert strings({**inside, "a.b": "外"}, parse("a.b+c")) == ["外", "丙"]
    assert strings({"a.b+c": "外", **inside}, parse("a.b+c")) == ["外"]
    assert strings({"c[]": ["外"], "c": ["内"]}, parse("c[]")) == ["外"]
    assert strings(inside, parse("a.b")) == ["内"]


def test_names_are_told_without_regard_to_case_when_asked_for() -> None:
    record = {"Data": [{" Title ": "甲"}], "TEXT": "乙"}
    assert strings(record, parse("data[].title+text")) == []
    assert strings(record, parse("data[].title+Text"), any_case=True) == ["甲", "乙"]
    assert strings({"TEXT": "乙", "text": "甲"}, parse("text"), any_case=True) == ["甲"]


def test_what_goes_into_one_list_is_one_part_and_its_fields_are_known() -> None:
    path = parse("title+a.b[].c+a.b[].d")
    inner = (Part("c", ("c",)), Part("d", ("d",)))
    assert path.parts == (Part("title", ("title",)), Part("a.b", ("a", "b"), inner))
    assert path.heads() == {"title+a.b[].c+a.b[].d", "title", "a.b", "a"}


def test_lists_may_be_as_deep_as_they_like() -> None:
    value: Any = ["甲", "乙"]
    for _ in range(100_000):
        value = [value]
    assert strings({"text": value}, parse("text")) == ["甲", "乙"]
