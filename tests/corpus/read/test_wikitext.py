"""MediaWiki's markup to plain text, and that no page costs more than its length."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.corpus.read import wikitext as markup_module
from gaupt.corpus.read.wikitext import MAX_DEPTH, plain_text


@pytest.mark.parametrize(
    ("wikitext", "text"),
    [
        ("'''陶城'''是''虚构''的[[小城]]，在[[青江 (河流)|青江]]下游。", "陶城是虚构的小城，在青江下游。"),
        (
            "甲<!-- 注释 -->乙<ref name=a>出处[[丙]]</ref><ref name=a />丁<ref group=x>{{cite|a=}}</ref>。",
            "甲乙丁。",
        ),
        ("{{Infobox 城市\n| 名 = {{lang|en|X}}\n| 图 = [[File:a.svg]]\n}}\n陶城{{fact}}。", "陶城。"),
        (
            "甲{{link-en|陶城|Taocheng}}、{{le|乙|B|丙}}、{{tsl|en|C|丁}}、{{lang|ja|戊}}。",
            "甲陶城、丙、丁、戊。",
        ),
        ("'''陶城'''（{{audio|a.ogg|听}}，）在此。", "陶城在此。"),
        (
            "'''甲'''（{{IPAc-en|t}}；{{bd|1900年||1950年}}，{{audio|a.ogg|听}}）是人。",
            "甲（1900年－1950年）是人。",
        ),
        ("'''王甲'''{{BD|前10年||23年|catIdx=W}}，字乙", "王甲（前10年－23年），字乙"),
        (
            "'''{{PAGENAME}}'''是城，现年{{age|1950|1|2}}岁，享年{{age|1950|1|2|2000|1|1}}岁。",
            "陶城是城，享年49岁。",
        ),
        (
            "全长{{convert|800|km|mi}}，面积{{formatnum:18500}}平方公里，流量{{val|310}}立方米，落差{{nowrap|5,400米}}。",
            "全长800公里，面积18500平方公里，流量310立方米，落差5,400米。",
        ),
        ("{{nowrap|E{{=}}mc{{sup|2}}}}与{{nowrap|[[甲|a=b]]}}，a{{!}}b", "E=mc^2与a=b，a|b"),
        ("他说：{{quote|甲<nowiki>|</nowiki>乙}}如此", "他说：\n甲|乙\n如此"),
        ("前文。\n{| class=wikitable\n! 头\n|-\n| 格 || {| \n| 内\n|}\n|}\n后文。", "前文。\n后文。"),
        ("前文。\n:{|\n| 外\n{|\n| 内\n|}\n| 外\n|}\n后文。", "前文。\n后文。"),
        (
            "[[File:a.jpg|thumb|说明[[链接]]]]甲[[文件:b.png|缩图]][[檔案:c.png]][[Category:城市]][[分类:城市|*]]乙",
            "甲乙",
        ),
        ("[[:Category:城市]]与[[:en:City|英文]]\n[[en:City]]\n[[zh-yue:城]]", "Category:城市与英文"),
        ("[[Re:从零开始]]、[[CSI:犯罪现场|现场]]、[[EN:City]]、[[File]]", "Re:从零开始、现场、EN:City、File"),
        ("设<math>x^{y^{z}}</math>为正，H<sub>2</sub>O，10<sup>2</sup>米", "设为正，H2O，10^2米"),
        ("甲{{x|<math>\\frac{{a}}{b}}</math>}}乙", "甲乙"),
        ("<gallery>\nFile:a.jpg|图\n</gallery>甲<syntaxhighlight lang=c>\na[[b]]\n</syntaxhighlight>", "甲"),
        ("甲<nowiki>[[乙]]'''</nowiki>丙<br />丁<div class=x>戊</div>", "甲[[乙]]丙\n丁\n戊"),
        (
            "[https://example.org 官网]和[//example.org]，[http://a.b 甲 乙][ftp://a.b 丙]，数组a[1]",
            "官网和，甲 乙丙，数组a[1]",
        ),
        ("甲&nbsp;&amp;&lt;br&gt;乙 __NOTOC____无目录__", "甲\xa0&<br>乙"),
        ("10<sup>−3</sup>、10<SUP>-3</sup>、x<sup>n</sup>", "10^−3、10^-3、xn"),
        ("甲'乙''丙'''''丁", "甲'乙丙丁"),
        (f"甲__ab__乙__a__丙__{'a' * 20}__丁__{'a' * 21}__", f"甲乙__a__丙丁__{'a' * 21}__"),
        ("甲（，{{audio|a.ogg}}）乙（丙，{{audio|a.ogg}}）丁（戊；{{audio|a.ogg}}）", "甲乙（丙）丁（戊）"),
        ("甲（；乙）丙(, )", "甲（乙）丙"),
        ("甲=\n=乙\n=\n丙", "甲=\n=乙\n=\n丙"),
        ("* 甲\n** 乙\n# 丙\n; 丁\n: 戊\n----\n己", "甲\n乙\n丙\n丁\n戊\n己"),
        (
            "首段。\n== 历史 ==\n=== 早期 ===\n甲。\n== 注释 ==\n{{reflist}}\n== 来源 ==\n=== 书 ===\n",
            "首段。\n历史\n早期\n甲。",
        ),
        (
            "正文{{没有结束|参数\n| 名 = 值\n后文[[没有结束\n{|\n| 格\n尾<ref>注",
            "正文没有结束|参数\n后文没有结束\n尾注",
        ),
        ("甲}}乙]]丙</ref>丁\n|}\n戊", "甲乙丙丁\n戊"),
        ("甲<!-- 没有结束", "甲 没有结束"),
        ("甲<math>没有[[结束]]", "甲没有结束"),
        ("前{{nowrap|甲[[乙}}后", "前甲乙后"),
        ("前{{nowrap|丙{{nowrap|甲[[乙}}丁}}后", "前丙甲乙丁后"),
        ("前{{nowrap|甲-{H|zh-cn:乙}-丙}}后", "前甲丙后"),
        ("甲<math/>[[乙]]<math a=/ />丙<MATH>丁</Math>[[戊]]", "甲乙丙戊"),
        ("甲{{a|b=\n|}}乙-{{lang|en|x}}-丙", "甲乙-x-丙"),
        ("", ""),
    ],
)
def test_markup_to_text(wikitext: str, text: str) -> None:
    assert plain_text(wikitext, "陶城") == text


def test_what_a_page_is_called_stands_where_the_page_asks_for_it() -> None:
    for name in (
        "PAGENAME",
        "FULLPAGENAME",
        "BASEPAGENAME",
        "ROOTPAGENAME",
        "SUBJECTPAGENAME",
        " PAGENAME\n",
    ):
        assert plain_text(f"甲{{{{{name}}}}}乙", "陶城") == "甲陶城乙"
    assert plain_text("甲{{PAGENAME}}乙") == "甲乙"


@pytest.mark.parametrize(
    ("wikitext", "text"),
    [
        ("甲，现年{{age|1950|1|2}}岁，诗人。", "甲，诗人。"),
        ("甲、現年{{Age|1950|1|2}}歲、诗人。", "甲，诗人。"),
        ("甲，{{年龄|1950|1|2}}岁。", "甲。"),
        ("{{年齡|1950|1|2}}岁，甲。", "甲。"),
        ("甲{{age|1950|1|2|2000|1}}岁。", "甲。"),
        ("甲{{age|1950|1|2|2000|1|2}}岁。", "甲50岁。"),
        ("甲，{{age|1950|1|2|2000|1|2}}岁，乙。", "甲，50岁，乙。"),
    ],
)
def test_an_age_today_is_left_out_with_the_comma_it_does_not_need(wikitext: str, text: str) -> None:
    assert plain_text(wikitext) == text


@pytest.mark.parametrize("name", ["甲", "A", "'''甲'''", "《甲》", "「甲」"])
def test_years_of_a_life_behind_a_name_stand_in_brackets(name: str) -> None:
    text = plain_text(f"{name}{{{{bd|1900年||1950年}}}}，{{{{bd|1900年}}}}")
    assert text == name.strip("'") + "（1900年－1950年），1900年"


def test_what_stands_in_an_element_that_holds_no_wikitext_is_left_out() -> None:
    names = [
        *(
            "math",
            "chem",
            "ce",
            "gallery",
            "syntaxhighlight",
            "source",
            "timeline",
            "score",
            "imagemap",
            "graph",
        ),
        *(
            "hiero",
            "templatedata",
            "inputbox",
            "categorytree",
            "mapframe",
            "maplink",
            "includeonly",
            "style",
            "ref",
        ),
    ]
    shown = {name: plain_text(f"甲<{name} a=b>乙<b>'</{name} >丙") for name in names}
    assert shown == dict.fromkeys(names, "甲丙")


BLOCKS = "br p div li tr hr h1 h2 h3 h4 h5 h6 blockquote dd dt"
WORDS = (
    "abbr b bdi bdo big caption center cite code data del dfn dl em font i ins kbd mark noinclude ol onlyinclude "
    "poem pre q rb references rp rt ruby s samp section small span strike strong sub sup table tbody td th time "
    "tt u ul var wbr"
)


def test_elements_of_blocks_break_the_line_and_those_of_words_do_not() -> None:
    expected = {
        **dict.fromkeys(BLOCKS.split(), "甲\n乙\n丙"),
        **dict.fromkeys(WORDS.split(), "甲乙丙"),
        "unknown": "甲<unknown a=b>乙</UNKNOWN>丙",
    }
    assert {name: plain_text(f"甲<{name} a=b>乙</{name.upper()}>丙") for name in expected} == expected


NOT_SHOWN = (
    "file File image media category 文件 檔案 档案 图像 圖像 媒体 媒體 分类 分類 "
    "en ja ko de fr es it pt ru vi zh-yue"
)


def test_links_to_files_categories_and_other_languages_show_nothing() -> None:
    expected = dict.fromkeys(NOT_SHOWN.split(), "甲丁")
    assert {space: plain_text(f"甲[[ {space} :乙|丙]]丁") for space in expected} == expected


@pytest.mark.parametrize(
    ("wikitext", "text"),
    [
        ("甲{|乙", "甲{|乙"),
        ("甲|}乙", "甲|}乙"),
        ("{|\n| 甲 |} 乙\n|}\n丙", "丙"),
        ('甲\n{| class="wikitable"\n| 乙', "甲"),  # that nothing ends
        ("甲\n" + " " * 15 + "{|\n乙\n|}\n丙", "甲\n丙"),
        ("甲\n" + " " * 16 + "{|\n乙", "甲\n{|\n乙"),
        (" " * 16 + "{|\n乙\n|}\n丙", "丙"),
        (" " * 17 + "{|\n乙", "{|\n乙"),
        ("\n:: \t{|\n乙\n|}\n丙", "丙"),
    ],
)
def test_a_table_begins_and_ends_at_the_beginning_of_a_line(wikitext: str, text: str) -> None:
    assert plain_text(wikitext) == text


def test_a_heading_stays_if_text_follows_before_another_of_its_level() -> None:
    text = "== 甲 ==\n== 很长很长的乙 ==\n=== 丙 ===\n==== 丁 ====\n=== 戊 ===\n己。\n庚。\n= 辛 =\n!壬"
    assert plain_text(text) == "很长很长的乙\n戊\n己。\n庚。"


@pytest.mark.parametrize(
    ("wikitext", "text"),
    [
        ("面积{{某|12}}米。", "面积12米。"),
        ("是（人{{某|诗人}}名", "是（人诗人名"),
        ("是人（{{某|诗人}}名", "是人（名"),
        ("。[[他]]{{某|诗人}}名", "。他诗人名"),
        ("面积{{某|a=b|12}}平方公里", "面积12平方公里"),
        ("面积{{某|12}}[[平方公里]]", "面积12平方公里"),
        ("他是{{某|red|诗人}}之一", "他是诗人之一"),
        ("他是{{某|诗人}}。", "他是。"),  # before a full stop it may as well be a note
        ("{{某|诗人}}之一", "之一"),
        ("他是{{某|poet}}之一", "他是之一"),
        ("他是{{某|" + "诗" * 41 + "}}之一", "他是之一"),
        ("他是{{sfn|王|2001}}{{rp|12}}诗人{{注|甲}}之一{{coord|31|121}}位{{#if:a|甲}}于", "他是诗人之一位于"),
    ],
)
def test_an_unknown_template_leaves_no_hole_between_the_words_of_a_sentence(wikitext: str, text: str) -> None:
    assert plain_text(wikitext) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("-{zh-hans:计算机;zh-hant:電腦}-", "计算机"),
        ("-{zh-hant:電腦; zh-hans:计算机;}-", "计算机"),
        ("-{zh-tw:軟體;zh-hk:軟件;zh-cn:软件;zh-sg:软体}-", "软件"),
        ("-{zh-sg:软体;zh-tw:軟體}-", "软体"),
        ("-{zh-tw:軟體;zh-hk:軟件}-", "軟體"),
        ("-{乾隆}-", "乾隆"),
        ("-{}-", ""),
        ("-{zh-tw:乙;ZH-CN:甲\n丙 ;\n}-", "甲\n丙"),
        ("-{zh-cn:甲;zh-cn:乙}-", "甲"),
        ("-{甲|乙}-", "甲|乙"),
        ("-{R}-", "R"),
        ("-{R|zh-cn:不转换}-", "zh-cn:不转换"),
        ("-{A|zh-cn:巴士;zh-tw:公車}-", "巴士"),
        ("-{H|zh-cn:巴士;zh-tw:公車}-", ""),
        ("-{T|zh-cn:标题;zh-tw:標題}-", ""),
        ("-{D|zh-cn:巴士;zh-tw:公車}-", ""),
        ("-{N|zh-cn}-", ""),
        ("-{ - |zh-cn:巴士;zh-tw:公車}-", ""),
        ("-{H|計程車=>zh-cn:出租车;}-", ""),
        ("-{計程車=>zh-cn:出租车}-", ""),
        ("-{zh-hans;zh-hant|文字}-", "文字"),
        ("-{[[甲|乙]]}-", "乙"),
        ("[[陶城|-{zh-hans:陶城;zh-hant:陶城市}-]]", "陶城"),
        ("-{zh-hans:<span lang=en>A</span>&nbsp;B;zh-hant:C}-", "A\xa0B"),
        ("-{zh-hans:-{外}-;zh-hant:-{內}-}-", "外"),
        ("-{zh-hans:{{lang|en|X}};zh-hant:Y}-", "X"),
        ("-{没有结束", "没有结束"),
    ],
)
def test_language_variants(markup: str, text: str) -> None:
    assert plain_text(f"前{markup}后") == f"前{text}后"


def test_of_the_variants_the_simplified_ones_are_taken_in_this_order() -> None:
    codes = ["zh-cn", "zh-hans", "zh-sg", "zh-my", "zh", "zh-tw"]
    rules = [f"{code}:{code}" for code in reversed(codes)]
    shown = [plain_text("-{" + ";".join(rules[:count]) + "}-") for count in range(1, len(rules) + 1)]
    assert shown == codes[::-1]


@pytest.mark.slow
@given(st.text(st.sampled_from("{}[]|-<>!=\n' :;*甲zh/reftabl\"")))
def test_any_markup_gives_text(wikitext: str) -> None:
    plain_text(wikitext)


@pytest.mark.parametrize(("before", "after"), [("[[", "]]"), ("-{", "}-"), ("{{lang|x|", "}}")])
def test_marks_stand_inside_each_other_up_to_40_deep(before: str, after: str) -> None:
    assert plain_text(f"前{before * 40}甲{after * 40}后") == "前甲后"


def test_deeper_ones_lose_their_marks_and_nothing_else() -> None:
    assert plain_text(f"前{'[[' * 41}甲{']]' * 41}后") == "前甲后"
    assert plain_text(f"前{'[[' * 40}{{{{fact}}}}甲{']]' * 40}后") == "前fact甲后"
    assert plain_text(f"前{'[[' * 39}{{{{fact}}}}甲{']]' * 39}后") == "前甲后"


class Work:
    """Counts the characters that the scanner looks at, passes on and resolves, and the open marks it compares."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.done = 0
        patch.setattr(markup_module, "_TOKEN", self._searching(markup_module._TOKEN))
        ends = {name: self._searching(pattern) for name, pattern in markup_module._END.items()}
        patch.setattr(markup_module, "_END", ends)
        resolvers = {mark: self._resolving(function) for mark, function in markup_module._RESOLVE.items()}
        patch.setattr(markup_module, "_RESOLVE", resolvers)
        patch.setattr(markup_module, "_OPENS", _Counted(markup_module._OPENS, self))

    def _searching(self, pattern: re.Pattern[str]) -> "_Searching":
        return _Searching(pattern, self)

    def _resolving(self, function: Callable[[str], str]) -> Callable[[str], str]:
        def resolve(content: str) -> str:
            self.done += len(content)
            return function(content)

        return resolve

    def of(self, wikitext: str) -> int:
        self.done = 0
        plain_text(wikitext)
        return self.done


