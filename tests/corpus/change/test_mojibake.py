import pytest

from gaupt.corpus.change.mojibake import is_mojibake, repair
from gaupt.text import characters

TEXT = "清晨的雾还没有散，茶农们已经背着竹篓上山。他们说，谷雨前后的嫩芽最香，一年里只有这几天。"
TRADITIONAL = "清晨的霧還沒有散，茶農們已經背著竹簍上山。他們說，穀雨前後的嫩芽最香，一年裡只有這幾天。"


def mend(text: str) -> str:
    return repair(text, characters.count(text))


def broken(text: str) -> bool:
    return is_mojibake(text, characters.count(text))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("utf-8", "latin-1"), ("gb18030", "latin-1"), ("gb18030", "big5hkscs")],
)
def test_what_lost_no_byte_is_repaired(right: str, wrong: str) -> None:
    try:
        text = TEXT.encode(right).decode(wrong)
    except UnicodeDecodeError:
        pytest.skip("this text has bytes that the wrong decoder refuses")
    assert mend(text) == TEXT


def test_big5_read_as_gbk_is_repaired() -> None:
    assert mend(TRADITIONAL.encode("big5").decode("gb18030")) == TRADITIONAL


def test_a_cut_last_character_is_left_out() -> None:
    assert mend(TEXT.encode()[:-1].decode("latin-1")) == TEXT[:-1]


def test_lost_bytes_are_told() -> None:
    lossy = (TEXT * 5).encode().decode("gb18030", "replace").encode().decode("gb18030", "replace")
    assert broken(mend(lossy))
    assert broken(mend("锟斤拷" * 3 + TEXT))


@pytest.mark.parametrize(
    "text", [TEXT, TRADITIONAL, "café à la crème, déjà vu", "", "μg/mL 与 °C", "龘靐齉爨"]
)
def test_sound_text_is_left_alone(text: str) -> None:
    assert mend(text) == text
    assert not broken(text)
