import pytest

from gaupt.corpus.change.normalize import normalize
from gaupt.corpus.change.spaces import remove_spaces
from gaupt.text import characters


def close(text: str) -> str:
    text = normalize(text, characters.count(text))
    return remove_spaces(text, characters.count(text))


SENTENCE = "老人把竹椅搬到门口，眯着眼睛晒太阳，说这样的好天气是不多的。"


def test_spaces_between_all_characters_go() -> None:
    assert close(" ".join(SENTENCE)) == SENTENCE
    assert close("  ".join(SENTENCE)) == SENTENCE


def test_spaces_between_words_go() -> None:
    text = "老人 把 竹椅 搬 到 门口 ， 眯 着 眼睛 晒 太阳 ， 说 这样 的 好 天气 是 不 多 的 。"
    assert close(text) == SENTENCE


def test_turns_of_a_dialogue_without_marks() -> None:
    assert close("昨天 你 去 看 电影 了 吗\n没有 我 在 家 睡觉\n那 部 电影 真 的 很 好看") == (
        "昨天你去看电影了吗\n没有我在家睡觉\n那部电影真的很好看"
    )


def test_spaces_beside_latin_words_and_numbers_stay() -> None:
    text = "我 们 在 2019 年 开 始 用 Linux 系 统 ， 到 了 今 天 也 没 有 换 过 别 的 ， 真 是 很 好 。"
    assert close(text) == "我们在 2019 年开始用 Linux 系统，到了今天也没有换过别的，真是很好。"


def test_digits_that_were_spaced_out_too_come_together() -> None:
    text = "那 是 1 9 9 8 年 的 事 ， 我 还 在 山 里 教 书 ， 没 有 见 过 这 样 大 的 海 。"
    assert close(text) == "那是 1998 年的事，我还在山里教书，没有见过这样大的海。"


def test_half_width_marks_come_to_the_words_on_both_sides() -> None:
    text = "老 人 把 竹 椅 搬 到 门 口 , 眯 着 眼 睛 晒 太 阳 , 说 这 样 的 好 天 气 是 不 多 的 ."
    assert close(text) == "老人把竹椅搬到门口,眯着眼睛晒太阳,说这样的好天气是不多的."


def test_a_long_line_is_enough() -> None:
    text = f"{SENTENCE * 3}\n{' '.join(SENTENCE)}\n目 录"
    assert close(text) == f"{SENTENCE * 3}\n{SENTENCE}\n目 录"


def spaced(gaps: int, joints: int = 0, little: int = 2) -> str:
    """Words with so many gaps between them, so many little ones among them, and one of ``joints + 1`` characters."""
    return " ".join(["的"] * little + ["河" * (joints + 1)] + ["山"] * (gaps - little))


@pytest.mark.parametrize(
    ("closed", "otherwise"),
    [
        (spaced(8), f"{spaced(7)} x"),
        (f"{spaced(9)}{'x' * 15}", f"{spaced(9)}{'x' * 16}"),
        (spaced(8, joints=12), spaced(8, joints=13)),
        (f"{spaced(12, joints=3)}，水，", f"{spaced(12, joints=4)}，水，"),
        (
            f"{spaced(9, joints=9)} ，{'水 ，' * 6}{'水，' * 3}",
            f"{spaced(9, joints=9)} ，{'水 ，' * 5}{'水，' * 4}",
        ),
        (spaced(19, little=2), spaced(19, little=1)),
        (spaced(39, little=2), spaced(40, little=2)),
        (spaced(9, little=5), spaced(10, little=6)),
    ],
    ids=[
        "eight gaps, spaces beside Latin letters left out",
        "two characters of five are Chinese",
        "two neighbours of five are apart",
        "marks may touch the words where four neighbours of five are apart",
        "where fewer are, 70% of the marks are apart",
        "two little words",
        "one word in twenty is little",
        "no more than half of the words are little",
    ],
)
def test_when_a_text_is_spaced_out(closed: str, otherwise: str) -> None:
    assert close(closed) == closed.replace(" ", "")
    assert close(otherwise) == otherwise


@pytest.mark.parametrize(
    ("closed", "otherwise", "rest"),
    [
        (spaced(20), spaced(19), f"{'雨' * 40}\n目 录"),
        (spaced(20), f"{spaced(19)} x", f"{'雨' * 40}\n目 录"),
        (spaced(20), spaced(20, joints=31), "雨" * 20),
        (spaced(20), spaced(20, little=0), "雨" * 40),
        (spaced(20), spaced(19), "雨" * 40),
        (spaced(25), spaced(25, joints=1), "雨" * 74),
    ],
    ids=[
        "twenty spaces",
        "twenty gaps",
        "neighbours apart as in a text",
        "little words as in a text",
        "twenty gaps in the text",
        "a space for four Chinese characters in the text",
    ],
)
def test_when_a_line_is_spaced_out(closed: str, otherwise: str, rest: str) -> None:
    assert close(f"{closed}\n{rest}") == f"{closed.replace(' ', '')}\n{rest}"
    assert close(f"{otherwise}\n{rest}") == f"{otherwise}\n{rest}"


def test_digits_come_together_where_four_neighbours_of_five_are_apart() -> None:
    assert close(f"{spaced(12, joints=3)} 1 9 9 8 年") == f"的的河河河河{'山' * 10} 1998 年"
    assert close(f"{spaced(12, joints=4)} 1 9 9 8 年") == f"的的河河河河河{'山' * 10} 1 9 9 8 年"


@pytest.mark.parametrize(
    "text",
    [
        "床前明月光 疑是地上霜\n举头望明月 低头思故乡\n春眠不觉晓 处处闻啼鸟",
        "人 口 手 足 舌 牙 耳 目 大 小 多 少 上 下 左 右",
        "一 丨 丿 丶 乛 横 竖 撇 点 折 提 捺 钩",
        "生字： 天 地 人 你 我 他 一 二 三 口 耳 目 手 足 站 坐",
        "苹果 香蕉 橘子 西瓜 葡萄 桃子 梨子 樱桃 草莓 芒果 荔枝",
        "张三 李四 王小明 赵六 钱七 孙八 周九 吴十 郑一 王二",
        "姓名 性别 年龄 籍贯 学历 职务 电话 备注 部门 编号\n张三 男 四十 山西 大学 科长 暂无 无 财务 一号",
        "今天的天气 真的很好 我们去公园 走一走吧 你说好不好 那就这样定了 明天见",
        "在 Linux 中用 git 的 rebase 把 main 的 commit 与 dev 的合并，了解 CPU 与 GPU 的不同",
    ],
    ids=["verse", "characters", "strokes", "exercise", "words", "names", "table", "phrases", "Latin"],
)
def test_other_spaces_stay(text: str) -> None:
    assert close(text) == text


def test_what_was_closed_stays_so() -> None:
    once = close(" ".join(SENTENCE))
    assert close(once) == once
