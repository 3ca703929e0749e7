"""What stands around a number: whether it is part of an address, counts something, or names a thing.

Chinese has no spaces, so there is no ``\\b``. Every look is bounded, so that no text makes it slow.
"""

import re
import string

DASHES = r"\-－–—‐‑―−"
"""The dashes that people type between the groups of a number, for use in a set of a pattern."""

_BEFORE = 24
_AFTER = 12
_URL = string.ascii_letters + string.digits + "._~:/?#@!$&*+;=%-"
_MAX_URL = 300
_CONTACT = r"tel|phone|mobile|mob|cell|fax|qq|wechat|weixin|whatsapp|vx|wx|mail|email"
# The last folder of a path; `QQ/13…` is no path.
_FOLDER = re.compile(
    rf"(?:^|/)(?!(?:{_CONTACT})/\Z)[^/]*[A-Za-z_][^/]*/\Z|^(?:\.{{1,2}}|/)/\Z", re.IGNORECASE
)
_PARAMETER = re.compile(r"[?&][A-Za-z_]\w*=\Z")
_GLUED_BEFORE = re.compile(
    rf"[_\\%#@№]\Z|(?<![A-Za-z])(?!(?:{_CONTACT})-\Z)[A-Za-z0-9]+[{DASHES}]\Z", re.IGNORECASE
)
_GLUED_AFTER = re.compile(
    rf"[_%@]|\\[A-Za-z0-9]|\.[A-Za-z]|/(?!{_CONTACT})[A-Za-z]|[{DASHES}](?!{_CONTACT})\d*[A-Za-z]",
    re.IGNORECASE,
)

