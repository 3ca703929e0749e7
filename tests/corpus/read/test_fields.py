"""The message on records without a text field: what was looked for, what is there, which one is probably meant."""

from typing import Any

from gaupt.corpus.read.fields import examples, no_text_field

WANTED = ("text", "content", "body")


def test_the_fields_that_are_there_are_named_and_the_one_with_the_most_chinese_is_advised() -> None:
    found = {"id": "", "url": "https://example.com/a/long/address", "title": "春天", "desc": "今天天气很好"}
    assert no_text_field(WANTED, found) == (
        "no field text, content, …; the records have id, url, title, desc: use --text-field desc"
    )


def test_without_chinese_the_longest_is_advised_and_without_text_none() -> None:
    assert no_text_field(("text",), {"a": "x", "b": "xyz"}).endswith("have a, b: use --text-field b")
    assert no_text_field(("text",), {"a": "今", "b": "a long text"}).endswith("use --text-field a")
    assert no_text_field(("text",), {"id": "甲乙", "URL": "x"}) == "no field text; the records have id, URL"
    assert no_text_field(("text",), {"a": "", "b": "  "}) == "no field text; the records have a, b"
    assert no_text_field(("text",), {"a": "x", "b": "    "}).endswith("use --text-field a")
    assert no_text_field(("text", "body"), {}) == "no field text, body; the records have no fields"


def test_a_name_is_written_as_a_shell_takes_it() -> None:
    assert no_text_field(WANTED, {"摘要": "今天"}).endswith("use --text-field 摘要")
    assert no_text_field(WANTED, {"full text": "今天"}).endswith("use --text-field 'full text'")
    assert no_text_field(WANTED, {"full_text-2": "今天"}).endswith("use --text-field full_text-2")


def test_ids_sources_and_addresses_are_never_meant() -> None:
    found = {name: "今天天气" for name in ("id", "source", "url", "ID", "Source")}
    assert no_text_field(("text",), {**found, "a": "今"}).endswith("use --text-field a")


def test_many_fields_are_cut_and_a_first_line_that_is_a_row_is_told() -> None:
    for more in ("", "x"):  # 80 characters are shown
        names = "a" * 38, "b" * 40 + more
        shown = f"{names[0]}, {'b' * 40}" + ("…" if more else "")
        assert no_text_field(WANTED, dict.fromkeys(names, "")).endswith(f"; the records have {shown}")
    for name, advice in (
        ("今" * 30, f"use --text-field {'今' * 30}"),
        ("今" * 31, "add a first line with the columns' names"),
    ):
        assert no_text_field(WANTED, {"1": "2", name: "明天"}).endswith(f": {advice}")


def test_nested_fields_are_paths_and_long_ones_are_no_row() -> None:
    path = "conversations[].messages[].content_of_it"
    assert no_text_field(WANTED, {path: "今天"}).endswith(f"use --text-field '{path}'")
    assert no_text_field(WANTED, {"C++": "今天天气", "a": "今"}).endswith("have C++, a: use --text-field a")


def test_the_fields_of_records_with_their_texts() -> None:
    record = {
        "a": "甲",
        "b": ["乙", "丙", "丁", "戊"],
        "c": {"d": [{"e": 1}, {"e": "己"}]},
        "f": [["庚"]],
        "g": None,
    }
    assert examples(record) == {"a": "甲", "b[]": "乙 丙 丁", "c.d[].e": " 己", "f[]": "庚", "g": ""}
    assert examples({"a": "甲"}, {"a": None, "b": {}}, {"a": "乙"}) == {"a": "甲  乙", "b": ""}
    assert examples({"a": None}, {"a": [{"b": "甲"}]}) == {"a[].b": "甲"}
    deep: Any = "甲"
    for _ in range(8):
        deep = {"a": [deep]}
    assert examples(deep) == {"a[]" + ".a[]" * 3 + ".a": ""}
    assert examples(deep["a"][0]["a"][0]["a"][0]["a"][0]) == {"a[]" + ".a[]" * 3: "甲"}


def test_a_name_of_dots_without_end_is_looked_at_once() -> None:
    name = ".a" * 100_000
    assert examples({name: "甲", "b": {"c": ""}}) == {name: "甲", "b.c": ""}
    for name in ("a " * 100_000 + "[", "//" * 100_000 + "]", "一" * 100_000):
        reason = no_text_field(["text"], {name: "甲"})
        assert len(reason) < 200 and reason.endswith(": add a first line with the columns' names")
