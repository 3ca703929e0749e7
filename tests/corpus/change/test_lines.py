import re

import pytest

from gaupt.corpus.change.lines import join_lines
from gaupt.text import characters

FIRST = (
    "入秋以后，河面上的雾一天比一天浓，渡口的老艄公索性把船系在柳树下，搬一张竹椅坐着等人。镇上的年轻人大多走了，"
    "剩下的不是老人便是孩子，过河的客人少得可怜，有时候一整天也等不到一个。他倒不着急，只说河水总要往东流，人总要回家。"
)
SECOND = (
    "直到腊月里的一个傍晚，对岸忽然有人喊渡。他放下手里的烟杆，眯着眼睛看了半天，才认出那是十年前离家的侄子，"
    "身后还跟着一个穿红棉袄的小姑娘，正踮起脚来朝这边挥手。"
)


def join(text: str) -> str:
    return join_lines(text, characters.count(text))


def wrap(paragraph: str, width: int, indent: str = "") -> str:
    """Broken after every ``width`` columns at most, as an old program does; Latin words stay whole."""
    lines, line, used = [], indent, sum(2 if c == "\u3000" else 1 for c in indent)
    for word in re.findall("[!-~]+|.", paragraph):
        columns = len(word) if word.isascii() else 2
        if used + columns > width:
            lines.append(line.rstrip(" "))
            line, used = "", 0
        if line or word != " ":
            line, used = line + word, used + columns
    return "\n".join([*lines, line])


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize("width", [46, 66, 72, 78])
@pytest.mark.parametrize("indent", ["    ", "\u3000\u3000", "\t"])
def test_indented_paragraphs_are_joined(width: int, indent: str) -> None:
    text = f"{wrap(FIRST, width, indent)}\n{wrap(SECOND, width, indent)}"
    assert lines_of(join(text)) == [FIRST, SECOND]


@pytest.mark.parametrize("width", [48, 72])
def test_paragraphs_between_blank_lines_are_joined(width: int) -> None:
    text = f"{wrap(FIRST, width)}\n\n{wrap(SECOND, width)}\n"
    assert join(text) == f"{FIRST}\n\n{SECOND}\n"
    assert lines_of(join(text.replace("\n", "\r\n"))) == [FIRST, SECOND]


def test_a_short_line_ends_a_paragraph_where_nothing_else_does() -> None:
    assert lines_of(join(f"{wrap(FIRST, 60)}\n{wrap(SECOND, 60)}")) == [FIRST, SECOND]


def test_half_width_punctuation_is_punctuation() -> None:
    marks = str.maketrans("，。：", ",.:")
    text = f"{wrap(FIRST.translate(marks), 60)}\n\n{wrap(SECOND.translate(marks), 60)}"
    assert lines_of(join(text)) == [FIRST.translate(marks), SECOND.translate(marks)]


def test_entities_may_be_the_indent() -> None:
    text = f"{wrap(FIRST, 60, '  ')}\n{wrap(SECOND, 60, '  ')}".replace("  ", "&nbsp;&nbsp;")
    assert lines_of(join(text)) == [FIRST, SECOND]


def test_latin_words_keep_their_spaces() -> None:
    text = (
        "这个程序用 Python 写成，运行的时候需要先安装 numpy 和 hypothesis 两个库，"
        "然后在终端里输入 python main 就可以看到结果，如果遇到 out of memory 的提示，"
        "就把参数改小一些，再运行一次试试看。要是还不行，可以换用 Linux 系统。"
    )
    for width in (44, 50, 60):
        assert join(wrap(text, width)) == text


@pytest.mark.parametrize(
    "text",
    [
        "独在异乡为异客，每逢佳节倍思亲。\n遥知兄弟登高处，遍插茱萸少一人。\n" * 3,
        "昨夜的雨打湿了窗台上那盆没人照看的花\n我听见风从很远很远的山谷里慢慢走过来\n像一个忘了自己名字的人在敲每一扇门\n"
        "没有人应答只有灯一盏一盏地熄灭下去了",
        "甲：你昨天怎么没有来？大家等了你一个晚上呢。\n乙：家里来了客人，走不开，真是对不住各位。\n甲：那么今天晚上呢？\n乙：一定来。\n",
        "- 第一，检查电源，确认插头已经插好，指示灯亮起\n- 第二，检查网线，确认两端都已接好，没有松动\n"
        "- 第三，重新启动，等待三十秒，再观察指示灯变化\n- 第四，仍不正常，请联系售后，并说明故障的现象",
        "\n".join(f"{FIRST[i * 20 : i * 20 + 20]}。" for i in range(5)),
        f"{FIRST}\n{SECOND}\n{FIRST}\n{SECOND}",
        "名称    数量，单位    产地，以及说明和备注内容    价格\n" * 6,
    ],
    ids=["verse", "free verse", "dialogue", "list", "sentences", "paragraphs", "table"],
)
def test_other_lines_stay(text: str) -> None:
    assert join(text) == text


