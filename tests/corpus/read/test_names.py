"""Names in archives and on disk are decoded as they were written."""

import pytest

from gaupt.corpus.read.names import decode_name, readable_name, zip_name

NAMES = ["小说/雪夜.txt", "联通.txt", "第01章 风起.txt", "《山海》(校对版).txt"]


@pytest.mark.parametrize("name", NAMES)
def test_names_in_gbk_and_utf8(name: str) -> None:
    for encoding in ("gbk", "utf-8"):
        raw = name.encode(encoding)
        assert decode_name(raw) == zip_name(raw) == name
    # On disk 小说 in GBK is the name that its bytes are in UTF-8: nothing tells them apart.
    on_disk = name.encode("gbk").decode("utf-8", "surrogateescape")
    assert readable_name(on_disk) == (name if "说" not in name else on_disk)


def test_a_rare_character_in_gbk() -> None:
    assert zip_name("喆.txt".encode("gbk")) == "喆.txt"


@pytest.mark.parametrize("name", ["小說/雪夜歸人.txt", "紅樓夢 第一回.txt"])
def test_names_in_big5(name: str) -> None:
    assert zip_name(name.encode("big5")) == name


def test_names_in_shift_jis() -> None:
    for name in ("ゆきのよる.txt", "か.txt"):
        assert zip_name(name.encode("cp932")) == name


def test_half_of_a_name_is_in_usual_characters() -> None:
    # The control character 127 is one of ASCII, as letters and the full stop are.
    for name, expected in (
        ("小喆.txt", True),
        ("小喆\x7f.txt", True),
        ("小喆喆.txt", False),
        ("ｱ.txt", False),
    ):
        encoding = "gbk" if "喆" in name else "cp932"
        assert decode_name(name.encode(encoding)) == (name if expected else None)


@pytest.mark.parametrize("name", ["café.txt", "Müller/Straße.txt", "año.txt", "naïve élan.md", "plain.txt"])
def test_names_in_the_letters_of_western_europe(name: str) -> None:
    assert zip_name(name.encode("cp437")) == name


def test_any_two_letters_of_western_europe_are_these_although_east_asian_ones_have_their_bytes() -> None:
    letters = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿ß"
    pairs = [first + second for first in letters for second in letters]
    assert [zip_name(pair.encode("cp437")) for pair in pairs] == pairs
    assert zip_name(letters.encode("cp437")) == letters


def test_names_of_other_scripts_in_utf8() -> None:
    for name in ("Тест/Заметки.txt", "café.txt", "ελληνικά.txt", "ࠀ.txt", "한국어.txt", "ไทย.txt", ""):
        assert decode_name(name.encode()) == zip_name(name.encode()) == name


def test_what_reads_as_nothing_gets_question_marks() -> None:
    assert decode_name(b"\xff\xfe.txt") is decode_name(b"\x81") is None
    assert zip_name(b"\xff\xfe.txt") == "\xa0■.txt"  # or what the book says
    assert readable_name("\udcff\udcfe.txt") == "??.txt"
    assert readable_name("\ud800.txt") == "?.txt"
