"""Lines that web sites put around a text: navigation, sharing, copyright, advertising, page numbers.

A line goes when it is short, holds one of the keywords of a rule, and the rule's pattern matches all of it. Prose
that only mentions such words does not match.
"""

import re
from collections.abc import Iterator
from functools import cache

import numpy as np
import numpy.typing as npt

from gaupt.text.characters import code_points

MAX_LINE = 120
"""Characters of the longest line that is looked at."""

# Possessive quantifiers (``*+``) keep the patterns from trying the same split of a line again and again.
_GAP = r"[\s|｜/\\·•,，、:：;；>»→\-—_]"
_OPEN, _CLOSE = r"[【\[（(<««*]*+\s*+", r"\s*+[】\])）>»*]*+"
_PLACE = (
    r"(?:(?:新浪|腾讯)?微博|微信(?:好友|朋友圈)?|朋友圈|QQ(?:空间|好友)?|空间|豆瓣|人人网?|(?:百度)?贴吧|复制链接|"
    r"收藏(?:本[文页站])?|举报|点赞|打印|更多|分享|转发|邮件|Twitter|Facebook)"
)
_TURN = r"(?:上一[篇页章条节]|下一[篇页章条节]|返回目录|目录|首页|尾页|末页)"
_ACCOUNT = (
    r"(?:(?:请|用户|会员|立即|免费|快速|新用户)?(?:登[录陆]|注册|退出|找回密码|忘记密码|加入收藏|设为首页|联系(?:我们|方式)|"
    r"帮助(?:中心)?|关于(?:我们|本站)|网站(?:地图|简介|声明)|友情链接|广告(?:服务|合作)|法律声明|隐私(?:政策|条款|保护)|"
    r"(?:服务|使用)(?:条款|协议)|招聘信息|诚聘英才|人才招聘|加入我们|意见反馈|会员服务|手机版|电脑版|商务合作|投稿|搜索))"
)
_APP = r"(?:APP|App|app|客户端)"
# An advertisement is one sentence of its own; prose that goes on after it, or begins long before it, stays.
_BEFORE, _AFTER = r"[^。！？；]{0,20}", r"[^。！？；]{0,40}[。！？；!~～…]*\s*"
_WHERE = r"(?:图中|[上下左右][方面图侧边]的?|文末的?|以下|此|该|本|我的|我们的?|官方|微信|海报|中的?|小程序|公众号)"
_COUNT = r"\s*+[:：(（]?\s*+\d[\d,.]*+\s*+[万亿wWkK]?\+?\s*+[)）]?(?:次|人|条)?"

