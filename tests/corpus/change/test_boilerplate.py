import random

import pytest

from gaupt.corpus.change.boilerplate import remove_boilerplate


@pytest.mark.parametrize(
    "line",
    [
        "首页 > 财经 > 正文",
        "您的位置：首页 >> 资讯中心",
        "Copyright © 2019 版权所有 沪ICP备00000000号",
        "© 2020 All Rights Reserved.",
        "京公网安备 00000000000000号",
        "分享到：微博 微信 QQ空间",
        "责任编辑：王某　阅读：2,345　评论：12",
        "【打印】【关闭】【字体：大 中 小】",
        "上一篇：没有了　下一篇：返回列表",
        "上一页 1 2 3 下一页 尾页",
        "免责声明：本文只代表作者个人观点。",
        "点击下载APP，扫码关注公众号，领取优惠！",
        "长按识别二维码关注我们",
        "转载请注明出处",
        "第 3 页 共 12 页",
        "相关阅读：",
        "登录 | 注册",
        "关于我们 | 联系我们 | 网站地图",
        "关于我们 | 广告服务 | 联系方式 | 友情链接",
        "下载APP，阅读更多精彩内容",
        "下载客户端，阅读体验更佳",
        "打开APP阅读全文",
        "打开微信扫一扫，分享给好友",
        "微信扫描下方二维码，进群即可报名。",
        "【大 中 小】【打印】【关闭】",
        "阅读 1.2万 点赞 356 评论 89",
        "阅读(1234) 评论(5) 收藏",
        "增值电信业务经营许可证：京B2-20000000",
        "违法和不良信息举报电话：010-00000000",
        "Powered by Discuz! X3.4",
        "请登录后发表评论",
        "热门文章",
        "最新评论",
        "« 上一页 | 下一页 »",
        "- 12 -",
        "— 3 —",
    ],
)
def test_boilerplate_lines_go(line: str) -> None:
    assert remove_boilerplate(f"正文第一段。\n{line}\n正文第二段。") == "正文第一段。\n正文第二段。"


@pytest.mark.parametrize(
    "line",
    [
        "他把这条消息分享到微信朋友圈以后，许多同学都来问他是怎么做到的。",
        "第3页的插图画的是一条河。",
        "这家公司的首页改版以后，访问量增加了三成。",
        "下载这个数据集需要大约二十分钟。",
        "下载客户端，阅读用户协议，然后点击同意。",
        "作者认为版权制度需要改革，理由有三。",
        "登录系统以后，先修改密码。",
        'Type "help", "copyright", "credits" or "license" for more information.',
        "未经许可，任何单位和个人不得经营烟花爆竹。",
        "网站也有ICP备案。注册资金为两千万元。",
        "通过扫描二维码，交警能够快速获取车主的信息。",
        "一个轻量级的、用来生成和识别二维码的库，可根据输入的图标产生艺术二维码",
        "该模式的特点是会让我们更多的关注结果，关注我们做的不好的那些。",
        "打开 App，点击设置。",
        "免责声明：这个链接包含了我的参考链接，注册时可以使用，这会让我的帐号升级。",
        "房间干净，服务也不错。下次还来Copyright1999-2008,hotel.example.allrightsreserved.",
        "- 12 个鸡蛋",
    ],
)
def test_prose_that_mentions_such_words_stays(line: str) -> None:
    assert remove_boilerplate(line) == line


NOTICE, OTHER_NOTICE = "分享到：微博", "上一篇：没有了　下一篇：返回列表"


