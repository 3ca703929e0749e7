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


def test_a_quotation_that_holds_more_than_the_entity_is_no_text_about_it() -> None:
    assert resolve("“&lt;结束&gt;”，`a &lt; b`") == "“<结束>”，`a < b`"
    assert resolve("词首加“&lt;”，词尾加“&gt;”") == "词首加“<”，词尾加“>”"


def test_depth_is_bounded() -> None:
    text = "&lt;"
    for _ in range(300):
        text = text.replace("t", "&#116;", 1)
    assert resolve(text)  # an attack, not a text


@given(st.text(alphabet="&;#amplt38x26nbsp`“ \n", max_size=60))
def test_resolving_twice_changes_nothing(text: str) -> None:
    once = resolve(text)
    assert resolve(once) == once
