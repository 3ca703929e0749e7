"""Addresses on the internet (IPv4), told from sections and versions, which are four numbers with dots too."""

import re

from gaupt.corpus.change.personal.surroundings import before, url_before

_BYTE = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
IP = re.compile(rf"(?<![0-9A-Za-z.]){_BYTE}\.{_BYTE}\.{_BYTE}\.{_BYTE}(?![0-9A-Za-z])(?!\.\d)")

# Private, shared, local, multicast and reserved ranges, masks, whole networks and public resolvers are no one's.
_NO_ONE = re.compile(
    r"0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|22[4-9]\.|2[3-5]\d\."
    r"|.*\.(?:0|255)\Z|(?:8\.8\.8\.8|8\.8\.4\.4|1\.1\.1\.1|1\.0\.0\.1|9\.9\.9\.9|4\.2\.2\.[1-6]|114\.114\.11[45]\.11[0459]|223\.[56]\.[56]\.[56]|119\.29\.29\.29"
    r"|180\.76\.76\.76|208\.67\.22[02]\.22[02]|1\.2\.4\.8)\Z"
)
_JOINT = r"[\s:：=是为在（(「“\"'`|\[@]*"
_OF_A_NETWORK = re.compile(
    r"(?:IP|地址|服务器|主机|域名|网关|节点|代理|名单|来源|来自|解析到|指向|访问|登录|连接|(?<![a-z])(?:ip(?:v4)?|address(?:es)?|host(?:name)?|(?:name)?server|dns\d?|gateway|inet|addr"
    r"|ping|ssh|telnet|curl|wget|nmap|dig|whois|traceroute|from|to|via|at|peer|client|remote|connect(?:ed|ion)?|proxy|src|dst|listen)(?![a-z]))"
    rf"[^\da-z\n。；;]{{0,8}}?{_JOINT}\Z",
    re.IGNORECASE,
)
_OF_A_VERSION = re.compile(
    r"(?:版本?|(?<![A-Za-z])(?:version|ver\.?|v|release|build)|第|[章节条款表图式]|编号|标准|规定|固件|内核|驱动|补丁|升级[到至]?|更新[到至]?)"
    rf"\s*(?:号|为|是)?{_JOINT}\Z",
    re.IGNORECASE,
)
# A name of a program in Latin letters: `Flash Player 11.2.202.235`, `libfoo-2.17.0.55`.
_OF_A_PROGRAM = re.compile(r"[A-Za-z][A-Za-z0-9+#.]*[ _/-]?\Z")
_OF_A_PRODUCT = re.compile(r"(?<![A-Za-z0-9.])[A-Z][A-Za-z0-9+#]+ ?\Z|[A-Za-z0-9][_/-]\Z")
_VERSION_BEHIND = re.compile(r"\s?(?:版|节|章|条|款|小节|固件|内核|驱动|补丁|安装包)|[-_+.~][A-Za-z]")
_PORT = re.compile(r":\d{2,5}(?!\d)|/\d{1,2}(?!\d)")
_PATH = re.compile(r"(?:.*://)?+[^/]*/")
"""A URL or a path that goes on behind its host."""


def is_address_of_someone(match: re.Match[str]) -> bool:
    """Whether four numbers with dots are an address, and one that may belong to a person.

    Sections and versions have small numbers, addresses rarely: the fewer digits there are, the more the words
    around must say that an address is meant.
    """
    text, (start, end) = match.string, match.span()
    if _NO_ONE.match(match[0]) or _PATH.match(url_before(text, start)):
        return False
    head = before(text, start)
    if _OF_A_VERSION.search(head) or _VERSION_BEHIND.match(text, end):
        return False
    if _OF_A_NETWORK.search(head) or _PORT.match(text, end):
        return True
    digits = len(match[0]) - 3
    if digits >= 8 and not _OF_A_PRODUCT.search(head):
        return True
    return digits >= 7 and not _OF_A_PROGRAM.search(head)
