import pytest

from gaupt.corpus.change.traditional import simplify
from gaupt.text import characters


def convert(text: str) -> str:
    return simplify(text, characters.count(text))


def test_traditional_text_is_simplified() -> None:
    assert convert("國務院辦公廳關於環境保護的通知") == "国务院办公厅关于环境保护的通知"


def test_the_particle_that_taiwan_writes_otherwise() -> None:
    assert convert("他帶著學生讀這部著名的著作，沿著河邊走，成績顯著，並著手編著新書。") == (
        "他带着学生读这部著名的著作，沿着河边走，成绩显著，并着手编著新书。"
    )


@pytest.mark.parametrize(
    "text", ["覆盖全国的网络", "乾隆年间", "写着名著的作家", "山西省", "English only", ""]
)
def test_simplified_text_stays_as_it_is(text: str) -> None:
    assert convert(text) == text


def test_only_the_traditional_lines_of_a_simplified_text_change() -> None:
    plain = "这一版覆盖了所有的页面，" * 10
    assert convert(f"{plain}\n獨在異鄉爲異客") == f"{plain}\n独在异乡为异客"
