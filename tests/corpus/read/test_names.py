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
    assert zip_name("ゆきのよる.txt".encode("cp932")) == "ゆきのよる.txt"


@pytest.mark.parametrize("name", ["café.txt", "Müller/Straße.txt", "año.txt", "naïve élan.md", "plain.txt"])
def test_names_in_the_letters_of_western_europe(name: str) -> None:
    assert zip_name(name.encode("cp437")) == name


def test_names_of_other_scripts_in_utf8() -> None:
    for name in ("Тест/Заметки.txt", "café.txt", "ελληνικά.txt"):
        assert decode_name(name.encode()) == zip_name(name.encode()) == name


def test_what_reads_as_nothing_gets_question_marks() -> None:
    assert decode_name(b"\xff\xfe.txt") is None
    assert readable_name("\udcff\udcfe.txt") == "??.txt"
    assert readable_name("\ud800.txt") == "?.txt"
