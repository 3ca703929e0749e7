"""The kinds of boilerplate: of labelled lines the notices go and the prose stays."""

import json
import random
import re
from pathlib import Path

import pytest

from gaupt.corpus.change.boilerplate import remove_boilerplate
from gaupt.corpus.change.boilerplate_lines import HEADING, KINDS, STORY

LABELLED = Path(__file__).parents[3] / "benchmarks" / "boilerplate.jsonl"
BEFORE, AFTER = "这一夜风雪甚急，客栈里只剩下一盏油灯。", "掌柜揉了揉眼睛，问来人从哪里来。"


def goes(line: str) -> bool:
    return remove_boilerplate(f"{BEFORE}\n{line}\n{AFTER}") == f"{BEFORE}\n{AFTER}"


def test_the_labelled_lines_come_out_right() -> None:
    rows = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    assert len(rows) >= 200
    assert [row["text"] for row in rows if goes(row["text"]) != row["boilerplate"]] == []


@pytest.mark.parametrize(
    ("line", "prose"),
    [
        ("关注我们！", "关注我们的内心。"),
        ("关注公众号“山中来信”", "关注公众号的读者越来越多。"),
        ("编辑：林秋水", "编辑：文件"),
        ("审核：王一山", "审核：成功"),
        ("责任编辑：文一", "责任编辑：负责组稿，也负责校对。"),
        ("来源：《某某晚报》", "来源：《某某游记》"),
        ("来源：某某网", "来源：动物的骨骼"),
        ("求收藏！", "求推荐！"),
        ("登录 | 注册", "登录"),
        ("首页 > 新闻 > 正文", "首页——网站的脸面。"),
        ("未经授权，禁止转载。", "未经授权，禁止入内。"),
        ("扫描二维码，关注我们", "乘客扫描二维码，就可以坐车。"),
        ("最新网址：www.example.com", "某某网携新域名 example.com 开拓市场"),
        ("（未完待续）", "未完待续"),
        ("本章未完，请翻页", "本章未完成的习题，留到下周。"),
        ("听雨小说网 www.example.com", "听雨小说网 https://www.example.com/article/1.html"),
        ("听雨中文网 www.example.com", "中文网友 www.example.com"),
        ("下载APP阅读全文", "下载讲义阅读全文，关注脚注。"),
        ("【相关阅读】", "【相关阅读】一栏排在文末。"),
        ("【打印本页】 关闭窗口", "打印机坏了。"),
        ("版权所有 山中文社", "版权所有者可以起诉。"),
        ("第 3 页，共 10 页", "第 3 页的插图很美。"),
        ("— 12 —", "— 12 月"),
        ("–3–", "–3度"),
    ],
)
def test_a_notice_and_the_prose_next_to_it(line: str, prose: str) -> None:
    assert goes(line)
    assert not goes(prose)


@pytest.mark.parametrize("heading", ["免责声明", "【版权声明】", "特别声明："])
def test_a_heading_goes_with_its_notice_alone(heading: str) -> None:
    clause = "在下列情形下，平台不承担责任：不可抗力、用户自身过错。"
    assert remove_boilerplate(f"正文。\n{heading}\n{clause}") == f"正文。\n{heading}\n{clause}"
    assert remove_boilerplate(f"正文。\n{heading}\n转载请注明出处\n完。") == "正文。\n完。"
    assert remove_boilerplate(f"{heading}\n转载请注明出处\n正文。") == "正文。"


def test_speech_that_quotes_a_notice_stays() -> None:
    assert STORY.search("“扫描下方二维码，关注我们！”她笑着说。")
    assert not goes("店员说：“扫描下方二维码，关注我们的公众号！”")
    assert not STORY.search("其他新闻请点击查看更多")


def test_keywords_have_two_characters_and_stand_in_a_line_that_their_pattern_takes() -> None:
    for keywords, pattern in KINDS:
        assert all(len(keyword) >= 2 for keyword in keywords)
        assert re.compile(pattern)
    assert HEADING.fullmatch("免责声明")


def test_no_line_of_any_kind_takes_long() -> None:
    rng = random.Random(0)
    for keywords, _ in KINDS:
        pieces = [
            *keywords,
            *rng.sample(["：", "www.example.com", "更新", "推荐票", "，", " ", "小说网", "1", "求"], 4),
        ]
        for _ in range(4):
            remove_boilerplate("".join(rng.choices(pieces, k=120))[:119])
