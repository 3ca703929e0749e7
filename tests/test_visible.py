"""Text of others, shown: what a terminal would obey is an escape, and JSON and TOML stay what they are."""

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.visible import unicode_escapes, visible, visible_json, visible_lines, visible_message

OBEYED = [
    *range(0x20),
    *range(0x7F, 0xA0),
    0x200F,
    0x2028,
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
    0xDCFF,
]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("[/forum]", "[/forum]"),
        ("小说 [news] é", "小说 [news] é"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
        ("a\u202eb\x7f\x9b", "a\\u202eb\\x7f\\x9b"),
        ("b\udcff.txt \ud800", "b\\xff.txt \\ud800"),
    ],
)
def test_a_name_is_one_line_that_steers_nothing(name: str, shown: str) -> None:
    assert visible(name) == shown


def test_of_several_lines_the_line_feeds_and_tabs_stay() -> None:
    assert visible_lines("a\n\tb\x1b\r\n") == "a\n\tb\\x1b\\r\n"


def test_a_message_that_is_wrapped_is_one_line_and_a_name_in_it_keeps_its_break() -> None:
    assert visible_message("first;\n  second a\nb\n") == "first; second a\\nb"


@pytest.mark.slow
@given(text=st.text(st.characters(codec=None)))
def test_nothing_that_is_obeyed_is_left_of_any_text(text: str) -> None:
    assert not {chr(code) for code in OBEYED} & {*visible(text)}
    assert not ({chr(code) for code in OBEYED} - {"\n", "\t"}) & {*visible_lines(text)}
    assert not ({chr(code) for code in OBEYED} - {"\n"}) & {*visible_json({text: [text]}, indent=1)}
    visible_json(text).encode()


@pytest.mark.slow
@given(text=st.text(st.characters(codec=None)))
def test_json_reads_back(text: str) -> None:
    # Two surrogates in a row that are a pair read back as the character that they stand for.
    paired = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    assert json.loads(visible_json({"text": text})) == {"text": paired}


def test_toml_reads_back() -> None:
    assert tomllib.loads(unicode_escapes('[a]\nname = "x\u202e\x9b雾"\n')) == {"a": {"name": "x\u202e\x9b雾"}}