_RULES: tuple[tuple[tuple[str, ...], str], ...] = (
    # The keywords of a rule, of two characters at least; its pattern.
    (
        ("首页", "主页", "当前位置", "您的位置", "你的位置", "所在位置"),  # bread crumbs
        r"(?:您|你)?(?:的|当前|现在的?|所在)*+位置\s*[:：>»›→|/\-—]+.*"
        r"|(?:首页|主页|网站首页|返回首页)\s*[>»›→|/\-—]+.*"
        r"|(?:网站|返回|回到)?(?:首页|主页)(?:[\s|]+\S{1,8})*",
    ),
    (
        ("责任编辑", "责编", "编辑：", "编辑:", "校对：", "校对:", "审核：", "来源：", "来源:"),
        r"[（(\[【]?\s*(?:责任编辑|责编|本文编辑|编辑|见习编辑|实习编辑|值班编辑|校对|审核|监制|(?:稿件|文章|信息|新闻)来源)"
        r"\s*[:：/／].{0,60}"
        r"|(?:文章|稿件|新闻|信息)?来源\s*[:：]\s*\S{1,20}(?:\s+(?:作者|时间|日期|发布|阅读|点击|浏览|编辑).*)?",
    ),
    (
        ("阅读", "浏览", "点击", "评论", "人气", "点赞"),  # counters
        rf"(?:(?:发布|更新|发表)?(?:时间|日期)\s*[:：].{{0,24}}|来源\s*[:：]\s*\S{{1,20}}){{0,2}}\s*"
        rf"(?:(?:阅读|浏览|点击|评论|人气|查看|回复|点赞|收藏|转发|分享|在看)(?:数|量|次数)?{_COUNT}[\s|/·]*+)++"
        r"(?:(?:点赞|收藏|分享|评论|转发|举报|回复|打赏)[\s|/·]*+)*+",
    ),
    (
        ("分享", "微信", "收藏", "举报", "转发", "微博", "点赞"),
        rf"(?:一键)?(?:分享(?:到|至|给)?|转发(?:到|至)?)\s*[:：]?\s*(?:{_PLACE}(?:{_GAP}++{_PLACE})*+)?\s*|{_PLACE}(?:{_GAP}++{_PLACE})++\s*"
        r"|(?:打开|使用|用)?微信扫一扫.{0,24}(?:分享|朋友圈|关注|阅读).{0,12}",
    ),
    (
        ("打印", "关闭", "字体", "字号"),
        r"(?:[【\[（(]?\s*+(?:(?:打印|关闭|返回|收藏|推荐|纠错|保存)(?:本页|本文|窗口|此文)?|(?:(?:字体|字号|选择字号)\s*+[:：]?)?[大中小\s|/]++)"
        r"\s*+[】\]）)]?[\s|]*+)+",
    ),
    (
        ("上一篇", "下一篇", "上一页", "下一页", "上一章", "下一章", "上一条", "下一条", "尾页", "末页"),
        rf"{_OPEN}{_TURN}{_CLOSE}(?:\s*[:：|].*|[\s|/\d<>«»←→\[\]【】.…页]*+(?:{_TURN}[\s|/\d<>«»←→\[\]【】.…页:：]*+)*+)"
        rf"|[<«←\s]*{_TURN}(?:[\s|/\d<>«»←→.…页]*+{_TURN})*+[>»→\s]*",
    ),
    (
        (
            "版权所有",
            "Copyright",
            "copyright",
            "COPYRIGHT",
            "ICP",
            "公网安备",
            "经营许可证",
            "All Rights",
            "All rights",
            "保留所有权利",
            "Powered by",
            "©1",
            "©2",
            "© ",
        ),
        r"[^。！？；]{0,60}(?:版权所有(?![人者权])|(?:Copyright|copyright|COPYRIGHT)\s*(?:©|\([cC]\)|[:：]|(?:19|20)\d\d|$)|©\s*(?:19|20)\d\d|ICP\s*[备证](?:案号?\s*[:：]?)?\s*\d|公网安备|"
        r"All [Rr]ights [Rr]eserved|保留所有权利|(?:电信业务|节目制作|信息服务|出版物|文化)经营许可证\s*(?:编号)?\s*[:：]).*"
        r"|Powered by \S.*",
    ),
    (
        (
            "免责声明",
            "版权声明",
            "声明：",
            "声明:",
            "本网无关",
            "本站无关",
            "本站立场",
            "仅代表",
            "不代表本",
            "转载请",
            "未经授权",
            "未经许可",
            "侵权",
            "侵删",
            "不良信息",
        ),
        r"[【\[（(*]*\s*(?:免责声明|版权声明|声明|郑重声明|特别声明|本站声明|转载声明)\s*[】\]）)]*\s*[:：]"
        r".*(?:本[文站网页]|版权|转载|观点|立场|侵权|仅供参考|来源|来自).*"
        r"|[【\[（(*]*\s*(?:免责声明|版权声明|郑重声明|特别声明|本站声明|转载声明)\s*[】\]）)]*\s*[:：]?"
        rf"|{_BEFORE}{_BEFORE}(?:仅代表作者(?:个人|本人)?(?:观点|意见)|不代表本(?:站|网|平台|公司|报)|与本(?:网|站|平台)无关|转载请(?:注明|联系|保留|标明)|"
        r"未经.{0,8}(?:授权|许可|同意|允许).{0,12}(?:转载|摘编|镜像)|侵权.{0,10}(?:联系|删除|告知)|侵删).*"
        r"|(?:网上|网络)?(?:违法|不良|有害|违法和不良|违法不良|涉未成年人)+信息举报.{0,60}",
    ),
    (
        (
            "APP",
            "App",
            "app",
            "客户端",
            "公众号",
            "扫码",
            "扫一扫",
            "二维码",
            "关注",
            "微信号",
            "更多精彩",
            "收藏本",
        ),
        rf"(?!.*(?:通过|利用|支持|用户|使用|如何)){_BEFORE}(?:(?:点击|扫码|立即|马上|免费|请)(?:下载|安装|打开).{{0,10}}{_APP}{_AFTER}|"
        rf"(?:长按|扫描|扫一扫)(?:识别|扫描|扫一扫)?{_WHERE}*+二维码(?:[，,、！。!…」』”】\s]|$|.?(?:即可|关注|下载|加入|添加|进群|报名|订阅|"
        rf"获取|领取|了解|查看|访问|咨询|联系|识别|扫描|加)){_AFTER}|扫码(?:关注|下载|加入|添加|进群){_AFTER}|"
        rf"(?:欢迎|请|快来|点击|长按|赶快|记得|别忘了)(?:大家|继续|持续|扫码|扫描)*关注[^。！？；，]{{0,14}}(?:公众号|微信|微博|我们){_AFTER}|"
        rf"微信(?:公众)?号\s*[:：]{_AFTER}|更多(?:精彩|内容|资讯).{{0,16}}(?:关注|下载|点击|尽在){_AFTER}|点击收藏本[站页]{_AFTER})"
        rf"|[>#*【\-\s]*关注[^。！？；，]{{0,20}}(?:公众号|微信号|官方微信|官方微博|我们){_AFTER}"
        rf"|(?:下载|打开|安装).{{0,10}}{_APP}[，,\s]*(?:阅读|查看|看|享|领|获取|体验|了解|观看|浏览|参与|更多){_AFTER}",
    ),
    (
        (
            "相关阅读",
            "相关新闻",
            "相关文章",
            "相关推荐",
            "推荐阅读",
            "猜你喜欢",
            "热门推荐",
            "热门文章",
            "热点推荐",
            "热点新闻",
            "延伸阅读",
            "阅读原文",
            "展开全文",
            "查看更多",
            "查看全文",
            "点击查看",
            "返回顶部",
            "加载更多",
            "返回列表",
            "发表评论",
            "最新评论",
            "网友评论",
            "条评论",
        ),
        rf"{_OPEN}(?:(?:更多)?相关(?:阅读|新闻|文章|推荐|链接|报道|专题|内容)|推荐阅读|猜你喜欢|(?:热门|热点|最新)(?:推荐|文章|新闻|评论|资讯)|"
        rf"延伸阅读|阅读原文|展开(?:全文|阅读)|(?:点击)?查看(?:更多|全文|原文|详情)|点击查看.{{0,20}}|返回(?:顶部|列表|上页|首页)|加载更多|"
        rf"(?:请?登[录陆]后(?:再|才能|可以|方可)?|我要)?发表(?:评论|回复)|网友评论|[共已有]*\s*\d{{1,6}}\s*条评论)"
        rf"{_CLOSE}[>》»:：…]*(?:\s+.{{0,20}})?",
    ),
    (
        ("第 ", "共 ", "第1", "第2", "第3", "第4", "第5", "第6", "第7", "第8", "第9", "Page", "page"),
        r"[\-—–·\s\[【（(]*(?:第\s*\d{1,4}\s*页(?:\s*[,，/]?\s*共\s*\d{1,4}\s*页)?|共\s*\d{1,4}\s*页|[Pp]age\s*\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?)"
        r"[\-—–·\s\]】）)]*",
    ),
    (
        tuple(f"{dash}{space}{digit}" for dash in "-—–" for space in ("", " ") for digit in "123456789"),
        r"[-—–]{1,3}\s?\d{1,4}\s?[-—–]{1,3}",  # a page number between dashes
    ),
    (
        ("登录", "注册", "登陆", "加入收藏", "设为首页", "联系我们", "关于我们", "网站地图", "友情链接"),
        rf"(?:{_ACCOUNT}{_GAP}*+)+",
    ),
)
_COMPILED = tuple((keywords, re.compile(pattern)) for keywords, pattern in _RULES)


