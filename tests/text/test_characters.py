import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.text import characters
from gaupt.text.characters import Kind, common_share, count, letters, letters_of_one_writing


@pytest.mark.parametrize(
    ("character", "kind"),
    [
        ("a", Kind.LETTER), ("7", Kind.DIGIT), ("+", Kind.ASCII_SYMBOL), ("，", Kind.PUNCTUATION),
        ("中", Kind.HAN), ("國", Kind.TRADITIONAL), ("龘", Kind.RARE_HAN), ("の", Kind.KANA),
        ("한", Kind.HANGUL), ("é", Kind.LATIN1), ("Ａ", Kind.WIDE), ("\u3000", Kind.WIDE),
        ("\u200b", Kind.CONTROL), ("\r", Kind.BREAK), ("\n", Kind.LINE), (" ", Kind.SPACE),
        ("\ufffd", Kind.REPLACEMENT), ("×", Kind.SYMBOL), ("я", Kind.OTHER),
    ],
)  # fmt: skip
def test_every_character_has_one_kind(character: str, kind: Kind) -> None:
    assert characters.kinds(character).tolist() == [kind]


@given(st.text())
def test_counts_add_up(text: str) -> None:
    assert sum(count(text)) == len(text)
    assert (np.array(count(text + text)) == 2 * np.array(count(text))).all()


def test_letters_are_letters_digits_and_chinese_in_lower_case() -> None:
    assert "".join(map(chr, letters("《ABC》 第 12 章，é！").tolist())) == "abc第12章é"


@pytest.mark.parametrize(
    ("one", "other"), [("國務院", "国务院"), ("乾燥", "干燥"), ("沿著", "沿着"), ("後來", "后来")]
)
def test_letters_of_one_writing_are_the_same_in_both(one: str, other: str) -> None:
    assert letters_of_one_writing(one).tolist() == letters_of_one_writing(other).tolist()
    assert letters(one).tolist() != letters(other).tolist()


@given(st.text())
def test_taking_one_writing_changes_no_length_and_is_done_once(text: str) -> None:
    once = letters_of_one_writing(text)
    assert len(once) == len(letters(text))
    again = letters_of_one_writing("".join(map(chr, once.tolist())))
    assert len(again) <= len(once)


def test_real_text_is_common_and_mojibake_is_not() -> None:
    assert common_share(count("清晨的雾还没有散，茶农们已经背着竹篓上山。")) == 1
    assert common_share(count("清晨的雾还没有散".encode().decode("gb18030", "ignore"))) < 0.5
    assert common_share(count("no Chinese at all")) == 1


def test_characters_of_one_writing_alone() -> None:
    assert {"國", "鐘", "濛"} <= characters.traditional_only() and {
        "国",
        "钟",
        "这",
    } <= characters.simplified_only()
    # At home in both: 後 in names and 覆盖, 后 in 皇后, 里 in 鄰里.
    assert not (characters.traditional_only() | characters.simplified_only()) & set("後覆乾著后里云干人中")