class _Searching:
    def __init__(self, pattern: re.Pattern[str], work: Work) -> None:
        self._pattern, self._work = pattern, work

    def search(self, text: str, position: int) -> re.Match[str] | None:
        found = self._pattern.search(text, position)
        self._work.done += (found.end() if found is not None else len(text)) - position
        return found


class _Counted(dict[str, str]):
    def __init__(self, items: dict[str, str], work: Work) -> None:
        super().__init__(items)
        self._work = work

    def __getitem__(self, mark: str) -> str:
        self._work.done += 1
        return super().__getitem__(mark)


@pytest.mark.untraced
@pytest.mark.slow
@pytest.mark.parametrize("end", ["", "}}]]</ref>\n|}"])
@pytest.mark.parametrize(
    "unit",
    [
        "{{a|",
        "[[a|",
        "{{a|[[b|",
        "甲{{a}}",
        "{{convert|1|-|",
        "{{nowrap|=",
        "<ref>",
        "<math>",
        "<!--",
        "{|\n",
        "<div class=",
        "[//a ",
    ],
)
def test_a_page_twice_as_long_is_twice_the_work(monkeypatch: pytest.MonkeyPatch, unit: str, end: str) -> None:
    work = Work(monkeypatch)
    once, twice = (work.of(unit * count + end * count) for count in (1000, 2000))
    assert 1000 * len(unit) <= once
    assert twice <= 2.2 * once
    assert twice <= (MAX_DEPTH + 3) * 2000 * (len(unit) + len(end))


@pytest.mark.untraced
@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        "<div class=",
        "[//a ",
        "'' '",
        "（，、",
        "{{Age|",
        "{{bd|",
        "{{PAGENAME",
        "现年",
        "= =",
        "-{zh:a;",
        "&amp",
    ],
)
def test_no_page_takes_long(unit: str) -> None:
    # Guards the patterns, whose work nothing counts: one that looks at the rest of the page from every place in it,
    # 100,000 times 100,000 characters, would keep this test busy for minutes.
    count = 100_000 // len(unit)
    plain_text(unit * count)
    plain_text(unit * count + "}}]]</ref>\n|}" * count)


def test_what_would_grow_or_never_end_is_left_as_it_is() -> None:
    assert plain_text("{{PAGENAME}}" * 10_000 + "茶", "题" * 100_000) == "茶"
    assert plain_text("茶{{convert|1|" + "e3" * 100_000 + "|in}}。").startswith("茶1千 e3e3")
    assert plain_text(f"茶&#{'1' * 5000};叶") == "茶\ufffd叶"
