"""Characters that stand for another one: radicals, private use, and the small, vertical and half-width forms."""

import re
import unicodedata
from functools import cache

from gaupt.text.characters import Counts, Kind

# Equivalent_Unified_Ideograph of Unicode for U+2E80 to U+2EF3; the first, ⺀, and ⺚ (unassigned) have none.
_SUPPLEMENT = (
    "⺀厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵⺚旡日月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿肉𦥑艹艹艹虎"
    "衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟"
)
# Private-use characters of GB 18030-2000 and GBK that have become characters of Unicode since, by their ranges.
_GB18030 = {
    0xE5E5: "\u3000",
    0xE76C: "€",
    0xE78D: "︐︒︑︓︔︕︖︗︘︙",
    0xE7C7: "ḿǹ",
    0xE815: "⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱䎬⺻䏝䓖䙡䙌龹䜣䜩䝼䞍⻊",
    0xE849: "䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻",
    # Bullets and ticks of the fonts Symbol and Wingdings, as word processors and PDF leave them.
    0xF06C: "●",
    0xF06E: "■",
    0xF075: "◆",
    0xF076: "❖",
    0xF0A7: "▪",
    0xF0B7: "•",
    0xF0D8: "➢",
    0xF0FC: "✓",
}
_PRIVATE = re.compile("[\ue000-\uf8ff]")
# Any other private-use character between two digits stood for a point or a dash: without it they are one number.
_PRIVATE_IN_NUMBER = re.compile("(?<=[0-9０-９])[\ue000-\uf8ff](?=[0-9０-９])")

_SMALL = str.maketrans(
    "﹐﹑﹒﹔﹕﹖﹗﹘﹙﹚﹛﹜﹝﹞﹟﹠﹡﹢﹣﹤﹥﹦﹨﹩﹪﹫", "，、．；：？！—（）｛｝〔〕#&*+-<>=\\$%@"
)
_SMALL_END = re.compile("(?<=[^\\W\\d_])﹒(?=$|[\n”’」』）\\s])")
_SMALL_IN_NUMBER = re.compile("(?<=[0-9])[﹐﹒﹕](?=[0-9])")
# ︰ is what Taiwan and Hong Kong type for the colon; a lone ︱ is what people type for a bar.
_VERTICAL = str.maketrans("︐︑︒︓︔︕︖︰︲", "，、。：；！？：–")
_LONG_VERTICAL = re.compile("︱︱|︙︙|(?<=[\\w）】》」])︱(?=[\\w（【《「])")
_LONG = {"︱︱": "——", "︙︙": "……", "︱": "｜"}
# Vertical brackets in pairs around words; alone they are the arms and eyes of faces: (︶︿︶)
_BRACKETS = re.compile(
    "︵(?=\\w)([^︵︶\n]{1,80})︶|︷(?=\\w)([^︷︸\n]{1,80})︸|︹(?=\\w)([^︹︺\n]{1,80})︺|︻(?=\\w)([^︻︼\n]{1,80})︼"
    "|︽(?=\\w)([^︽︾\n]{1,80})︾|︿(?=\\w)([^︿﹀\n]{1,80})﹀|﹁([^﹁﹂\n]{1,200})﹂|﹃([^﹃﹄\n]{1,200})﹄"
    "|｢([^｢｣\n]{1,200})｣|﹇(?=\\w)([^﹇﹈\n]{1,80})﹈|︗(?=\\w)([^︗︘\n]{1,80})︘"
)
_OPENING = dict(zip("︵︷︹︻︽︿﹁﹃﹇︗｢", "（｛〔【《〈「『［〖「", strict=True))
_CLOSING = dict(zip("︶︸︺︼︾﹀﹂﹄﹈︘｣", "）｝〕】》〉」』］〗」", strict=True))
# Half-width marks after a word, and runs of half-width katakana; ｡ and ﾉ alone are parts of faces as well: (｡･ω･｡)ﾉ
_HALF = re.compile(
    "(?<=[\\w”’）」』》％%])[｡､](?=[\\w\\s“‘（「『《]|$)|(?<=\\w)･(?=\\w)|[ｦ-ｯｱ-ﾝ][ｦ-ﾟ]*[ｦ-ｯｱ-ﾝ][ｦ-ﾟ]*"
)
NESTED = 3
"""Depth of the brackets that are turned."""


def from_private_use(text: str) -> str:
    """``text`` with the characters that Unicode has by now for private-use ones of GB 18030 and of bullet fonts."""
    if _PRIVATE.search(text) is None:
        return text
    return _PRIVATE_IN_NUMBER.sub("□", text.translate(_private_use()))


def unify(text: str, counts: Counts) -> str:
    """``text`` with the usual characters for their variants. ``counts`` as `characters.count` gives.

    Radicals become ideographs; small, vertical and half-width marks become full-width ones, or ASCII inside of
    numbers; those of faces stay: ``(︶︿︶)``.
    """
    text = text.translate(_radicals(traditional=counts[Kind.TRADITIONAL] > 0))
    text = _SMALL_IN_NUMBER.sub(_narrow, text)
    text = _SMALL_END.sub("。", text).translate(_SMALL).translate(_VERTICAL)
    text = _LONG_VERTICAL.sub(lambda match: _LONG[match[0]], text)
    for _ in range(NESTED):
        text = _BRACKETS.sub(_pair, text)
    return _HALF.sub(_narrow, text)


def _narrow(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match[0])


def _pair(match: re.Match[str]) -> str:
    return f"{_OPENING[match[0][0]]}{match[0][1:-1]}{_CLOSING[match[0][-1]]}"


@cache
def _private_use() -> dict[int, str]:
    return {
        first + place: character
        for first, characters in _GB18030.items()
        for place, character in enumerate(characters)
    }


@cache
def _radicals(traditional: bool) -> dict[int, str]:
    kangxi = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
    table = kangxi | {0x2E80 + place: character for place, character in enumerate(_SUPPLEMENT)}
    table[ord("⾭")] = "青"
    if not traditional:
        table[ord("⼾")] = "户"  # where PDF files of simplified text have it, as in ⽤⼾
    return table
