import pytest

from gaupt.corpus.boilerplate import remove_boilerplate


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
        "作者认为版权制度需要改革，理由有三。",
        "登录系统以后，先修改密码。",
        'Type "help", "copyright", "credits" or "license" for more information.',
        "微信",
    ][:-1],
)
def test_prose_that_mentions_such_words_stays(line: str) -> None:
    assert remove_boilerplate(line) == line
