"""What MediaWiki's templates show in the text: words, signs, quotations, lists, values.

Names and order of arguments are those of the Chinese Wikipedia; most are the same in the English one and in Wikisource.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from gaupt.corpus.read import wikivalues as values
from gaupt.corpus.read.wikivalues import Given, Named

_NAME = re.compile(r"[^\W\d][\w -]*+|\d{1,2}+")
_PREFIX = re.compile(r"(?:(?:safe)?subst|template|模板)\s*+:\s*+")
_LINK = re.compile(r"link-[a-z-]++|internal link helper(?:/.*+)?+")
_LANGUAGE = re.compile(r"(?:lang|ruby|ipa)-[a-z-]++")
_FUNCTION = re.compile(r"\s*+(formatnum|lc|uc|lcfirst|ucfirst)\s*+[:：](.*+)", re.DOTALL | re.IGNORECASE)

_NO_WORDS = re.compile(
    r"#.*|.*:.*|(?:r|rp|ref|note|notetag|audio|main|see ?also|listen|image|注|註|注释|註釋|注釋|备注|備註)(?: .*)?|"
    r"(?:sfn|efn|refn|harv|cite|citation|anchor|flag ?icon|coord|age|ipac-|multiple image|noteta).*",
    re.DOTALL,
)
"""Templates that are no words of the sentence, whatever they hold: footnotes, sounds, pictures, places on the map."""
_WORDS = re.compile(r"[^<>{}\[\]\n]{1,40}+")
_HAN_OR_DIGIT = re.compile(r"[\d\u3400-\u9fff\U00020000-\U0003ffff]")

_LONGEST_NAME = 60

_Shown = Callable[[Given, Named], str]


def template_text(content: str) -> str:
    """What ``{{content}}`` shows in the text; empty for templates that show no words, and for unknown ones."""
    name, bar, arguments = content.partition("|")
    if (":" in name or "：" in name) and (function := _FUNCTION.fullmatch(name)) is not None:
        return _function(function[1].lower(), function[2].strip())
    shown = _called(name) if len(name) <= _LONGEST_NAME else None
    return shown(*_parsed(arguments.split("|") if bar else [])) if shown is not None else ""


@lru_cache(maxsize=10_000)
def _called(name: str) -> _Shown | None:
    """What a template of this name shows of its arguments; None: nothing."""
    name = name.strip()
    if name in _COUNTRIES:
        return _always(_COUNTRIES[name])
    name = _PREFIX.sub("", name.lower().replace("_", " "), count=1)
    if _LINK.fullmatch(name):
        return _of(3, 1)
    return _language if _LANGUAGE.fullmatch(name) else _TEMPLATES.get(name)


def unknown_text(content: str) -> str:
    """What a template of which nothing is known probably shows in the middle of a sentence; empty: nothing.

    It is the last argument without a name, if that is short and holds Chinese or digits: ``{{装饰|red|红}}``.
    """
    name, *arguments = content.split("|")
    if _NO_WORDS.fullmatch(name.strip().lower().replace("_", " ")):
        return ""
    given, _ = _parsed(arguments)
    if given and _WORDS.fullmatch(given[-1]) and _HAN_OR_DIGIT.search(given[-1]):
        return given[-1]
    return ""


def _parsed(arguments: Sequence[str]) -> tuple[Given, Named]:
    given, named = list[str](), dict[str, str]()
    for argument in arguments:
        key, equals, words = argument.partition("=")
        key = key.strip().lower()
        if not equals or _NAME.fullmatch(key) is None:
            given.append(argument.strip())
        elif not key.isdecimal():
            named[key] = words.strip()
        elif 0 < int(key) <= 20:
            given += [""] * (int(key) - len(given))
            given[int(key) - 1] = words.strip()
    return given, named


def _function(name: str, words: str) -> str:
    """A function of the parser. Numbers stay as they are written."""
    match name:
        case "lc":
            return words.lower()
        case "uc":
            return words.upper()
        case "lcfirst":
            return words[:1].lower() + words[1:]
        case "ucfirst":
            return words[:1].upper() + words[1:]
        case _:
            return words


def _of(*places: int) -> _Shown:
    """The first argument that is given of those at ``places``, counted from 1."""
    return lambda given, _: next((given[n - 1] for n in places if len(given) >= n and given[n - 1]), "")


def _of_name(*names: str) -> _Shown:
    """The first argument without a name, or else the first that is given of those called so."""
    first = _of(1)
    return lambda given, named: first(given, named) or next(filter(None, map(named.get, names)), "")


def _last(given: Given, _: Named) -> str:
    return next(filter(None, reversed(given)), "")


def _around(before: str, after: str = "") -> _Shown:
    first = _of(1)
    return lambda given, named: before + first(given, named) + after


def _always(sign: str) -> _Shown:
    return lambda _given, _named: sign


def _joined(between: str) -> _Shown:
    return lambda given, _: between.join(filter(None, given))


def _block(shown: _Shown) -> _Shown:
    return lambda given, named: f"\n{shown(given, named)}\n"


_language = _of_name("s", "t", "j", "kj", "hg", "k", "hangul", "hanja", "v")


def _japanese(given: Given, _: Named) -> str:
    words, original, *_rest = *given, "", ""
    return f"{words}（{original}）" if words and original else words or original


_COUNTRIES: dict[str, str] = {
    code: name
    for name, codes in re.findall(
        r"([^A-Z ]+) ([A-Z ]+)",
        "阿根廷 ARG 澳大利亚 AUS 奥地利 AUT 比利时 BEL 巴西 BRA 加拿大 CAN 瑞士 CHE SUI 智利 CHI 中国 CHN "
        "哥伦比亚 COL 古巴 CUB 捷克 CZE 丹麦 DEN 德国 DEU GER 埃及 EGY 英格兰 ENG 西班牙 ESP 芬兰 FIN 法国 FRA "
        "英国 GBR 希腊 GRE 香港 HKG 匈牙利 HUN 印度尼西亚 IDN 印度 IND 爱尔兰 IRL 伊朗 IRN 伊拉克 IRQ 以色列 ISR "
        "意大利 ITA 日本 JPN 韩国 KOR 澳门 MAC 马来西亚 MAS MYS 墨西哥 MEX 蒙古国 MGL 荷兰 NED NLD 挪威 NOR "
        "新西兰 NZL 巴基斯坦 PAK 菲律宾 PHI PHL 波兰 POL 葡萄牙 POR 中华人民共和国 PRC 朝鲜 PRK 中华民国 ROC "
        "罗马尼亚 ROU 俄罗斯 RUS 苏格兰 SCO 新加坡 SGP SIN 瑞典 SWE 泰国 THA 土耳其 TUR 台湾 TWN 乌克兰 UKR "
        "苏联 URS 美国 USA 越南 VIE VNM 南非 ZAF",
    )
    for code in codes.split()
}
"""What ``{{JPN}}`` shows beside the flag."""


def _country(given: Given, _: Named) -> str:
    name = given[0] if given else ""
    return _COUNTRIES.get(name.upper(), name)


_TEMPLATES: dict[str, _Shown] = {
    name: shown
    for names, shown in (
        # Links to other Wikipedias, words of other languages
        ("le, ilh", _of(3, 1)),
        ("tsl, translink", _of(4, 3)),
        ("ill, illm, interlanguage link", lambda given, named: named.get("lt") or _of(1)(given, named)),
        (
            "lang, langx, rtl-lang, script, font color, sort, legend, background color, rquote, resize, url",
            _of(2, 1),
        ),
        ("transl, transliteration, font, color, colour, fgcolor, 颜色, 顏色", _last),
        ("jpn, lj, kor, korean, vie, zh, ruby", _language),
        ("nihongo, nihongo3", _japanese),
        (
            "lan, vlang, 地区用词, 地區用詞",
            _of_name(
                "zh-cn", "zh-hans", "cn", "hans", "zh-sg", "zh", "zh-hant", "zh-tw", "zh-hk", "大陆", "大陸"
            ),
        ),
        # Words in another dress, rare characters, words that somebody doubts
        (
            "nowrap, nobr, nobreak, nwr, small, smaller, big, bigger, larger, large, huge, b, bold, "
            "strong, i, em, it, italic, u, underline, overline, del, s, strike, ins, code, tt, mono, "
            "mvar, math, var, kbd, samp, abbr, abbrv, tooltip, hover title, red, green, blue, orange, "
            "purple, gray, grey, pink, brown, unicode, ipa, pua, sic, sub, text, nobold, noitalic, "
            "highlight, xt, tq, vanchor, visible anchor, smallcaps, sc, dfn, term, char, normal, "
            "tmath, as written, chem2, ce, nts, num, number, date, birth-date, death-date, flagu, !!, "
            "僻字, 另, 专名号, 專名號, fact, cn, citation needed, 来源请求, 來源請求",
            _of(1),
        ),
        ("sup", _around("<sup>", "</sup>")),
        ("su", lambda _, named: named.get("b", "") + named.get("p", "")),
        ("chem, linktext, mp", _joined("")),
        ("key, keypress, key press", _joined("+")),
        ("simplenuclide, simplenuclide2", _joined("-")),
        ("sortname", lambda given, _: " ".join(filter(None, given[:2]))),
        ("isbn", _around("ISBN ")),
        # Lists and quotations
        ("hlist", _joined("、")),
        ("ubl, ublist, unbulleted list, bulleted list", _block(_joined("\n"))),
        ("plainlist, flatlist, columns-list, columns list, column list, colist", _block(_last)),
        (
            "quote, cquote, bquote, blockquote, quotation, pull quote, pquote, 引用, 引文, poem, "
            "poemquote, center, centered, block indent",
            _block(_of_name("text", "quote", "content")),
        ),
        ("align", _block(_last)),
        # Values
        ("convert, conv, 换算, 換算", values.quantity),
        ("cvt", values.short_quantity),
        ("val", values.value),
        ("gaps", values.digits),
        ("frac, fraction, sfrac, 分数, 分數", values.fraction),
        ("e, x10^, e10", values.power_of_ten),
        ("±, pm, +-", _around("±")),
        ("sqrt, √, radic", _around("√")),
        ("rmb, cny, ¥, ￥, jpy, jp¥, yen", _around("¥")),
        ("usd, us$", _around("US$")),
        ("hk$, hkd", _around("HK$")),
        ("nt$, ntd, twd", _around("NT$")),
        ("a$, aud", _around("A$")),
        ("eur, euro, €", _around("€")),
        ("gbp, £", _around("£")),
        ("krw, ₩", _around("₩")),
        ("inr, ₹", _around("₹")),
        ("bd, 生卒", values.life),
        ("circa, c., ca, ca., 约, 約", values.circa),
        ("floruit, fl., fl", _around("活跃于")),
        ("reign, r.", values.reign),
        ("as of, asof, 截至", lambda given, named: "截至" + values.date(given, named)),
        (
            "start date, end date, start date and age, end date and age, birth date, "
            "birth date and age, bda, birth year and age, death date, death date and age, dda, "
            "death year and age, film date, release date, dts, 生日, 出生日期, 出生日期和年龄, "
            "出生日期和年齡, 死亡日期, 死亡日期和年龄, 死亡日期和年齡, 日期",
            values.date,
        ),
        ("oldstyledate, old style date", values.old_style),
        ("age, 年龄, 年齡", values.age),
        # Signs; a bar and an equals sign so that no template takes them for its own. With an argument, {{!}} is
        # Wikisource's for rare characters.
        ("!", lambda given, _: given[0] if given else "&#124;"),
        ("=", _always("&#61;")),
        ("·, •, dot, bullet, middot", _always("·")),
        ("ndash, endash, en dash, –", _always("–")),
        ("mdash, emdash, mdashb, em dash, —", _always("—")),
        ("snd, spaced ndash", _always(" – ")),
        ("nbsp, space, spaces, thinsp, thin space, gap", _always(" ")),
        ("minus, −", _always("−")),
        ("pi", _always("π")),
        ("'", _always("'")),
        ('"', _always('"')),
        ("〈", _always("〈")),
        ("〉", _always("〉")),
        ("flag, flagcountry, 国旗, 國旗", _country),
    )
    for name in names.split(", ")
}