@cache
def _rules_by_bigram() -> npt.NDArray[np.uint16]:
    """For each hash of two characters, the set of rules (one bit each) with a keyword that begins so."""
    table = np.zeros(1 << 16, dtype=np.uint16)
    for number, (keywords, _) in enumerate(_COMPILED):
        for keyword in keywords:
            table[_hash(code_points(keyword[:2]))] |= np.uint16(1 << number)
    return table


def _hash(points: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """A 16-bit hash of every two neighbouring characters."""
    return (points[:-1] * np.uint32(31_337) + points[1:]) & np.uint32(0xFFFF)


def remove_boilerplate(text: str) -> str:
    """``text`` without its boilerplate lines."""
    if len(text) < 2:
        return text
    kept, position = [], 0
    for start, end in _boilerplate_lines(text):
        kept.append(text[position:start])
        position = end + 1
    return "".join([*kept, text[position:]]).removesuffix("\n") if kept else text


def _boilerplate_lines(text: str) -> Iterator[tuple[int, int]]:
    """Where the boilerplate lines begin and end. Only the places where a keyword may begin are looked at."""
    rules = _rules_by_bigram()[_hash(code_points(text))]
    found = np.flatnonzero(rules)
    done = -1
    for position, mask in zip(found.tolist(), rules[found].tolist(), strict=True):
        if position <= done:
            continue
        for number, (keywords, pattern) in enumerate(_COMPILED):
            if mask >> number & 1 and text.startswith(keywords, position):
                start = text.rfind("\n", 0, position) + 1
                end = text.find("\n", position)
                end = len(text) if end < 0 else end
                if end - start > MAX_LINE:
                    done = end
                    break
                if pattern.fullmatch(text, start, end) is not None:
                    yield start, end
                    done = end
                    break
