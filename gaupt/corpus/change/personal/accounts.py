"""Names and numbers of accounts of QQ and WeChat, told from sentences about these programs."""

import re
from collections.abc import Callable

from gaupt.corpus.change.personal.surroundings import has_unit, is_in_address

MASK = "[账号]"

# Words for accounts; a character in front that stands in few texts is found faster than a set of them.
_WORD = re.compile("信(?<=[微薇威徽Vv]信)")
_COLON = re.compile("：(?<=[VvQqx]：)")
_ADD = re.compile("加(?:[VvQq]|wx)")
# Between word and account: the other programs that it is for, a sign, and marks of Markdown and HTML around it.
_ALSO = r"(?:\s?[/&和、]?\s?[(（]?(?:QQ|qq|微信|手机|电话|同号){1,4}号?[)）]?)?"
_JOINT = r"\s?(?P<joint>(?:[是为]?[:：=]|[是为（(])?)\s?"
_OPEN = r"(?:<\w{1,6}>)?[*`\"'“「【\[]{0,3}"
_CLOSE = r"[*`\"'”」】\]]{0,3}"
_NUMBER = rf"{_OPEN}(?:[①-⑩]\s?)?(?P<account>[1-9]\d{{4,11}})(?:(?=[Qq][Qq群])|(?![0-9A-Za-z_]|\.\d))"
_NAME_END = r"(?![A-Za-z0-9_-]|[.@]\w)"
# The set in front is what makes the search fast; what follows looks back at it.
_QQ = re.compile(
    r"[Qq扣企](?<![A-Za-z_].)(?:(?<=Q)Q|(?<=q)q|(?<=Q)(?=群)|(?<=[Qq])(?=：)|(?<=加[Qq])|(?<=扣)扣|(?<=企)鹅)"
    rf"\s?(?P<named>(?:交流|官方|读者)?群?(?:号码?)?)(?:[①-⑩]|[1-9一二三四五]群)?{_ALSO}{_JOINT}{_NUMBER}"
)
_WECHAT = re.compile(
    r"(?P<word>[微薇威徽VvWw加](?<![A-Za-z_].)(?:(?<=[微薇威徽Vv])信|(?<=[Ww])e[Cc]hat|(?<=加)(?:[Vv](?![A-Za-z])|wx)"
    r"|(?<![!-*,-~].)(?<![!-~] .)(?:(?<=V)X|(?<=v)x|(?<=w)x(?=：)|(?<=[Vv])(?=：))))"
    rf"\s?(?P<named>(?:[Ii][Dd](?![A-Za-z])|账?号码?)?){_ALSO}{_JOINT}{_OPEN}(?P<account>[A-Za-z][A-Za-z0-9_-]{{5,19}}|[1-9]\d{{4,11}}){_NAME_END}"
)
_MORE_NUMBERS = re.compile(
    rf"{_CLOSE}(?:\s?[（(][^（()）\d\n]{{1,6}}[)）])?\s?[、,，/和或及与;；|]\s?(?:[另还]有)?(?:[1-9一二三四五]?群)?[:：]?\s?(?!\d{{5}}\D){_NUMBER}"
)
_MORE_NAMES = re.compile(
    rf"{_CLOSE}\s?(?:[、,，/和或及与]|或者)\s?{_OPEN}(?P<account>(?=[A-Za-z-]*[0-9_])[A-Za-z][A-Za-z0-9_-]{{5,19}}){_NAME_END}"
)
_COPULAS = ("是", "为")
_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])[0-3]\d\Z")
_VERSION = re.compile(r"[Vv]\d+")
_OWNER = re.compile(r"[我你您他她的人师服板主理手长家工]\s?\Z")
_ASKED = re.compile(
    r"(?<![增参附追])[加搜](?:我|一?下|老师|客服|群主|作者|个人)?(?:的|个人)?\Z|(?:联系|添加)(?:[一-鿿]{0,3})\Z"
)
_HAN = re.compile("[一-鿿]")
_PROSE = re.compile(r"\s[A-Za-z]|\s?(?:[是的中与和及等客版功公平产用]|小程序)")
# Names of companies, systems and programs, and words of programs, are no accounts.
_KNOWN = re.compile(
    r"(?:tencent|weixin|wechat|android|iphone|ipados|macos|windows|linux|harmony|symbian|blackberry|google|facebook|whatsapp|telegram|twitter|instagram|messenger|microsoft"
    r"|linkedin|snapchat|alibaba|alipay|huawei|xiaomi|samsung|chrome|safari|github|javascript|docker|moments|openai|chatgpt|oauth|jssdk)[A-Za-z]*\d{0,2}\Z"
    r"|(?:openid|unionid|appid|app_id|appsecret|qrcode|python|required|optional|string|boolean|number|object|function|enabled?|disabled?|default|undefined|config|payment|plugin"
    r"|login|logout|official|account|public|private|mini-?program|interface|return|module|import|export|require|client|server|service|system|mobile|browser|desktop|version|update)s?\Z",
    re.IGNORECASE,
)


