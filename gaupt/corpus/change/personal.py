"""Personal data, masked with a word that says what stood there. Chinese has no spaces, so no ``\\b``."""

import re
from collections.abc import Callable

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])(?!git@)[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}[@＠](?:[A-Za-z0-9-]{1,63}\.){1,8}(?!(?:png|jpe?g|gif|webp|svg)(?![A-Za-z]))[A-Za-z]{2,24}"
)
# Whatever may be a number of one of the kinds below: one pass finds the few places where they are tried.
_NUMBER = re.compile(r"[+(（0-9](?<![0-9A-Za-z.][0-9])[0-9 .()（）+—–-]{5,31}[0-9Xx](?![0-9A-Za-z])")
_EDGES = (r"(?<![0-9A-Za-z.])", r"(?![0-9A-Za-z])(?!\.\d)")
_CHINA = r"[(（]?(?:\+|00)?86[)）]?[ -]?"
_IDENTITY = re.compile(
    _EDGES[0]
    + r"[1-9]\d{5} ?(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]) ?\d{3}[\dXx]"
    + _EDGES[1]
)
_MOBILE = re.compile(_EDGES[0] + rf"(?:{_CHINA})?1[3-9]\d[ -]?\d{{4}}[ -]?\d{{4}}" + _EDGES[1])
_AREA = r"(?:10|2\d|[3-9]\d{2})"
_LOCAL = r"[2-8]\d{2,3}[- ]?\d{4}(?: ?[-转] ?\d{1,5})?"
_LANDLINE = re.compile(
    rf"(?<![0-9A-Za-z.-])(?:{_CHINA}0?{_AREA}[- ]|0{_AREA}(?: ?[-—–] ?| )|[(（]0{_AREA}[)）] ?){_LOCAL}(?![0-9A-Za-z-])"
)
# A number without its area code is one only after a word that says so; eight digits may be a date, or a count.
_LOCAL_NUMBER = re.compile(rf"(?!(?:19|20)\d\d[01]\d)(?:0{_AREA})?{_LOCAL}(?![0-9-])")
_PHONE_WORD = re.compile(r"(?:电话|座机|传真|热线|[Tt]el|TEL|[Ff]ax|FAX)(?:号码?)?[.]?\s*[:：是为]?\s*$")
_COUNT_WORDS = tuple("部台门户个万亿")
_CARD = re.compile(_EDGES[0] + r"(?:[3-6]\d{3}(?:[ -]\d{4}){3}(?:[ -]\d{1,3})?|[3-6]\d{14,18})" + _EDGES[1])
_BYTE = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IP = re.compile(rf"{_EDGES[0]}{_BYTE}\.{_BYTE}\.{_BYTE}\.{_BYTE}{_EDGES[1]}")
# This host, private networks, multicast and net masks are addresses of no one in particular.
_NO_ONE = re.compile(r"0\.|10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|22[4-9]\.|2[3-5]\d\.")
# Words before four numbers with dots that are a version or a section, no address.
_VERSION = re.compile(
    r"(?:版本|版|[Vv]ersion|[Vv]er\.?|[Vv]|第|章|节|条|编号|标准|固件|内核|[Rr]elease)\s*(?:号|为|是)?\s*[:：]?\s*$"
)
_ACCOUNT = re.compile(
    # The set in front is what makes the search fast; what follows looks back at it.
    r"(?P<name>[Qq微WwVv加搜](?<![A-Za-z].)(?:"
    r"(?:(?<=Q)Q群?|(?<=q)q群?|(?<=微)信号?|(?<=[Ww])e[Cc]hat|(?<=V)X|(?<=v)x|(?<=V)信)\s*(?:号码?|群)?\s*[:：是为]\s*"
    r"(?=[1-9]\d{4,11}(?![0-9A-Za-z])|[A-Za-z][A-Za-z0-9_-]{5,19}(?![0-9A-Za-z]))"
    r"|(?:(?<=Q)Q群?|(?<=q)q群?)\s*(?:号码?)?\s*(?=[1-9]\d{5,11}(?![0-9A-Za-z]))"
    r"|(?<=[加搜])(?:微信号?|VX|vx|V信)\s*(?=[A-Za-z_-]*\d)(?=[A-Za-z][A-Za-z0-9_-]{5,19}(?![0-9A-Za-z]))"
    r"))[A-Za-z0-9_-]+"
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def mask_personal_data(text: str) -> str:
    """``text`` with e-mail addresses, identity-card, phone, bank-card and IP numbers and account names masked."""
    if "@" in text or "＠" in text:
        text = "\n".join(
            _EMAIL.sub("[邮箱]", line) if "@" in line or "＠" in line else line for line in text.split("\n")
        )
    text = _NUMBER.sub(_mask_number, text)
    if any(word in text for word in ("QQ", "微信", "qq", "hat", "VX", "vx", "V信")):
        text = _ACCOUNT.sub(r"\g<name>[账号]", text)
    return text


def is_identity_number(number: str) -> bool:
    """Whether the check character of an 18-digit identity-card number is right (GB 11643-1999)."""
    number = number.replace(" ", "")
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == number[17].upper()


def is_card_number(number: str) -> bool:
    """Whether the check digit of a bank-card number is right (Luhn, ISO/IEC 7812-1)."""
    digits = [int(c) for c in number if c.isdigit()]
    total = sum(d if i % 2 == 0 else d * 2 - 9 * (d > 4) for i, d in enumerate(reversed(digits)))
    return total % 10 == 0


def _mask_number(match: re.Match[str]) -> str:
    found = match[0]
    if found.count(".") >= 3:
        before = match.string[max(0, match.start() - 12) : match.start()]
        if not match.string.startswith(("版", "节", " 节", "章"), match.end()):  # as `_VERSION`, behind
            found = _IP.sub(lambda ip: _mask_ip(ip, before), found)
    found = _IDENTITY.sub(_if(is_identity_number, "[身份证号]"), found)
    found = _MOBILE.sub("[手机号]", found)
    found = _CARD.sub(_if(is_card_number, "[银行卡号]"), found)
    found = _LANDLINE.sub("[电话]", found)
    if (
        (local := _LOCAL_NUMBER.match(found))
        and _PHONE_WORD.search(match.string[max(0, match.start() - 12) : match.start()])
        and not match.string.startswith(_COUNT_WORDS, match.end())
    ):
        found = "[电话]" + found[local.end() :]
    return found


def _if(holds: Callable[[str], bool], mask: str) -> Callable[[re.Match[str]], str]:
    return lambda match: mask if holds(match[0]) else match[0]


def _mask_ip(match: re.Match[str], before: str) -> str:
    address = match[0]
    of_no_one = _NO_ONE.match(address) is not None
    of_version = _VERSION.search(before + match.string[: match.start()]) is not None
    return address if of_no_one or of_version else "[IP]"
