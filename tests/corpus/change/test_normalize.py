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
        ("一\r\n二\r三\u2028四\x85五", "一\n二\n三\n四\n五"),
        ("一\u200b二\ufeff三\x00四\x08五\u200e六\ue000七", "一二三四五六七"),
        ("  缩进\n\n\n  下一段\t\t词  ", "缩进\n下一段 词"),
        ("甲&nbsp;乙 &lt;丙&gt; &#20013;", "甲 乙 <丙> 中"),
        ("AT&T 与 R&D", "AT&T 与 R&D"),
        ("cafe\u0301", "café"),
    ],
)
def test_normalize(before: str, after: str) -> None:
    assert clean(before) == after


def test_nfkc_narrows_punctuation_too() -> None:
    assert clean("好，（一）！", "nfkc") == "好,(一)!"


def test_full_width_digits_survive() -> None:
    # A table copied between public toolkits turns the full-width 1 into a quotation mark.
    assert clean("２０１１年１１月１１日") == "2011年11月11日"


@given(st.text())
def test_normalize_is_idempotent_and_leaves_no_control_character(text: str) -> None:
    once = clean(text)
    assert clean(once) == once or "&" in text  # an escaped entity unescapes once a pass
    assert all(unicodedata.category(c) not in ("Cc", "Cs", "Co") or c == "\n" for c in once)
