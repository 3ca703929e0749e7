"""What templates show: their names, how their arguments are read, and which of them are words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.corpus.read.wikitemplates import template_text, unknown_text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("lang-en|Taocheng", "Taocheng"),
        ("langx|en|Taocheng", "Taocheng"),
        ("lang|ja|陶", "陶"),
        ("jpn|j=陶城|hg=すえ", "陶城"),
        ("nihongo|陶城|陶の城|Sue", "陶城（陶の城）"),
        ("le|陶城|Taocheng", "陶城"),
        ("link-en|陶城 (县)|Taocheng|陶城", "陶城"),
        ("tsl|en|Taocheng||陶城", "陶城"),
        ("ill|陶城 (县)|en|Taocheng|lt=陶城", "陶城"),
        ("transl|zh|táo", "táo"),
        ("ruby|陶|táo", "陶"),
        ("僻字|𠮷|士+口", "𠮷"),
        ("!|𠮷|士+口", "𠮷"),
        ("lan|zh-hant=電腦|zh-hans=电脑", "电脑"),
        ("nowrap|5,400米", "5,400米"),
        ("abbr|HTML|超文本标记语言", "HTML"),
        ("color|red|红", "红"),
        ("font color|red|红", "红"),
        ("sup|2", "<sup>2</sup>"),
        ("sub|2", "2"),
        ("chem|H|2|O", "H2O"),
        ("key|Ctrl|C", "Ctrl+C"),
        ("来源请求|陶城很大|time=2020-01-01", "陶城很大"),
        ("fact|time=2020-01-01", ""),
        ("isbn|7-111", "ISBN 7-111"),
        ("hlist|甲|乙", "甲、乙"),
        ("ubl|甲|乙", "\n甲\n乙\n"),
        ("columns-list|colwidth=30em|\n* 甲\n* 乙", "\n* 甲\n* 乙\n"),
        ("quote|学而时习之。|孔子", "\n学而时习之。\n"),
        ("cquote|text=学而时习之。", "\n学而时习之。\n"),
        ("rmb|5亿", "¥5亿"),
        ("HK$|20", "HK$20"),
        ("floruit|1500年", "活跃于1500年"),
        ("as of|2010|1", "截至2010年1月"),
        ("JPN", "日本"),
        ("flag|JPN", "日本"),
        ("flag|陶国", "陶国"),
        ("·", "·"),
        ("=", "&#61;"),
        ("!", "&#124;"),
        ("efn|注", ""),
        ("coord|31|12|N", ""),
        ("CURRENTYEAR", ""),
        ("某模板|甲", ""),
    ],
)
def test_what_a_template_shows(content: str, text: str) -> None:
    assert template_text(content) == text


@pytest.mark.parametrize(
    "name", ["Nowrap", " nowrap\n", "NOWRAP", "Template:Nowrap", "subst: nowrap", "模板:nowrap"]
)
def test_names_are_compared_as_mediawiki_does(name: str) -> None:
    assert template_text(f"{name}|甲") == "甲"


def test_the_names_of_arguments_are_told_from_words() -> None:
    assert template_text("nowrap|1=甲=乙") == "甲=乙"
    assert template_text("nowrap|style = x|甲") == "甲"
    assert template_text('nowrap|<span style="x">甲</span>') == '<span style="x">甲</span>'
    assert template_text("lang|2=甲|1=zh") == "甲"
    assert template_text("nowrap|99=甲") == ""


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("formatnum:1808500", "1808500"),
        ("FORMATNUM: 1,808 |R", "1,808"),
        ("lc:ABC", "abc"),
        ("ucfirst:abc", "Abc"),
        ("#expr:1+2", ""),
        ("DEFAULTSORT:甲", ""),
        ("plural:2|甲|乙", ""),
    ],
)
def test_functions_of_the_parser(content: str, text: str) -> None:
    assert template_text(content) == text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("某|甲|乙", "乙"),
        ("某|12|a=b", "12"),
        ("某|word", ""),
        ("某", ""),
        ("某|" + "甲" * 41, ""),
        ("某|甲\n乙", ""),
        ("rp|12", ""),
        ("sfnp|王|2001", ""),
        ("efn-ua|甲", ""),
        ("NoteTag|甲", ""),
        ("note label|甲", ""),
        ("#tag:ref|甲", ""),
        ("flagicon|甲", ""),
        ("normal|甲", "甲"),
    ],
)
def test_what_an_unknown_template_shows_in_a_sentence(content: str, text: str) -> None:
    assert unknown_text(content) == text


@given(
    st.text(st.sampled_from("|=:{}甲1 -\nconvertvalbdage")),
    st.sampled_from(["convert|", "val|", "bd|", "age|", "date|", ""]),
)
def test_any_content_gives_text(content: str, name: str) -> None:
    template_text(name + content)
    unknown_text(name + content)


@pytest.mark.parametrize(
    "content", ["convert|1" + "|-|1" * 100_000, "gaps" + "|1" * 200_000, "=" * 400_000, "lc:" * 100_000]
)
def test_no_content_takes_long(content: str) -> None:
    # Work that grows with the square of the arguments would keep this test busy for minutes.
    template_text(content)
    template_text(f"nowrap|{content}")
    unknown_text(content)
