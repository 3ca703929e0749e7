import unicodedata

import pytest

from gaupt.corpus.change.variants import from_private_use, unify
from gaupt.text import characters
from gaupt.text.characters import Kind


def usual(text: str) -> str:
    return unify(text, characters.count(text))


def test_radicals_become_ideographs() -> None:
    assert usual("⽼⼈⽤⽵⼦编了⼀只⼩鸟，⻛⼀吹就⻜。") == "老人用竹子编了一只小鸟，风一吹就飞。"


def test_every_radical_has_its_ideograph() -> None:
    blocks = [chr(code) for code in (*range(0x2E81, 0x2E9A), *range(0x2E9B, 0x2EF4), *range(0x2F00, 0x2FD6))]
    assert all(unicodedata.name(usual(radical)).startswith("CJK UNIFIED") for radical in blocks)
    assert usual("⺮⻊⻓⻬") == "𥫗𧾷长齐"


def test_radicals_follow_the_writing_of_the_text() -> None:
    assert usual("⽤⼾名和⾭年") == "用户名和青年"
    assert usual("門⼾") == "門戶"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("天冷了﹐记得加衣﹔出门呢﹖也好﹗", "天冷了，记得加衣；出门呢？也好！"),
        ("我们走吧﹒\n他说﹕“不去﹒”", "我们走吧。\n他说：“不去。”"),
        ("共有67﹪﹙约1﹐200人﹚，比例尺1﹕500", "共有67%（约1,200人），比例尺1:500"),
        ("︽边城︾是小说︐作者说︓﹁好﹂︒", "《边城》是小说，作者说：「好」。"),
        ("他走了︱︱再没回来︙︙（︻注︼）", "他走了——再没回来……（【注】）"),
        ("电话︰暂无", "电话：暂无"),
        ("晚间快讯︱河水上涨", "晚间快讯｜河水上涨"),
        ("春天､夏天｡1､目录 ｢引用①｣ 托马斯･曼", "春天、夏天。1、目录 「引用①」 托马斯・曼"),
        ("ﾗｰﾒﾝとﾊﾟﾝ", "ラーメンとパン"),
    ],
)
def test_marks_of_unusual_form(before: str, after: str) -> None:
    assert usual(before) == after


@pytest.mark.parametrize(
    "face", ["(︶︿︶)", "╯﹏╰", "(╯‵□′)╯︵┻━┻", "(｡･ω･｡)ﾉ", "(づ｡◕‿‿◕｡)づ", "ヽ(ﾟ▽ﾟ)ﾉ", '(﹁"﹁)']
)
def test_faces_keep_theirs(face: str) -> None:
    assert usual(face) == face


def test_private_use_characters_of_gb_18030() -> None:
    assert from_private_use("圈\ue841") == "圈䙡"
    assert from_private_use("\ue81e\ue864\ue816") == "龴龻𠂇"
    assert from_private_use("\ue5e5段首") == "\u3000段首"
    assert from_private_use("\ue76c5，\ue7c7\ue7c8") == "€5，ḿǹ"
    assert from_private_use("".join(map(chr, range(0xE78D, 0xE797)))) == "︐︒︑︓︔︕︖︗︘︙"
    # The two-byte area of GBK, as Python's codec has it in the version of 2000, gives the same.
    for place in range(80):
        cell = 0x50 + place + (place >= 0x2F)
        decoded = bytes((0xFE, cell)).decode("gb18030")
        if characters.kinds(decoded)[0] != Kind.CONTROL:
            assert from_private_use(chr(0xE815 + place)) == decoded


def test_other_private_use_characters_are_left_to_normalization_but_not_inside_a_number() -> None:
    assert from_private_use("好") == "好"
    assert from_private_use("好\ue404") == "好\ue404"
    assert from_private_use("小于2\ue0105厘米") == "小于2□5厘米"


def test_bullets_of_the_fonts_of_word_processors() -> None:
    bullets = "\uf06c\uf06e\uf075\uf076\uf0a7\uf0b7\uf0d8\uf0fc"
    assert from_private_use(f"{bullets}要点") == "●■◆❖▪•➢✓要点"


def test_brackets_in_three_others_keep_theirs() -> None:
    assert usual("︵甲︽乙︹丙︺乙︾甲︶") == "（甲《乙〔丙〕乙》甲）"
    assert usual("︵甲︽乙︹丙︻丁︼丙︺乙︾甲︶") == "（甲《乙〔丙︻丁︼丙〕乙》甲）"
