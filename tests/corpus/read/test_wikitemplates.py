"""What templates show: their names, how their arguments are read, and which of them are words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.corpus.read.wikitemplates import template_text, unknown_text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("lang-en|Taocheng", "Taocheng"),
        ("langx|en|Taocheng", "Taocheng"),
        ("lang|ja|陶", "陶"),
        ("jpn|j=陶城|hg=すえ", "陶城"),
        ("lang|陶", "陶"),
        ("lang|ja|", "ja"),
        ("zh|陶|s=城", "陶"),
        ("ruby", ""),
        ("nihongo|陶城|陶の城|Sue", "陶城（陶の城）"),
        ("nihongo|陶城", "陶城"),
        ("nihongo||陶の城", "陶の城"),
        ("nihongo", ""),
        ("le|陶城|Taocheng", "陶城"),
        ("link-en|陶城|Taocheng", "陶城"),
        ("link-en|陶城|Taocheng|", "陶城"),
        ("link-en|陶城 (县)|Taocheng|陶城", "陶城"),
        ("internal link helper|陶城|Taocheng", "陶城"),
        ("internal link helper/en|陶城|Taocheng", "陶城"),
        ("tsl|en|Taocheng|陶城", "陶城"),
        ("tsl|en|Taocheng|陶城 (县)|陶城", "陶城"),
        ("ill|陶城|en|Taocheng", "陶城"),
        ("ill|陶城 (县)|en|Taocheng|lt=陶城", "陶城"),
        ("transl|zh|táo", "táo"),
        ("transl|zh|táo|", "táo"),
        ("transl", ""),
        ("ruby|陶|táo", "陶"),
        ("ruby-ja|陶|とう", "陶"),
        ("ipa-fr|tao", "tao"),
        ("僻字|𠮷|士+口", "𠮷"),
        ("!|𠮷|士+口", "𠮷"),
        ("nowrap|5,400米", "5,400米"),
        ("abbr|HTML|超文本标记语言", "HTML"),
        ("color|red|红", "红"),
        ("font color|red|红", "红"),
        ("sup|2", "<sup>2</sup>"),
        ("sub|2", "2"),
        ("chem|H|2|O", "H2O"),
        ("key|Ctrl|C", "Ctrl+C"),
        ("来源请求|陶城很大|time=2020-01-01", "陶城很大"),
        ("fact|time=2020-01-01", ""),
        ("hlist|甲||乙", "甲、乙"),
        ("columns-list|colwidth=30em|\n* 甲\n* 乙", "\n* 甲\n* 乙\n"),
        ("quote|学而时习之。|孔子", "\n学而时习之。\n"),
        ("cquote|text=学而时习之。", "\n学而时习之。\n"),
        ("cquote|quote=学而时习之。", "\n学而时习之。\n"),
        ("cquote|content=学而时习之。", "\n学而时习之。\n"),
        ("quote", "\n\n"),
        ("JPN", "日本"),
        ("flag|JPN", "日本"),
        ("flag|jpn", "日本"),
        ("flag|陶国", "陶国"),
        ("flag", ""),
        ("efn|注", ""),
        ("coord|31|12|N", ""),
        ("CURRENTYEAR", ""),
        ("某模板|甲", ""),
    ],
)
def test_what_a_template_shows(content: str, text: str) -> None:
    assert template_text(content) == text


KINDS = [  # names, arguments, and what these show
    ("le, ilh, link-ja", "|甲|B|丙", "丙"),
    ("tsl, translink", "|en|B|丙|丁", "丁"),
    ("ill, illm, interlanguage link", "|甲|en|B|lt=丙", "丙"),
    (
        "lang, langx, rtl-lang, script, font color, sort, legend, background color, rquote, resize, url",
        "|甲|乙|丙",
        "乙",
    ),
    ("transl, transliteration, font, color, colour, fgcolor, 颜色, 顏色", "|甲|乙|丙", "丙"),
    ("jpn, lj, kor, korean, vie, zh, ruby, lang-ja, ipa-ja", "|v=甲", "甲"),
    ("nihongo, nihongo3", "|甲|乙", "甲（乙）"),
    ("lan, vlang, 地区用词, 地區用詞", "|zh-tw=乙|zh-cn=甲", "甲"),
    (
        "nowrap, nobr, nobreak, nwr, small, smaller, big, bigger, larger, large, huge, b, bold, strong, i, em, it, "
        "italic, u, underline, overline, del, s, strike, ins, code, tt, mono, mvar, math, var, kbd, samp, abbr, "
        "abbrv, tooltip, hover title, red, green, blue, orange, purple, gray, grey, pink, brown, unicode, ipa, pua, "
        "sic, sub, text, nobold, noitalic, highlight, xt, tq, vanchor, visible anchor, smallcaps, sc, dfn, term, "
        "char, normal, tmath, as written, chem2, ce, nts, num, number, date, birth-date, death-date, flagu, !!, !, "
        "僻字, 另, 专名号, 專名號, fact, cn, citation needed, 来源请求, 來源請求",
        "|甲|乙",
        "甲",
    ),
    ("sup", "|2", "<sup>2</sup>"),
    ("su", "|b=2|p=+", "2+"),
    ("su", "|b=2", "2"),
    ("su", "|p=+", "+"),
    ("chem, linktext, mp", "|甲|乙", "甲乙"),
    ("key, keypress, key press", "|甲|乙", "甲+乙"),
    ("simplenuclide, simplenuclide2", "|C|14", "C-14"),
    ("sortname", "|甲|乙|丙", "甲 乙"),
    ("isbn", "|7-111", "ISBN 7-111"),
    ("hlist", "|甲|乙", "甲、乙"),
    ("ubl, ublist, unbulleted list, bulleted list", "|甲|乙", "\n甲\n乙\n"),
    (
        "plainlist, flatlist, columns-list, columns list, column list, colist, align",
        "|甲|乙",
        "\n乙\n",
    ),
    (
        "quote, cquote, bquote, blockquote, quotation, pull quote, pquote, 引用, 引文, poem, poemquote, center, "
        "centered, block indent",
        "|甲|乙",
        "\n甲\n",
    ),
    ("convert, conv, 换算, 換算", "|3|km|mi", "3公里"),
    ("cvt", "|3|km|mi", "3 km"),
    ("val", "|3|1", "3±1"),
    ("gaps", "|3|100", "3100"),
    ("frac, fraction, sfrac, 分数, 分數", "|1|2", "1/2"),
    ("e, x10^, e10", "|5", "×10<sup>5</sup>"),
    ("±, pm, +-", "|3", "±3"),
    ("sqrt, √, radic", "|3", "√3"),
    ("rmb, cny, ¥, ￥, jpy, jp¥, yen", "|3", "¥3"),
    ("usd, us$", "|3", "US$3"),
    ("hk$, hkd", "|3", "HK$3"),
    ("nt$, ntd, twd", "|3", "NT$3"),
    ("a$, aud", "|3", "A$3"),
    ("eur, euro, €", "|3", "€3"),
    ("gbp, £", "|3", "£3"),
    ("krw, ₩", "|3", "₩3"),
    ("inr, ₹", "|3", "₹3"),
    ("bd, 生卒", "|1881年|9月|1936年|10月", "1881年9月－1936年10月"),
    ("circa, c., ca, ca., 约, 約", "|1881年", "约1881年"),
    ("floruit, fl., fl", "|1881年", "活跃于1881年"),
    ("reign, r.", "|1881年", "1881年在位"),
    ("as of, asof, 截至", "|2010|1", "截至2010年1月"),
    (
        "start date, end date, start date and age, end date and age, birth date, birth date and age, bda, "
        "birth year and age, death date, death date and age, dda, death year and age, film date, release date, dts, "
        "生日, 出生日期, 出生日期和年龄, 出生日期和年齡, 死亡日期, 死亡日期和年龄, 死亡日期和年齡, 日期",
        "|2010|1|2",
        "2010年1月2日",
    ),
    ("oldstyledate, old style date", "|1870年|4月|3月", "1870年4月（旧历3月）"),
    ("age, 年龄, 年齡", "|1950|1|2|2000|1|2", "50"),
    ("!", "", "&#124;"),
    ("=", "", "&#61;"),
    ("·, •, dot, bullet, middot", "", "·"),
    ("ndash, endash, en dash, –", "", "–"),
    ("mdash, emdash, mdashb, em dash, —", "", "—"),
    ("snd, spaced ndash", "", " – "),
    ("nbsp, space, spaces, thinsp, thin space, gap", "", " "),
    ("minus, −", "", "−"),
    ("pi", "", "π"),
    ("'", "", "'"),
    ('"', "", '"'),
    ("〈", "", "〈"),
    ("〉", "", "〉"),
    ("flag, flagcountry, 国旗, 國旗", "|USA", "美国"),
]


def test_every_template_is_known_by_all_its_names() -> None:
    expected = {f"{name}{given}": text for names, given, text in KINDS for name in names.split(", ")}
    assert {content: template_text(content) for content in expected} == expected


COUNTRIES = (
    "ARG 阿根廷 AUS 澳大利亚 AUT 奥地利 BEL 比利时 BRA 巴西 CAN 加拿大 CHE 瑞士 SUI 瑞士 CHI 智利 CHN 中国 "
    "COL 哥伦比亚 CUB 古巴 CZE 捷克 DEN 丹麦 DEU 德国 GER 德国 EGY 埃及 ENG 英格兰 ESP 西班牙 FIN 芬兰 FRA 法国 "
    "GBR 英国 GRE 希腊 HKG 香港 HUN 匈牙利 IDN 印度尼西亚 IND 印度 IRL 爱尔兰 IRN 伊朗 IRQ 伊拉克 ISR 以色列 "
    "ITA 意大利 JPN 日本 KOR 韩国 MAC 澳门 MAS 马来西亚 MYS 马来西亚 MEX 墨西哥 MGL 蒙古国 NED 荷兰 NLD 荷兰 "
    "NOR 挪威 NZL 新西兰 PAK 巴基斯坦 PHI 菲律宾 PHL 菲律宾 POL 波兰 POR 葡萄牙 PRC 中华人民共和国 PRK 朝鲜 "
    "ROC 中华民国 ROU 罗马尼亚 RUS 俄罗斯 SCO 苏格兰 SGP 新加坡 SIN 新加坡 SWE 瑞典 THA 泰国 TUR 土耳其 TWN 台湾 "
    "UKR 乌克兰 URS 苏联 USA 美国 VIE 越南 VNM 越南 ZAF 南非"
)


def test_the_code_of_a_country_shows_its_name() -> None:
    words = COUNTRIES.split()
    expected = dict(zip(words[::2], words[1::2], strict=True))
    assert {code: template_text(code) for code in expected} == expected


def test_of_several_writings_the_first_that_is_known_to_be_shown_is() -> None:
    for template, names in (
        ("zh", "s t j kj hg k hangul hanja v"),
        ("lan", "zh-cn zh-hans cn hans zh-sg zh zh-hant zh-tw zh-hk 大陆 大陸"),
    ):
        writings = [f"{name}={name}" for name in reversed(names.split())]
        shown = [
            template_text("|".join([template, *writings[:count]])) for count in range(1, len(writings) + 1)
        ]
        assert shown == names.split()[::-1]


@pytest.mark.parametrize(
    "name",
    [
        "Visible anchor",
        " visible anchor\n",
        "VISIBLE_ANCHOR",
        "Template:Visible anchor",
        "subst: visible anchor",
        "safesubst:visible anchor",
        "模板:visible anchor",
        "visible anchor".ljust(60),
    ],
)
def test_names_are_compared_as_mediawiki_does(name: str) -> None:
    assert template_text(f"{name}|甲") == "甲"


@pytest.mark.parametrize("name", ["visible  anchor", "Template:模板:visible anchor", "nowrap".ljust(61)])
def test_other_names_are_unknown(name: str) -> None:
    assert template_text(f"{name}|甲") == ""


def test_the_names_of_arguments_are_told_from_words() -> None:
    assert template_text("nowrap|1=甲=乙") == "甲=乙"
    assert template_text("nowrap|style = x|甲") == "甲"
    assert template_text('nowrap|<span style="x">甲</span>') == '<span style="x">甲</span>'
    assert template_text("lang|2=甲|1=zh") == "甲"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("2=甲", "甲"),
        ("甲|2=乙", "甲、乙"),
        ("甲|1=乙", "乙"),
        ("20=甲", "甲"),
        ("21=甲", ""),
        ("甲|0=乙", "甲"),
        ("100=甲", "100=甲"),
    ],
)
def test_arguments_are_numbered_from_1_to_20(given: str, text: str) -> None:
    assert template_text(f"hlist|{given}") == text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("formatnum:1808500", "1808500"),
        ("FORMATNUM: 1,808 |R", "1,808"),
        ("lc:ABC\nD", "abc\nd"),
        ("lc：ABC", "abc"),
        ("uc:abc", "ABC"),
        ("lcfirst:ABC", "aBC"),
        ("ucfirst:abc", "Abc"),
        ("#expr:1+2", ""),
        ("DEFAULTSORT:甲", ""),
        ("plural:2|甲|乙", ""),
    ],
)
def test_functions_of_the_parser(content: str, text: str) -> None:
    assert template_text(content) == text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("某|甲|乙", "乙"),
        ("某|12|a=b", "12"),
        ("某|甲|2=乙", "乙"),
        ("某|a甲z", "a甲z"),
        ("某|\u3400", "\u3400"),
        ("某|\u9fff", "\u9fff"),
        ("某|𠀀", "𠀀"),
        ("某|word", ""),
        ("某|，", ""),
        ("某|甲|", ""),
        ("某", ""),
        ("某|" + "甲" * 40, "甲" * 40),
        ("某|" + "甲" * 41, ""),
        ("normal|甲", "甲"),
    ],
)
def test_what_an_unknown_template_shows_in_a_sentence(content: str, text: str) -> None:
    assert unknown_text(content) == text


@pytest.mark.parametrize("sign", "<>{}[]\n")
def test_markup_is_no_word(sign: str) -> None:
    assert unknown_text(f"某|甲{sign}乙") == ""


NOTES = (
    "#tag:ref, #if:x, 某:x, r, rp, ref, note, notetag, audio, main, see also, seealso, listen, image, 注, 註, "
    "注释, 註釋, 注釋, 备注, 備註, note label, Note_label, NoteTag, sfn, sfnp, efn, efn-ua, refn, harv, harvnb, "
    "cite, cite web, citation, citation needed, anchor, anchors, flagicon, flag icon, coord, coordinates, age, "
    "age in years, ipac-en, multiple image, noteta, NoteTA-lite"
)


def test_footnotes_sounds_pictures_and_places_are_no_words() -> None:
    expected = dict.fromkeys(NOTES.split(", "), "")
    assert {name: unknown_text(f"{name}|甲") for name in expected} == expected


def test_their_names_within_another_word_say_nothing() -> None:
    names = ["rx", "refs", "notes", "audios", "mainland", "listener", "images", "注音", "aflagicon", "ipac"]
    assert {name: unknown_text(f"{name}|甲") for name in names} == dict.fromkeys(names, "甲")


@pytest.mark.slow
@given(
    st.text(st.sampled_from("|=:{}甲1 -\nconvertvalbdage")),
    st.sampled_from(["convert|", "val|", "bd|", "age|", "date|", ""]),
)
def test_any_content_gives_text(content: str, name: str) -> None:
    template_text(name + content)
    unknown_text(name + content)


@pytest.mark.slow
@pytest.mark.parametrize(
    "content", ["convert|1" + "|-|1" * 100_000, "gaps" + "|1" * 200_000, "=" * 400_000, "lc:" * 100_000]
)
@pytest.mark.untraced
def test_no_content_takes_long(content: str) -> None:
    # Work that grows with the square of the arguments would keep this test busy for minutes.
    template_text(content)
    template_text(f"nowrap|{content}")
    unknown_text(content)
