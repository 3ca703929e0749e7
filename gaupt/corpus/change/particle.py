"""The particle 着, which Taiwan and Hong Kong write 著, told from the 著 of authors and of words."""

import re

# Verbs that the particle follows most often, and that end few names (counted in simplified text).
_VERBS = frozenset(
    "看带穿跟沿试拿想抱写朝睡笑戴坐绕顺听放留盯望冲持待说指附摸含拉挂藏吃背载领忙打靠趁执站冒住隔哭急骑照围牵拖凭护受"
    "挨挥捧握躺借摆顶陪装乘贴溢走伴做提响守喊刻撑按赶踩盖逼披闻透唱扶跪裹叫迎踏夹仗循插喝跑推忍念抢担闭抓闹拍关挑呆"
    "捂驾追养扛扎露拎端竖舞拄盼饿吹淌泣拥玩缠瞪嚷瞒奔压倒飘闪爬卧蹲睁皱咬吸吐扑摇晃荡浮悬吊垂滴滚转游飞随读活开"
    "怀连存负演谈讲聊问答吟诉"
)
_WORDS = frozenset("显特卓编原专论巨昭土译合拙遗所名新旧大主校撰知较共自佳杰宏史")
"""With 著 behind, words: 显著, 名著, 编著."""
_VERB_WITH_SUCH_AN_END = re.compile(r"(?:[讨议谈争辩评]论|[配混结迎融组综闭符]合|[放扩壮睁增张]大)\Z")
# With 著 before, words too: 著者, 著于. Behind a verb it is the particle all the same: 跟着作者, 写着名字.
_REST_OF_WORD = frozenset("者书述录有于论文译《")
_NO_WORD = frozenset(("名字", "名单", "名片", "名叫", "名册", "名牌", "作者", "作业", "作品", "作文", "作案"))
_SURNAME = (
    "(?:欧阳|司马|诸葛|上官|夏侯|皇甫|慕容|司徒|[王李张刘陈杨黄赵吴周徐孙朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余"
    "杜叶程苏魏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏傅邹熊孟秦邱尹薛闫段侯龙史陶黎贺顾毛郝龚邵钱严武戴莫孔汤施俞章梅"
    "高盛童颜蒲鲁费凌霍樊管祝柯温柳涂纪康赖文庞兰殷洪翟倪牛芦季葛伍申尤毕聂焦邢岳齐庄辛谷祁舒耿牟詹苗靳甄裴屈鲍覃翁甘景柏阮桂闵柴"
    "辜饶瞿戚丘滕臧褚娄奚穆晏栾郁喻窦敖艾蓝巩仲虞卞竺冼佟匡宗巫荆谌岑蔺归缪茅巴])"
)
# What an author stands behind: a mark and a surname, （清） or 《…》 and any name, Knuth; 等 may follow.
_AUTHOR = re.compile(
    rf"(?:(?:^|[\s，。；、：:,;（(《》「」『』|/由]){_SURNAME}(?:(?!等)[\u4e00-\u9fff]){{1,2}}"
    r"|[）)】〕\]》]\s?[^\W\da-zA-Z的地他她它我你们在不了是都就还也正很一]{2,5}|[·・][\u4e00-\u9fff]{1,8}|[A-Za-z.)]\s?"
    r")\s?(等?)\Z",
    re.MULTILINE,
)
_CLAUSE_END = re.compile(r"\s*(?:[，。；、：？！,;:.()（）」』】〕\]|/]|$)", re.MULTILINE)


def with_particle(text: str) -> str:
    """Simplified ``text`` with 着 for every 著 that is the particle."""
    return re.sub("著", lambda found: "着" if _is_particle(text, found.start()) else "著", text)


def _is_particle(text: str, at: int) -> bool:
    before, after = text[max(0, at - 2) : at], text[at + 1 : at + 3]
    author = _AUTHOR.search(text, max(0, at - 16), at)
    if author is not None and _CLAUSE_END.match(text, at + 1) and text[author.start(1) - 1] not in _VERBS:
        return False
    if _VERB_WITH_SUCH_AN_END.search(before) or (before[-1:] == "大" and after[:1] in tuple("胆嗓肚声")):
        return after[:1] not in tuple("作述")
    if before[-1:] in _WORDS or after[:1] == "称" or (before[-1:] + after[:1] in ("（）", "()")):
        return False
    if after[:1] in ("名", "作"):
        return before[-1:] in _VERBS and after in _NO_WORD
    return after[:1] not in _REST_OF_WORD or before[-1:] in _VERBS