def test_code_and_markdown_stay() -> None:
    text = f"```\n{wrap(FIRST, 60)}\n```\n{wrap(SECOND, 60)}"
    assert join(text) == text
    headings = f"# 渡口\n{wrap(FIRST, 60)}\n# 归人\n{wrap(SECOND, 60)}"
    assert lines_of(join(headings)) == ["# 渡口", FIRST, "# 归人", SECOND]


def test_lines_of_spaces_stay() -> None:
    text = f"{' ' * 20}\n" * 4
    assert join(text) == text


def test_joining_twice_changes_nothing() -> None:
    once = join(f"{wrap(FIRST, 60, '    ')}\n{wrap(SECOND, 60, '    ')}")
    assert join(once) == once


def row(width: int, start: str = "", end: str = "") -> str:
    """A line of so many columns, with a comma after its first character."""
    room = width - sum(1 if c.isascii() else 2 for c in start + end)
    return f"{start}雨{'，' if room % 2 == 0 else ','}{'雨' * ((room - 3) // 2)}{end}"


def is_joined(*lines: str) -> bool:
    text = "\n".join([*lines, "完。"])
    return join(text) != text


ROW, BARE, ENDED = row(60), "雨" * 30, row(30, end="。")


@pytest.mark.parametrize(
    ("broken", "otherwise"),
    [
        ([ROW] * 3, [ROW] * 2),
        ([row(40)] * 4, [row(39)] * 4),
        ([row(140)] * 4, [row(141)] * 4),
        ([f"{row(140)}\u200b雨"[:-1]] * 4, [f"{row(140)}\u200ba"] * 4),
        ([row(61, "a" * 19)] * 4, [row(61, "a" * 19)] * 3 + [row(62, "a" * 20)]),
        ([ROW] * 7 + ["雨" * 95], [ROW] * 7 + ["雨" * 96]),
        ([ROW] * 12 + ["雨" * 24 + "。", "雨" * 100], [ROW] * 12 + ["雨" * 23 + "。", "雨" * 100]),
        (
            [ROW] * 4 + ["", f"{'雨' * 13}。"] * 6 + ["", "雨" * 6, "", "雨" * 7],
            [ROW] * 4 + ["", f"{'雨' * 13}。"] * 6 + ["", "雨" * 7, "", "雨" * 7],
        ),
        ([ROW] * 4 + ["", ENDED] * 12, [ROW] * 4 + ["", ENDED] * 13),
        ([ROW] * 33 + [row(63, "# ")] * 6, [ROW] * 32 + [row(63, "# ")] * 7),
        ([ROW] * 32 + [row(62, "# ")] * 7, [ROW] * 32 + [row(63, "# ")] * 7),
        ([ROW, *[row(58)] * 3, *[row(57)] * 6], [ROW, *[row(58)] * 2, *[row(57)] * 7]),
        ([ROW] * 6 + [row(60, end="，")] * 4, [ROW] * 5 + [row(60, end="，")] * 5),
        (
            [ROW] * 4 + ["雨" * 28 + "，雨"] * 3 + [BARE] * 3,
            [ROW] * 6 + [f"“{'雨' * 28}，"] * 3 + [BARE],
        ),
        (
            [ROW] * 8 + [row(60, end="。")] * 5 + [row(40)] * 7 + [row(40, end="。")] * 3,
            [ROW] * 8 + [row(60, end="。")] * 4 + [row(40)] * 7 + [row(40, end="。")] * 3,
        ),
        ([row(60, end=" 雨 雨")] * 4, [row(60, end=" 雨 雨 雨")] * 4),
    ],
    ids=[
        "three lines go on",
        "40 columns",
        "140 columns",
        "what is invisible takes no column",
        "half of the characters are Chinese",
        "a line of 95 characters is not long",
        "less than a fifth in long lines",
        "more than half in lines of more than 14 characters",
        "one line in four goes on",
        "15% of the lines may be wider",
        "by three columns",
        "40% lack two columns at most",
        "40% may end in a pause",
        "70% have a mark inside",
        "35% may end early, without a sentence",
        "three spaces make a row of a table",
    ],
)
def test_where_a_program_broke_the_lines(broken: list[str], otherwise: list[str]) -> None:
    assert is_joined(*broken)
    assert not is_joined(*otherwise)