def mask_accounts(text: str) -> str:
    """``text`` with numbers and names of accounts masked."""
    if not _holds_word(text):
        return text
    text = _mask(text, _QQ, _MORE_NUMBERS, _is_number_of_someone)
    return _mask(text, _WECHAT, _MORE_NAMES, _is_name_of_someone)


def _holds_word(text: str) -> bool:
    """Whether a word for an account stands anywhere; most texts get no farther, so that this is made for speed."""
    return (
        "QQ" in text
        or "qq" in text
        or "VX" in text
        or "vx" in text
        or "eChat" in text
        or "echat" in text
        or ("信" in text and _WORD.search(text) is not None)
        or ("：" in text and _COLON.search(text) is not None)
        or ("加" in text and _ADD.search(text) is not None)
        or ("群" in text and "Q群" in text)
        or ("扣" in text and "扣扣" in text)
        or ("鹅" in text and "企鹅" in text)
    )


def _mask(
    text: str, first: re.Pattern[str], more: re.Pattern[str], is_of_someone: Callable[[re.Match[str]], bool]
) -> str:
    """``text`` with the accounts masked that ``first`` finds, and those that go on their list as ``more`` says."""
    pieces = []
    done = 0
    for match in first.finditer(text):
        if match.start() < done or not is_of_someone(match):
            continue
        account: re.Match[str] | None = match
        while account:
            pieces += [text[done : account.start("account")], MASK]
            done = account.end("account")
            account = more.match(text, done)
            if account and has_unit(text, account.end()):
                account = None
    return "".join([*pieces, text[done:]]) if pieces else text


def _is_number_of_someone(match: re.Match[str]) -> bool:
    text, number, end = match.string, match["account"], match.end("account")
    if has_unit(text, end) or is_in_address(text, match.start(), end):
        return False
    if match["joint"] in _COPULAS:
        return _is_said_of_an_account(match)
    return bool(match["joint"]) or (len(number) >= 6 and not _DATE.match(number))


def _is_name_of_someone(match: re.Match[str]) -> bool:
    text, name, end = match.string, match["account"], match.end("account")
    joint, named = match["joint"], match["named"]
    if _KNOWN.match(name) or is_in_address(text, match.start(), end):
        return False
    if name.isdigit() and (has_unit(text, end) or _DATE.match(name)):
        return False
    if joint in _COPULAS:
        return _is_said_of_an_account(match)
    has_digit = any(c.isdigit() for c in name)
    if match["word"][-1] == "t":  # wechat is a word of programs too
        return has_digit or bool(named) or (joint.endswith("：") and name.islower())
    if named or (joint and (has_digit or "_" in name or "-" in name)):
        return True
    usual = name[1:].islower() and not _PROSE.match(text, end)
    if joint:
        return usual and (name.islower() or not _HAN.match(text, end))
    if _ASKED.search(text, max(0, match.start() - 8), match.start("word")) or match["word"].startswith("加"):
        return has_digit or "_" in name or "-" in name or (name.islower() and usual)
    return (has_digit and not name[-1].isalpha() and not _VERSION.fullmatch(name)) or "_" in name


def _is_said_of_an_account(match: re.Match[str]) -> bool:
    """After 是 and 为 stands a predicate, unless the account is named as such or somebody's, or its name is no word."""
    name = match["account"]
    if match["named"] or "_" in name:
        return True
    if _OWNER.search(match.string, max(0, match.start() - 2), match.start()):
        return name == name.lower()
    return any(c.isdigit() for c in name) and not _HAN.match(match.string, match.end("account"))
