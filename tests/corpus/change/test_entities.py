import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.corpus.change.entities import resolve


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("甲&nbsp;乙 &lt;丙&gt; &#20013;&#x56FD;", "甲\xa0乙 <丙> 中国"),
        ("真的&hellip;&hellip;共&yen;390，&frac12;杯", "真的……共¥390，½杯"),
        ("&alpha;粒子与&Omega;", "α粒子与Ω"),
        ("count(&ast;)，a&vert;b", "count(*)，a|b"),
    ],
)
def test_entities_become_characters(before: str, after: str) -> None:
    assert resolve(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("等车&amp;nbsp;看报，&amp;ldquo;真慢&amp;rdquo;", "等车\xa0看报，“真慢”"),
        ("http://a.example.cn/?x=1&amp;amp;amp;y=2", "http://a.example.cn/?x=1&y=2"),
        ("&#38;lt;b&#x26;gt;", "<b>"),
        (f"&{'AMP;' * 7}lt;", "<"),
        (f"&{'AMP;' * 8}lt;", "&lt;"),  # so deep is an attack, not a text
    ],
)
def test_entities_escaped_more_than_once_are_resolved_to_the_end(before: str, after: str) -> None:
    assert resolve(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "http://b.example.cn/s?q=7&copy=2&lang=zh&reg=1&times=3",
        "AT&T; R&D; &unknown;",
        "int *p = &sum;\nreturn &image;",
        "auto *it = &num;",
    ],
)
def test_what_is_no_entity_stays(text: str) -> None:
    assert resolve(text) == text


@pytest.mark.parametrize("text", ["小于号写作 `&lt;`。", "HTML 的空格是“&nbsp;”。", "双重转义的 `&amp;lt;`"])
def test_a_text_about_entities_stays(text: str) -> None:
    assert resolve(text) == text


def test_entities_alone_between_backticks_stay_where_texts_speak_about_them() -> None:
    entities = ["&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&nbsp;", "&#38;", "&#x3c;"]
    assert [entity for entity in entities if resolve(f"`{entity}`") != f"`{entity}`"] == []
    assert resolve("`&copy;`") == "`©`"
    assert resolve('a &lt;" b, "&lt; b') == 'a <" b, "< b'


@pytest.mark.parametrize(("text", "room"), [("HTML{}“&lt;”", 25), ("“&lt;”{}实体", 27)])
def test_the_word_that_says_so_is_in_the_30_characters_beside_the_entity(text: str, room: int) -> None:
    assert resolve(text.format("")) == text.format("")
    assert resolve(text.format("字" * room)) == text.format("字" * room)
    assert resolve(text.format("字" * (room + 1))) == text.format("字" * (room + 1)).replace("&lt;", "<")


def test_only_a_name_that_stands_for_a_letter_or_symbol_is_an_address() -> None:
    assert resolve("a = &lt;b，c=&frac12;，d = &hellip;") == "a = <b，c=½，d = …"


def test_a_quotation_that_holds_more_than_the_entity_is_no_text_about_it() -> None:
    assert resolve("“&lt;结束&gt;”，`a &lt; b`") == "“<结束>”，`a < b`"
    assert resolve("词首加“&lt;”，词尾加“&gt;”") == "词首加“<”，词尾加“>”"


@pytest.mark.slow
@given(st.text(alphabet="&;#amplt38x26nbsp`“ \n", max_size=60))
def test_resolving_twice_changes_nothing(text: str) -> None:
    once = resolve(text)
    assert resolve(once) == once