def test_the_mean_line_has_95_characters_at_most() -> None:
    mixed = f"雨,{'雨' * 45}  {'a' * 45}"  # 94 characters in 140 columns
    assert join("\n".join([mixed] * 7 + ["雨" * 95])) == mixed * 7 + "雨" * 95
    longer = "\n".join([mixed] * 7 + ["雨" * 96])
    assert join(longer) == longer


@pytest.mark.parametrize(
    ("line", "blank"),
    [
        (ROW, "\n\n"),
        (ROW, "\r\n\r\n"),
        (ROW, "\r\r"),
        (ROW, "\n  \n"),
        (row(60, "  "), "\n\n"),
        (f"{row(140)}\u200b", "\n\n"),
        (row(60, end="。"), "\n\n"),
    ],
    ids=[
        "line feeds",
        "Windows",
        "carriage returns",
        "spaces in the blank line",
        "an indent that all lines have",
        "invisible characters",
        "full lines that end a sentence",
    ],
)
def test_a_blank_line_between_full_lines_parts_them(line: str, blank: str) -> None:
    lines = [ROW, ROW, ROW, line] if line.endswith("。") else [line] * 4
    paragraph = (blank[: len(blank) // 2] if "  " not in blank else "\n").join(lines)
    assert lines_of(join(f"{paragraph}{blank}{paragraph}")) == ["".join(map(str.strip, lines))] * 2


@pytest.mark.parametrize(
    ("indent", "other", "begins"),
    [
        ("  ", "\u3000", False),
        (" ", "\u3000", True),
        ("\u3000", "  ", False),
        ("\u3000", "   ", True),
        ("    ", "\t", False),
        ("   ", "\t", True),
        ("\t", "    ", False),
        ("\t", "     ", True),
        ("\xa0", "\u2003", False),
        ("", " ", True),
    ],
)
def test_a_line_indented_further_begins_a_paragraph(indent: str, other: str, begins: bool) -> None:
    lines = [row(60, indent)] * 4 + [row(60, other)] + [row(60, indent)] * 3
    above, below = ("".join(map(str.strip, part)) for part in (lines[:4], lines[4:]))
    assert join("\n".join(lines)) == (f"{above}\n{below}" if begins else above + below)


@pytest.mark.parametrize(
    ("line", "following", "full"),
    [
        (row(62), ROW, True),
        (row(63), ROW, False),
        (row(55), ROW, True),
        (row(54), ROW, False),
        (row(51), row(60, "hypothesis "), True),
        (row(50), row(60, "hypothesis "), False),
    ],
    ids=[
        "two columns over",
        "three over",
        "five under",
        "six under",
        "a word of ten letters had nine columns",
        "it had ten",
    ],
)
def test_a_full_line_goes_on(line: str, following: str, full: bool) -> None:
    # With two lines of 55 columns, those before 60 are more than those before 62.
    above, below = [ROW, row(55), ROW, row(55), ROW, line], [following, ROW]
    parts = ["".join(above), "".join(below)]
    assert join("\n".join(above + below)) == ("" if full else "\n").join(parts)


def test_what_is_full_once_spaces_are_single_is_joined_up_to_the_end_of_a_sentence() -> None:
    line, ended = row(60, end="    雨"), row(60, end="    雨。")
    above, below = f"{line * 3}{ended}".replace("    ", " "), (line * 4).replace("    ", " ")
    assert join("\n".join([line, line, line, ended, *[line] * 4])) == f"{above}\n{below}"


@pytest.mark.parametrize(
    ("end", "start", "between"),
    [
        ("雨", "雨", ""),
        ("word", "next ", " "),
        ("雨,", "next ", " "),
        ("long-", "term ", ""),
        ("and/", "or ", ""),
        ("12", "34", ""),
        ("12", "ab", " "),
        ("ab", "12", " "),
        ("雨", "Linux", ""),
        ("Linux", "雨", ""),
        ("雨 ok 雨", "雨", ""),
        ("雨 ok 雨", "Linux ", " "),
        ("雨 ok Linux", "雨", " "),
        ("雨 ok 雨，", "Linux ", ""),
        ("雨 ok Linux", "（", ""),
        ("雨 ok 雨,", "雨", ""),
    ],
)
def test_what_stands_between_two_lines_that_were_one(end: str, start: str, between: str) -> None:
    line, following = row(60, end=end), row(60, start)
    assert join("\n".join([ROW, ROW, line, following, ROW])) == f"{ROW * 2}{line}{between}{following}{ROW}"


@pytest.mark.slow
@pytest.mark.untraced
def test_a_paragraph_may_have_any_number_of_lines() -> None:
    """Each line was copied with all that stood before it: minutes."""
    line = "清晨的雾还没有散，茶农们已经背着竹篓上山他们说谷雨前后的嫩芽最香，一年里只有"
    assert join(f"{line}\n" * 60_000) == line * 60_000 + "\n"
