import pytest

from gaupt.corpus.change.latin import repair_latin

TEXT = "雨后的山路很滑，他拄着竹杖慢慢走。"
BROKEN = TEXT.encode().decode("latin-1")


@pytest.mark.parametrize(
    "text", [TEXT, "Café——Rosé……", "“Ä”、ÍŠ、Ó·Ö°", "naïve à la carte", "°×±", "Î»", "ÎµÎµ", "Ã©Ã©Ãÿ", ""]
)
def test_sound_text_stays(text: str) -> None:
    assert repair_latin(text) == text


def test_a_run_is_turned_back() -> None:
    assert repair_latin(BROKEN) == TEXT
    assert (
        repair_latin(TEXT.encode().decode("cp1252", "ignore")) != TEXT
    )  # bytes without a character were dropped


def test_what_may_be_chance_follows_what_is_certain() -> None:
    greek, flag = ("λ".encode().decode("cp1252"), "旗".encode().decode("cp1252"))
    assert repair_latin(f"{BROKEN} {greek} {flag}") == f"{TEXT} λ 旗"
    assert repair_latin(f"{greek} {flag}") == f"{greek} {flag}"
    assert repair_latin(f"{BROKEN} Café——") == f"{TEXT} Café——"


def test_a_text_cut_inside_a_character_loses_it() -> None:
    assert repair_latin(BROKEN[:-1]) == TEXT[:-1]
    assert repair_latin(f"{BROKEN}été") == f"{TEXT}été"


def test_runs_with_missing_bytes_stay_and_keep_the_others() -> None:
    lossy = " ".join(TEXT[i : i + 3].encode().decode("cp1252", "replace") for i in range(0, 16, 3))
    assert repair_latin(lossy) == lossy


def test_one_character_of_two_bytes_is_chance_unless_its_bytes_are_seldom_text() -> None:
    assert repair_latin("ÎµÎµÎµ") == "εεε"
    assert repair_latin("Â£5，Ã©") == "£5，é"
    assert repair_latin("Î\x91") == "Α"


def test_one_character_of_three_bytes_is_enough() -> None:
    assert repair_latin("æ—¥") == "日"


def test_four_fifths_in_whole_runs_are_not_enough() -> None:
    lossy, two, three = "Ã©Ãÿ", "Ã©", "é›¨"
    assert repair_latin(f"{lossy} {two * 8}") == f"{lossy} {two * 8}"
    assert repair_latin(f"{lossy} {two * 7}{three}") == f"{lossy} {'é' * 7}雨"


def test_what_utf_8_does_not_allow_stays() -> None:
    assert repair_latin(f"{BROKEN} àŸ¿ Ã©") == f"{TEXT} àŸ¿ é"


def test_three_times_is_the_most() -> None:
    texts = [TEXT]
    for _ in range(4):
        data = texts[-1].encode()
        texts.append("".join(bytes((byte,)).decode("cp1252", "ignore") or chr(byte) for byte in data))
    assert [repair_latin(text) for text in texts[1:]] == [TEXT, TEXT, TEXT, texts[1]]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Ï…", "Ï…"),  # alone
        ("å——", "å——"),  # a Chinese character that is not common
        ("å–„", "善"),
        ("Ï…Ï…", "υυ"),
        ("xÏ…Ï…", "xÏ…υ"),  # behind a letter
        ("，Ï…Ï…", "，υυ"),
        ("Ã–", "Ö"),  # seldom text
        ("â€”", "—"),
        ("Ãÿ", "Ãÿ"),
    ],
)
def test_a_letter_before_a_dash_in_a_broken_text(before: str, after: str) -> None:
    assert repair_latin(f"{BROKEN} {before}") == f"{TEXT} {after}"
