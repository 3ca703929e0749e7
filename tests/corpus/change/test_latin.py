import pytest

from gaupt.corpus.change.latin import repair_latin

TEXT = "雨后的山路很滑，他拄着竹杖慢慢走。"
BROKEN = TEXT.encode().decode("latin-1")


@pytest.mark.parametrize("text", [TEXT, "Café——Rosé……", "“Ä”、ÍŠ、Ó·Ö°", "naïve à la carte", "°×±", "Î»", ""])
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
