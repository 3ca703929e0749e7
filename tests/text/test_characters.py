from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.text import characters
from gaupt.text.characters import KINDS, Kind, common_share, count, letters, letters_of_one_writing


def test_every_character_has_one_kind() -> None:
    """Of each range the first and the last, and what stands beside it."""
    expected = {
        Kind.OTHER: "яĀ\u0378\u10ff\u1200\u2e7f\u2fd6\u3040\u3097ー\u3130\u318f\ua000\uabff\ud7a4\ud7ff\ufb00"
        "\ufe1a\ufe2f\ufe6c\uffa0\ufffe\U0001eef0\U0001efff\U0001ffff\U000323b0\U000e00ff\U000e01f0\U000effff",
        Kind.SPACE: " \t\u00a0\u2003",
        Kind.LINE: "\n",
        Kind.LETTER: "azAZ",
        Kind.DIGIT: "09",
        Kind.ASCII_SYMBOL: "!/:@[`{~+",
        Kind.PUNCTUATION: "，。〈゠・‐／：［｛｠",
        Kind.SYMBOL: "×·°±€←㈀㏿䷀\u4dff｀\ufffc🀀😀",
        Kind.HAN: "中一啊座",
        Kind.RARE_HAN: "龘〇㐀䶿\u9fff亍乂\ufaff𠀀\U000323af",
        Kind.TRADITIONAL: "國籲",
        Kind.KANA: "のぁ\u3096ァヺㇰㇿ",
        Kind.HANGUL: "한가힣\u1100\u11ffㄱ\u318e",
        Kind.LATIN1: "é\x80\x84\x86\x9f¡¯²¶¸ÖØÿ",
        Kind.WIDE: "\u3000０９ＡＺａｚ",
        Kind.CONTROL: "\0\b\x0e\x1f\x7f\u200b\ufeff\ud800\udfff\ue000\uf8ff\ufe00\ufe0f\U000e0001\U000e0100\U000e01ef"
        "\U000f0000\U0010ffff",
        Kind.BREAK: "\v\f\r\x85\u2028\u2029",
        Kind.REPLACEMENT: "\ufffd",
        Kind.VARIANT: "⺀⿕︐︙︰﹫｡ﾟ",
    }
    found = {kind: [Kind(number) for number in characters.kinds(text)] for kind, text in expected.items()}
    assert found == {kind: [kind] * len(text) for kind, text in expected.items()}
    assert characters.kinds("\uf900")[0] in (Kind.RARE_HAN, Kind.TRADITIONAL)  # by the version of OpenCC


def test_counts_are_indexed_by_kind() -> None:
    assert [kind.value for kind in Kind] == [*range(KINDS)] == [*range(19)]
    assert count("") == [0] * 19
    assert count("ab1\ufffd")[Kind.LETTER : Kind.DIGIT + 1] == [2, 1]


@pytest.mark.slow
@given(st.text())
def test_counts_add_up(text: str) -> None:
    assert sum(count(text)) == len(text)
    assert (np.array(count(text + text)) == 2 * np.array(count(text))).all()


def test_letters_are_letters_digits_and_chinese_in_lower_case() -> None:
    assert letters("A，Ａ\t\r\n\0+×").tolist() == [ord("a")]
    assert "".join(map(chr, letters("《ABC》 第 12 章，é！").tolist())) == "abc第12章é"


@pytest.mark.parametrize(
    ("one", "other"), [("國務院", "国务院"), ("乾燥", "干燥"), ("沿著", "沿着"), ("後來", "后来")]
)
def test_letters_of_one_writing_are_the_same_in_both(one: str, other: str) -> None:
    assert letters_of_one_writing(one).tolist() == letters_of_one_writing(other).tolist()
    assert letters(one).tolist() != letters(other).tolist()
    assert letters_of_one_writing(one).dtype == np.uint32


def test_the_characters_are_simplified_by_themselves() -> None:
    assert characters.simplified("國務院，後來很乾燥。Abc") == "国务院，后来很干燥。Abc"


def test_common_characters_are_those_of_the_first_level_of_either_set() -> None:
    """3,755 of GB 2312 and 5,401 of Big5, most of them in both."""
    common = characters.common_han()
    in_gb = {c for c in common if b"\xb0\xa1" <= c.encode("gb2312", "ignore") < b"\xd8"}
    in_big5 = {c for c in common if b"\xa4\x40" <= c.encode("big5", "ignore") <= b"\xc6\x7e"}
    assert (len(in_gb), len(in_big5), len(common)) == (3755, 5401, 6722)
    assert {"啊", "座", "一", "籲"} <= common and not {"亍", "乂", "\x7f"} & common


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


def test_chinese_is_of_three_kinds_and_white_space_of_three() -> None:
    counts = count("中中中國國龘 \t\n\n\n\r，a")
    assert (characters.chinese(counts), characters.visible(counts)) == (6, 8)


@pytest.mark.parametrize(
    ("common", "rare", "share"),
    [
        (17, 3, 22 / 25),
        (16, 3, 16 / 24),  # more than 15%: traditional characters speak for nothing
        (0, 0, 1),
        (0, 1, 0),
    ],
)
def test_traditional_characters_are_common_among_common_ones(common: int, rare: int, share: float) -> None:
    assert common_share(count("中" * common + "龘" * rare + "國" * 5)) == share


@pytest.mark.slow
def test_characters_of_one_writing_alone() -> None:
    assert {"國", "鐘", "濛"} <= characters.traditional_only() and {
        "国",
        "钟",
        "这",
    } <= characters.simplified_only()
    # At home in both: 後 in names and 覆盖, 后 in 皇后, 里 in 鄰里.
    assert not (characters.traditional_only() | characters.simplified_only()) & set("後覆乾著后里云干人中")


def test_opencc_gives_a_character_for_a_character(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opencc.OpenCC", lambda config: SimpleNamespace(convert=lambda text: text[:1]))
    with pytest.raises(ValueError, match="shorter"):
        characters.simplified_only()