@pytest.mark.parametrize(
    ("raw", "left"),
    [
        ("", ""),
        ("文", "文"),
        ("打印", ""),  # as short as a notice can be
        (NOTICE, ""),
        ("正文。", "正文。"),
        ("正文。\n", "正文。\n"),
        (f"{NOTICE}\n正文。", "正文。"),
        (f"正文。\n{NOTICE}", "正文。"),
        (f"正文。\n{NOTICE}\n", "正文。"),
        (f"正文。\n{NOTICE}\n\n", "正文。\n"),
        (f"正文。\n\n{NOTICE}\n\n下文。", "正文。\n\n\n下文。"),
        (f"\n{NOTICE}\n正文。", "\n正文。"),
        (f"{NOTICE}\n{OTHER_NOTICE}\n正文。", "正文。"),
        (f"正文。\n{OTHER_NOTICE}\n{NOTICE}\n下文。", "正文。\n下文。"),
        (f"{NOTICE}\n正文。\n{OTHER_NOTICE}\n下文。\n{NOTICE}", "正文。\n下文。"),
    ],
)
def test_a_notice_goes_with_its_line_end_wherever_it_stands(raw: str, left: str) -> None:
    assert remove_boilerplate(raw) == left


@pytest.mark.parametrize(
    ("raw", "left"),
    [
        (f"免责声明\n{NOTICE}\n正文。", "正文。"),
        (f"首段。\n免责声明\n{NOTICE}\n正文。", "首段。\n正文。"),
        (f"\n免责声明\n{NOTICE}\n正文。", "\n正文。"),
        (f"{NOTICE}\n免责声明\n{OTHER_NOTICE}\n正文。", "正文。"),
        (f"{NOTICE}\n{OTHER_NOTICE}\n免责声明", "免责声明"),
        (f"免责声明\n首段。\n{NOTICE}", "免责声明\n首段。"),
        (f"免责声明\n\n{NOTICE}\n正文。", "免责声明\n\n正文。"),
        (f"见免责声明\n{NOTICE}\n正文。", "见免责声明\n正文。"),
    ],
)
def test_a_heading_goes_with_the_notice_right_below_it(raw: str, left: str) -> None:
    assert remove_boilerplate(raw) == left


@pytest.mark.parametrize("before", ["", "正文的第一段。\n", "这一段很长，说的是山里的茶。" * 30 + "\n"])
def test_a_line_of_120_characters_may_be_a_notice_and_a_longer_one_is_none(before: str) -> None:
    at_most, longer = (NOTICE + " 微博" * 60)[:120], (NOTICE + " 微博" * 60)[:121]
    assert remove_boilerplate(f"{before}{at_most}\n下文。") == f"{before}下文。"
    kept = f"{before}{longer}\n下文。"
    assert remove_boilerplate(kept) == kept
    assert remove_boilerplate(f"{kept}\n{NOTICE}\n完。") == f"{kept}\n完。"


@pytest.mark.parametrize(
    "pieces",
    [("来源:", "点击查看"), ("来源：", "点赞", "仅代表"), ("首页", " > "), ("分享", " 微信"), ("- 1", " ")],
)
def test_no_line_takes_long(pieces: tuple[str, ...]) -> None:
    rng = random.Random(0)
    lines = ["".join(rng.choices(pieces, k=120))[:119] for _ in range(40)]
    # A pattern that tries every way to cut such a line takes minutes for one of them, and the suite with it.
    for line in lines:
        remove_boilerplate(line)


@pytest.mark.parametrize(
    "line",
    [
        "（" + "  责任编辑" * 18 + "  ：x",
        "编辑：" + "王王责任编辑：" * 15 + "x",
        "网络" + "违法不良" * 25 + "本站无关",
        "[和求各种支持（" + " 求各种支持（" * 13 + " 月票x",
        "免责声明" * 29,
    ],
)
def test_no_line_can_be_parted_in_too_many_ways(line: str) -> None:
    """Each of them was tried in thousands of ways, or in millions, for each of its keywords."""
    text = f"{line}\n" * 30
    assert remove_boilerplate(text) == text


def test_what_looks_like_the_beginning_of_a_heading_is_passed_at_once() -> None:
    above = "免责声明" + " " * 300_000 + "x"
    assert remove_boilerplate(f"{above}\n转载请注明出处") == above


def test_the_words_for_one_task_stay_one_role() -> None:
    assert remove_boilerplate("责任编辑：王小明校对：李四\n茶") == "茶"
    assert remove_boilerplate("编辑 / 王小明 初审核：李四 \n茶") == "茶"
    assert remove_boilerplate("网上涉未成年人违法和不良信息举报电话\n茶") == "茶"
