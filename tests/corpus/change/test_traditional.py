import pytest

from gaupt.corpus.change.traditional import is_traditional, simplify
from gaupt.text import characters


def convert(text: str) -> str:
    return simplify(text, characters.count(text))


@pytest.mark.slow
def test_traditional_text_is_simplified() -> None:
    assert convert("國務院辦公廳關於環境保護的通知") == "国务院办公厅关于环境保护的通知"
    assert convert("他帶著這本名著來了") == "他带着这本名著来了"


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "覆盖全国的网络",
        "乾隆年间",
        "写着名著的作家",
        "山西省",
        "English only",
        "",
        "朱鎔基说，這个字在这里不改。",
        "“國”是“国”的繁体字，皇后与前後。",
        "王濛和教练说话，濛濛细雨覆盖了场馆。",
        "他在日本学会了「関係」「會社」这两个词。",
    ],
)
def test_simplified_text_stays_as_it_is(text: str) -> None:
    assert convert(text) == text


def test_only_the_traditional_lines_of_a_simplified_text_change() -> None:
    plain = "这一版覆盖了所有的页面，" * 10
    assert convert(f"{plain}\n獨在異鄉爲異客") == f"{plain}\n独在异乡为异客"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("走路只要十分鐘，生活十分方便，每天都可以早起，街上也很安静。", None),
        ("走路只要十分鐘，生活十分方便，每天都可以早起。", "走路只要十分钟，生活十分方便，每天都可以早起。"),
        ("無名，天地之始；有名，其母。", "无名，天地之始；有名，其母。"),
        (
            "他於是將此告知其妻，其妻大怒，曰：奈何。",
            "他于是将此告知其妻，其妻大怒，曰：奈何。",
        ),
    ],
)
def test_one_traditional_character_is_enough_where_no_simplified_one_stands(
    before: str, after: str | None
) -> None:
    assert convert(before) == (before if after is None else after)
    assert is_traditional(before, characters.count(before)) is (after is not None)


def test_a_text_in_both_writings_goes_line_by_line() -> None:
    simplified, traditional = "这张网覆盖了全国。", "這張網覆蓋了全國，還沒有完，他們說。"
    turned = "这张网覆盖了全国，还没有完，他们说。"
    assert convert(f"{traditional}\n{simplified}") == f"{turned}\n{simplified}"
    assert convert(f"{simplified}\n{simplified}\n{traditional}") == f"{simplified}\n{simplified}\n{turned}"
    assert not is_traditional(simplified, characters.count(simplified))
    assert not is_traditional("國国", characters.count("國国"))


def test_older_forms_in_a_traditional_line_do_not_keep_it() -> None:
    poem = "黃鶴樓前雲氣深，長風萬里送歸禽。\n玉掌輕摇摇，却泪黄。"
    assert convert(poem) == "黄鹤楼前云气深，长风万里送归禽。\n玉掌轻摇摇，却泪黄。"


def test_many_traditional_characters_in_a_mixed_line_convert_it() -> None:
    assert convert("我的医生说过：請自覺戒煙，謝謝您的關照。") == "我的医生说过：请自觉戒烟，谢谢您的关照。"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # Five among less than twice as many simplified ones are enough; four only where they are more.
        ("這" * 5 + "这" * 9, "这" * 14),
        ("這" * 5 + "这" * 10, None),
        ("這" * 4 + "这" * 7, None),
        ("這" * 4 + "这" * 3 + "\n这", "这" * 7 + "\n这"),
        # A line is what stands between its line feeds, to the last character.
        ("覆這\n覆国", "覆这\n覆国"),
        ("這覆\n国覆", "这覆\n国覆"),
        # In a traditional text a line changes unless all it tells is that it is simplified.
        ("這張網還沒有\n前後\n这里前後\n国內前後", "这张网还没有\n前后\n这里前後\n国内前后"),
    ],
)
def test_a_line_counts_its_characters_of_either_writing(before: str, after: str | None) -> None:
    assert convert(before) == (before if after is None else after)
