"""E-mail addresses, told from logins, decorators, versions of packages and other uses of the sign."""

import re

from gaupt.corpus.change.personal.surroundings import url_before

MASK = "[邮箱]"

SIGNS = "@＠"
"""What stands in every address."""
_SIGN = re.compile(f"[{SIGNS}]")
_LOCAL_BACKWARDS = re.compile(r"[A-Za-z0-9._%+-]*[A-Za-z0-9_](?![A-Za-z0-9._%+-])")
_LONGEST_LOCAL = 64
# What follows may stand without a space: the next item of a list, or the next account.
_DOMAIN = re.compile(
    r"(?!\d+[.．]\d)(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}[.．]){1,8}[A-Za-z]{2,24}?(?=QQ|\d[.、]|[^A-Za-z0-9]|\Z)"
)
_DOT = re.compile("[.．]")
# Countries have two letters; so have files of code.
_TOP_LEVEL = re.compile(
    r"(?:com|net|org|edu|gov|mil|int|info|biz|name|pro|mobi|asia|aero|museum|coop|jobs|tel|travel|top|xyz|vip|club|site|online|tech|dev|app|wang|ink|ren|link|shop"
    r"|store|cloud|email|ltd|group|work|live|life|world|news|media|fun|icu|studio|design|space|website|art|blog|chat|team|center|company|network"
    r"|(?!js|ts|py|rb|go|cs|hs|kt|gz|xz|vb)[a-z]{2})",
    re.IGNORECASE,
)
_NOBODY = ("git", "this", "super", "return", "self")
_NAMES_OF_CIPHERS = ("openssh.com", "libssh.org")
_LOGIN = re.compile(r"(?<![A-Za-z])(?:ssh|scp|sftp|rsync|mosh|ssh-copy-id)(?![A-Za-z])[ -~]{0,60}\Z")
_LOGGED_IN = re.compile(r"\(|:(?:[~/.]|[\w.-]+/)|:?[ ]?[~/][\w/.-]*\]?[ ]?[#$]|[#$]\s")


def mask_emails(text: str) -> str:
    """``text`` with e-mail addresses masked."""
    pieces = []
    done = 0
    for sign in _SIGN.finditer(text):
        found = _address(text, sign.start())
        if found and found[0] >= done:
            start, end = found
            pieces += [text[done:start], MASK]
            done = end
    return "".join([*pieces, text[done:]]) if pieces else text


def _address(text: str, sign: int) -> tuple[int, int] | None:
    """Where the address around the sign begins and ends, if it is one."""
    local = _LOCAL_BACKWARDS.match(text[max(0, sign - _LONGEST_LOCAL - 1) : sign][::-1])
    domain = _DOMAIN.match(text, sign + 1)
    if not local or not domain or len(local[0]) > _LONGEST_LOCAL:
        return None
    name, start, end = local[0][::-1], sign - len(local[0]), domain.end()
    if (
        name in _NOBODY
        or domain[0] in _NAMES_OF_CIPHERS
        or not _TOP_LEVEL.fullmatch(_DOT.split(domain[0])[-1])
        or _is_login(text, start, end)
    ):
        return None
    return start, end


def _is_login(text: str, start: int, end: int) -> bool:
    """Whether a user of a machine is meant, or a piece of a URL other than a parameter."""
    head = url_before(text, start)
    return (
        ("://" in head and not head.endswith(("=", "mailto:", "mailto://")))
        or _LOGGED_IN.match(text, end) is not None
        or _LOGIN.search(text, max(0, start - 80), start) is not None
    )
