import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.corpus.change.normalize import normalize
from gaupt.text import characters


def clean(text: str, form: str = "nfc") -> str:
    return normalize(text, characters.count(text), form)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("１２３ＡＢＣｘｙｚ", "123ABCxyz"),
        ("他说：“好，走吧！”（笑）", "他说：“好，走吧！”（笑）"),
        ("第１章　总则", "第1章 总则"),
        ("一一\r\n二\r三\u2028四\x85五\x0b六\x0c七\u2029八", "一一\n二\n三\n四\n五\n六\n七\n八"),
        ("一\u200b二\ufeff三\x00四\x08五\u200e六\ue000七", "一二三四五六七"),
        ("  缩进\n\n\n  下一段\t\t词  ", "缩进\n下一段 词"),
        ("甲&nbsp;乙 &lt;丙&gt; &#20013;", "甲 乙 <丙> 中"),
        ("AT&T 与 R&D", "AT&T 与 R&D"),
        ("喝茶&amp;nbsp;&amp;nbsp;聊天", "喝茶 聊天"),
        ("&l\u200bt; &ａｍｐ;lt;", "< <"),
        ("⽼⼈﹐⼀把﹔嶔﨑", "老人，一把；嶔﨑"),
        ("碎\uf9d0", "碎類"),
        ("圈\ue841，好\ue404，2\ue0105厘米", "圈䙡，好，2□5厘米"),
        ("缺\ufffd字", "缺字"),
        ("删\x7f除", "删除"),
        ("cafe\u0301", "café"),
    ],
)
def test_normalize(before: str, after: str) -> None:
    assert clean(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\U0001f468\u200d\U0001f4bb写代码", "\U0001f468\u200d\U0001f4bb写代码"),
        ("爱\u2764\ufe0f\u200d\U0001f525\u2764\ufe0f\ufe0f", "爱\u2764\ufe0f\u200d\U0001f525\u2764\ufe0f"),
        (
            "\U0001f926\U0001f3fe\u200d\u2640\ufe0f 1\ufe0f\u20e3",
            "\U0001f926\U0001f3fe\u200d\u2640\ufe0f 1\ufe0f\u20e3",
        ),
        ("生活\ufe0f方\u200d式 葛\U000e0100城 \u21a9\ufe0e", "生活方式 葛城 \u21a9"),
        ("a\ufe0f\u200d\U0001f600", "a\U0001f600"),
        ("生活\ufe0f", "生活"),
        ("方\u200d式", "方式"),
    ],
)
def test_joiners_and_selectors_stay_in_emoji_alone(before: str, after: str) -> None:
    assert clean(before) == after


def test_how_deep_entities_inside_of_entities_are_resolved() -> None:
    text = "\u200b"
    for _ in range(7):
        text = f"&#82{text}03;"
    assert clean(f"甲{text}乙") == "甲乙"
    assert clean(f"甲&#82{text}03;乙") == "甲&#8203;乙"


def test_nfkc_narrows_punctuation_too() -> None:
    assert clean("好，（一）！", "nfkc") == "好,(一)!"


def test_full_width_digits_survive() -> None:
    # A table copied between public toolkits turns the full-width 1 into a quotation mark.
    assert clean("２０１１年１１月１１日") == "2011年11月11日"


# What the steps of normalization act on, so that they meet.
ODD = (
    "&;#amplt38 \u3000\u200b\u200d\ufe0f\ufe0e\u2764\U0001f600e\u0301ｆ１，。老⽼⼾﹐﹒﹁﹂︱︙︵︶｡･ｶﾞ(“”"
    '`"\n\r\ufffd\ue841\ue010\uf0b7\xa0\xad'
)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["nfc", "nfkc"])
@given(text=st.text() | st.text(alphabet=ODD, max_size=40))
def test_normalize_is_idempotent_and_leaves_no_control_character(text: str, form: str) -> None:
    once = clean(text, form)
    assert clean(once, form) == once
    assert all(unicodedata.category(c) not in ("Cc", "Cs", "Co") or c == "\n" for c in once)


@pytest.mark.parametrize("form", ["nfc", "nfkc"])
@pytest.mark.parametrize(
    "marks", ["\u0f71\u0f72", "\u0f73\u0f72", "\uff9e\u0f71", "\u0344\u0316", "\u0301\u200b\u0316"]
)
def test_heaps_of_marks_are_cut_and_normalized_at_once(form: str, marks: str) -> None:
    text = clean("茶" + marks * 30_000 + "叶", form)  # sorted as a whole they would take minutes
    assert text[0] == "茶" and text[-1] == "叶" and len(text) < 100