_JOINT = r"[\s:：=是为在（(「“\"'*|]*"
_PHONE = re.compile(
    r"(?:电话|手机|座机|传真|热线|[拨打]|致电|联系|来电|电联|短信|呼叫|微信|(?<![a-z])(?:tel|phone|mobile|mob|cell|fax|sms|whatsapp))"
    rf"(?:号码?|机|方式|人|至|给|到|了|过|[ _]?(?:no|number|num)\b)?[.]?{_JOINT}\Z",
    re.IGNORECASE,
)
_NAME_OF_A_THING = re.compile(
    # any …号 but that of a phone or a person, and the words that are numbered without it
    r"(?:[^\s0-9A-Za-z机话信系个新旧小老靓的微打叫账帐卡扣同此该本原现备一二三四五六七八九十]号|[票证单学编货彩卡牌案书列水]号码|[条编代形串维验请别密权]码|[订运工修货保账提回票]单|档案|序列|流水|注准|准字[A-Z]?"
    r"|(?<![A-Za-z])(?:[A-Za-z]*[_ ])?(?:id|uid|pid|gid|no|sn|imei|isbn|issn|sku|hash|key|seed|size|count|total|sum|max|min|num|number|code|index|idx|offset|ts|time"
    r"|timestamp|epoch|version|build|bytes|len|length|seq|order|amount|price|value))"
    rf"(?:分别|依次|各)?[.#]?{_JOINT}\Z|第\s*\Z",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(r"[A-Za-z_]\w*[\"']?\s*=\s*[\"']?\Z")
_AMOUNT = re.compile(
    r"(?:[¥￥$€£]|总[数量额值和]|数[量值字列]|金额|余额|[营收]入|营收|利润|销[量售]额?|产量|产值|人口|[总合共累]计|市值|票房|大小|长度|常[数量]|[质素整]数|结果|答案"
    r"|刻度|坐标|种子|时间戳|哈希值?|面积|体积|[高多可]?达到?|超过|(?<![预邀签相])约|(?<![最附])近|(?<!公)共|[增降升减]至|[大小等多少]于|不足|至少|[横纵]轴[从由为]?)"
    r"[\s:：了为是有约到（(]*\Z"
)
_OPERATOR = re.compile(r"[=≤≥≠≈×÷^∈]\s*\Z|(?:^|\s)[<>+*/−-]\s+\Z")
# A unit is one only where it begins no other word: 张先生, 升级, 人工, 元旦.
_UNIT = re.compile(
    r"\s?(?:多|余|来)?(?:"
    r"[吨斤瓦册粒株匹艘辆亩枚倍帕%％‰℃亿兆]|元(?!旦)|万(?![达科])|克(?!隆)|升(?!级)|秒(?!杀)|股(?!东)|票(?![价务])|度(?!过)|户(?!外)|[美欧日港]元|人民币|安培|伏特|焦耳"
    r"|[千百十毫微纳][克米升秒瓦伏安赫焦帕]|公[斤里顷吨升]|千卡|平方|立方|光年|海里|英[里尺寸]|比特|字节|字(?![母体幕])|页(?!面)|小时|分钟|年(?!级)|赫兹?|厘米"
    r"|米(?!先|女|老)|台(?!式|北|湾)|张(?![先女小老经主总工师医姐哥队书律某叔姨教校院局科处])|份(?!额)|条(?!件)|行(?![业情程政李动长])"
    r"|人(?![工事员])|次(?!日)|个(?!人)|家(?![里人长])|位(?![于置])|名(?![片字])|天(?!天)|只(?![要有收接能限])|件(?!事)|部(?!门)|块(?!递)"
    r"|(?:[KMGTkmgt]?i?[Bb]|bytes?|bits?|[kcmn]?m|[kKMG]?Hz|[mnuμ]?s|kg|[kKMG]?Wh?|rows?|times)(?![A-Za-z])"
    r")"
)
_MATHEMATICS = re.compile(
    r"\s*[=≤≥≠≈×÷^]|\s+[<>+*/−-]\s|\s*(?:mod\b|[是为]?(?:一个)?大?[质素合偶奇]数|的?倍数|可以写成|[除乘]以|取模|整除)"
)
_PREVIOUS = re.compile(
    rf"(?:(?<![0-9A-Za-z.])\d[\d {DASHES}]*|\[[^\[\]\n]{{2,5}}\])\s?[、,，/;；和及或与]\s?\Z"
)
_LONGEST_LIST = 6


def before(text: str, start: int) -> str:
    """The last characters before ``start``."""
    return text[max(0, start - _BEFORE) : start]


def after(text: str, end: int) -> str:
    """The first characters from ``end`` on."""
    return text[end : end + _AFTER]


def url_before(text: str, start: int) -> str:
    """The part of a URL, a path or a word in ASCII that ends at ``start``; empty where there is none."""
    head = text[max(0, start - _MAX_URL) : start]
    return head[len(head.rstrip(_URL)) :]


def is_in_address(text: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` is a piece of a URL, of a path or of an identifier with letters."""
    head = url_before(text, start)
    return (
        "://" in head
        or "www." in head
        or _FOLDER.search(head) is not None
        or _PARAMETER.search(head) is not None
        or _GLUED_BEFORE.search(text, max(0, start - _BEFORE), start) is not None
        or _GLUED_AFTER.match(text, end) is not None
    )


def is_after_phone_word(text: str, start: int) -> bool:
    """Whether a word for phones stands directly before ``start``, or before the list of numbers that ends there."""
    return _PHONE.search(before(text, _start_of_list(text, start))) is not None


def is_name_of_a_thing(text: str, start: int, digits: int) -> bool:
    """Whether a word such as 编号 says that the number of ``digits`` at ``start`` names a thing."""
    head = before(text, _start_of_list(text, start, digits))
    return _NAME_OF_A_THING.search(head) is not None or _ASSIGNED.search(head) is not None


def is_quantity(text: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` is an amount, a measurement or a number of mathematics."""
    head = before(text, start)
    return (
        _UNIT.match(text, end) is not None
        or _MATHEMATICS.match(text, end) is not None
        or _AMOUNT.search(head) is not None
        or _OPERATOR.search(head) is not None
    )


def has_unit(text: str, end: int) -> bool:
    """Whether a unit of measurement or a counted thing follows."""
    return _UNIT.match(text, end) is not None


def _start_of_list(text: str, start: int, digits: int | None = None) -> int:
    """Where the list of numbers begins that goes on at ``start``; its items have ``digits`` digits, if told."""
    for _ in range(_LONGEST_LIST):
        previous = _PREVIOUS.search(text, max(0, start - _BEFORE), start)
        if not previous or (digits and sum(c.isdigit() for c in previous[0]) != digits):
            break
        start = previous.start()
    return start
