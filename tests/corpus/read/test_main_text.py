"""The main text of pages: what an article consists of stays, character by character; navigation goes."""

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.corpus.read.main_text import main_text
from tests.corpus.made import OTHER, TEXT

MENU = (
    "<ul><li><a href='/'>首页</a></li><li><a href='/b'>财经</a></li><li><a href='/c'>体育新闻</a></li></ul>"
)


def lines(body: str) -> list[str]:
    """The lines of a page whose body is ``body``."""
    return main_text(f"<!DOCTYPE html><html><head><title>页</title></head><body>{body}</body></html>").split(
        "\n"
    )


@pytest.mark.parametrize(
    "tag", ["a href='x'", "a", "b", "strong", "i", "em", "u", "span", "font", "sup", "mark", "kbd"]
)
def test_a_single_character_in_an_inline_element_stays_where_it_is(tag: str) -> None:
    end = tag.split()[0]
    assert lines(
        f"<article><p>{TEXT}</p><p><{tag}>问</{end}>：每次<{tag}>两</{end}>片，<{tag}>x</{end}>与y。</p></article>"
    ) == [
        TEXT,
        "问：每次两片，x与y。",
    ]


def test_a_single_character_between_links_stays_where_it_is() -> None:
    cities = "、".join(f"<a href={city}>{city}</a>" for city in ("杭州", "苏州", "扬州"))
    assert lines(
        f"<p>{TEXT}</p><p>船经过{cities}<a href=x>和</a><a href=y>镇江</a>，<br>属<a href=z>水</a>。</p>"
    ) == [
        TEXT,
        "船经过杭州、苏州、扬州和镇江，",
        "属水。",
    ]


@pytest.mark.parametrize(("depth", "kind", "item"), product((0, 1, 2, 5), ("ul", "ol"), ("{}", "<p>{}</p>")))
def test_a_list_of_sentences_is_text_wherever_it_stands(depth: int, kind: str, item: str) -> None:
    items = [f"第{number}点，每天要按时睡觉，也要按时起床。" for number in range(4)]
    made = "".join(f"<li>{item.format(text)}</li>" for text in items)
    body = (
        "<div>" * depth
        + f"<h1>作息</h1><p>{TEXT}</p><{kind}>{made}</{kind}><p>{OTHER}</p>"
        + "</div>" * depth
    )
    assert lines(body) == ["作息", TEXT, *items, OTHER]
    assert lines(f"<{kind}>{made}</{kind}>") == items


@pytest.mark.parametrize(
    "wrapped", ["{}", "<div>{}</div>", "<div><div>{}</div></div>", "<table><tr><td>{}</td></tr></table>"]
)
def test_a_list_of_links_goes(wrapped: str) -> None:
    related = (
        "<ul>"
        + "".join(f"<li><a href={n}>今年第{n}场雨为什么来得比往年晚</a></li>" for n in range(5))
        + "</ul>"
    )
    assert lines(f"{wrapped.format(MENU)}<article><p>{TEXT}</p></article>{wrapped.format(related)}") == [TEXT]


def test_a_list_of_references_below_prose_stays() -> None:
    references = "<ul><li><a href=1>茶经</a></li><li><a href=2>茶录</a></li></ul>"
    assert lines(f"<article><p>{TEXT}</p><p>可以接着读：</p>{references}</article>") == [
        TEXT,
        "可以接着读：",
        "茶经",
        "茶录",
    ]


def test_links_without_a_list_go_and_a_sentence_of_links_stays() -> None:
    bar = "<div><a href=1>首页</a> | <a href=2>财经</a> | <a href=3>联系我们</a></div>"
    assert lines(
        f"{bar}<p>{TEXT}</p><p>去过<a href=1>杭州</a>、<a href=2>苏州</a>、<a href=3>扬州</a>。</p>{bar}"
    ) == [
        TEXT,
        "去过杭州、苏州、扬州。",
    ]


@pytest.mark.parametrize(
    "ruby",
    [
        "<ruby>春<rp>(</rp><rt>chūn</rt><rp>)</rp></ruby><ruby>眠<rt>mián</rt></ruby>",
        "<ruby><rb>春<rt>chūn<rb>眠<rt>mián</ruby>",
        "<ruby>春眠<rtc><rt>chūn</rt><rt>mián</rt></rtc></ruby>",
    ],
)
def test_ruby_keeps_its_base(ruby: str) -> None:
    found = lines(f"<p>{TEXT}</p><p>{ruby}不觉晓，处处闻啼鸟。</p>")[1]
    assert found == "春眠不觉晓，处处闻啼鸟。"


@pytest.mark.parametrize(
    "style", ["visibility: hidden;", "visibility: hidden; opacity: 0;", "opacity:0", "display:none"]
)
def test_an_article_that_a_script_will_show_is_read(style: str) -> None:
    article = (
        f'<div class="rich_media_content" id="js_content" style="{style}"><p>{TEXT}</p><p>{OTHER}</p></div>'
    )
    assert lines(f"<h1>小城</h1>{article}") == ["小城", TEXT, OTHER]


@pytest.mark.parametrize(
    "hidden", ['style="display: none"', "hidden", 'aria-hidden="true"', 'class="sr-only"']
)
def test_what_is_not_shown_beside_an_article_goes(hidden: str) -> None:
    assert lines(f"<p>{TEXT}</p><p>{OTHER}</p><div {hidden}><p>请您先阅读协议，然后登录。</p></div>") == [
        TEXT,
        OTHER,
    ]
    assert lines(f"<p>甲<span {hidden}>暗</span>乙{TEXT}</p>") == [f"甲乙{TEXT}"]


@pytest.mark.parametrize(
    "name",
    ["nav", "main-menu", "breadcrumbs", "footer", "shareBar", "comment-list", "related posts", "ad_box"],
)
def test_what_is_named_so_goes_unless_it_holds_the_article(name: str) -> None:
    box = f'<div class="{name}"><p>这里是别的东西，与文章没有关系。</p></div>'
    assert lines(f"<article><p>{TEXT}</p><p>{OTHER}</p></article>{box}") == [TEXT, OTHER]
    assert lines(f'<h1>题</h1><div id="{name}"><p>{TEXT}</p></div><p>转载须经同意。</p>') == [
        "题",
        TEXT,
        "转载须经同意。",
    ]


@pytest.mark.parametrize(
    "name", ["has-sidebar", "page-with-comments", "address", "badge", "navy", "shared-text", "content"]
)
def test_other_names_mean_nothing(name: str) -> None:
    assert lines(f'<p>{TEXT}</p><p>{OTHER}</p><div class="{name}"><p>还有一段。</p></div>') == [
        TEXT,
        OTHER,
        "还有一段。",
    ]


def test_a_heading_or_a_section_may_be_named_anything() -> None:
    body = f'<p>{TEXT}</p><h4 id="工具栏-toolbar">工具栏</h4><div class="section" id="search"><p>{OTHER}</p></div>'
    assert lines(body) == [TEXT, "工具栏", OTHER]


def test_a_box_in_an_article_stays_and_a_side_bar_goes() -> None:
    box = '<aside class="note"><p>注意：露水未干时不能采。</p></aside>'
    assert lines(f"<article><p>{TEXT}</p>{box}<p>{OTHER}</p></article>") == [
        TEXT,
        "注意：露水未干时不能采。",
        OTHER,
    ]
    assert lines(f"<div><div><p>{TEXT}</p></div></div><aside><p>订阅</p>{MENU}</aside>") == [TEXT]


def test_tables_keep_their_cells_and_rows() -> None:
    table = "<table><thead><tr><th>节气<th>采茶<tbody><tr><td>清明</td>\n<td>头茬</td></tr><tr><td>谷雨<td>二茬</table>"
    assert lines(f"<p>{TEXT}</p>{table}") == [TEXT, "节气\t采茶", "清明\t头茬", "谷雨\t二茬"]


def test_a_page_laid_out_in_a_table_is_read() -> None:
    menu = "".join(f"<a href={n}>栏目{n}</a><br>" for n in range(4))
    assert lines(f"<table><tr><td>{menu}</td><td><p>{TEXT}</p><p>{OTHER}</p></td></tr></table>") == [
        TEXT,
        OTHER,
    ]


def test_code_keeps_its_lines_and_loses_its_line_numbers() -> None:
    code = "<td class='code'><pre>茶 = 1\n  水 = 2\n</pre></td>"
    figure = f"<table><tr><td class='gutter'><pre>1\n2\n</pre></td>{code}</tr></table>"
    assert lines(f"<p>{TEXT}</p><pre><code>甲 = 1\n乙 = 2</code></pre>{figure}") == [
        TEXT,
        "甲 = 1",
        "乙 = 2",
        "茶 = 1",
        "水 = 2",
    ]


def test_br_parts_the_lines_of_a_poem() -> None:
    assert lines("<p>春眠不觉晓，<br>处处闻啼鸟。<br/>夜来风雨声，</br>花落知多少。</p>") == [
        "春眠不觉晓，",
        "处处闻啼鸟。",
        "夜来风雨声，",
        "花落知多少。",
    ]


def test_dialogues_and_definitions_are_lines() -> None:
    assert lines(
        f"<p>{TEXT}</p><dl><dt>茶<dd>一种叶子。<dt>水<dd>一种液体。</dl><p><b>甲</b>：去吗？</p><p><b>乙</b>：去。</p>"
    ) == [
        TEXT,
        "茶",
        "一种叶子。",
        "水",
        "一种液体。",
        "甲：去吗？",
        "乙：去。",
    ]


@pytest.mark.parametrize(
    "markup",
    [
        "<script>if (a<b) document.write('<p>暗</p>')</script>",
        "<SCRIPT type=text/html><p>暗</p></Script >",
        "<style>p:after { content: '暗' }</style>",
        "<noscript><p>暗，请打开脚本。</p></noscript>",
        "<template><div><p>暗</p></div></template>",
        "<textarea><p>暗</textarea>",
        "<!-- 暗 > <p>暗</p> -->",
        "<!--><!-- 暗 -->",
        "<![CDATA[暗]]>",
        "<?php 暗 ?>",
        "<button>暗</button><select><option>暗<option>暗</select>",
        "<svg><title>暗</title><text>暗</text></svg>",
        "<iframe>暗</iframe>",
        '<img alt="暗" title=\'a > 暗\'><input value="暗">',
        '<a class="headerlink" href="#x">¶</a>',
        "<i>\ue601</i>",
    ],
)
def test_what_is_no_text_never_leaks(markup: str) -> None:
    assert lines(f"<p>{TEXT}</p>{markup}<p>{OTHER}</p>") == [TEXT, OTHER]
    assert lines(f"<p>{TEXT}甲{markup if 'title' not in markup[:9] else ''}</p>")[0].startswith(f"{TEXT}甲")


def test_entities_come_out_once() -> None:
    assert lines("<p>甲&nbsp;&lt;b&gt;&amp;amp;&#20013;&#x56fd;&hellip;&ldquo;乙&rdquo;，&copy 2020</p>") == [
        "甲\xa0<b>&amp;中国…“乙”，© 2020"
    ]


def test_a_line_break_in_the_source_parts_words_and_no_characters() -> None:
    assert lines("<p>清晨的雾还没有\n   散，the fog\nlifts 了。</p>") == [
        "清晨的雾还没有散，the fog lifts 了。"
    ]


@pytest.mark.parametrize(
    "body",
    [
        f"<div><p>{TEXT}<p>{OTHER}",
        f"<p>{TEXT}</b></span></div></p><p>{OTHER}</td>",
        f"<b><i><p>{TEXT}</b></i></p><p>{OTHER}</p>",
        f"<p title='a>b' data-x=\"c>'d\">{TEXT}</p><p class=x'y>{OTHER}</p>",
        f"<P>{TEXT}</P><DIV>{OTHER}</DIV>",
        f"<p>{TEXT}</p \n><p\n>{OTHER}",
        f"<p>{TEXT}</p></html><p>{OTHER}</p>",
        f"<p>{TEXT[:5]}\0{TEXT[5:]}</p><p>{OTHER}</p><a href='",
        f"{TEXT}<br>{OTHER}<!-- never closed",
        f"{TEXT}<hr>{OTHER}<script>never closed",
    ],
)
def test_bad_markup_loses_no_text(body: str) -> None:
    assert main_text(body).split("\n") == [TEXT, OTHER]


def test_signs_that_are_no_tags_are_text() -> None:
    assert lines("<p>当 1 < 2 时，a <3 b，c << d，成立。</p>") == ["当 1 < 2 时，a <3 b，c << d，成立。"]


RAIN = "今年的雨为什么来得比往年晚"
"""A title: 13 characters, no sentence."""


def link(text: str = RAIN) -> str:
    return f"<a href=x>{text}</a>"


def paragraphs(*items: str) -> str:
    return "".join(f"<p>{item}</p>" for item in items)


def listed(*items: str) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def stays(body: str) -> bool:
    """Whether ``body`` is kept whole before an article, and likewise after text with links, or else left out."""
    whole = len(re.sub("<[^>]*>", "", body))
    first = f"<p>先{link('坐')}{link('船')}，后{link('坐车')}，一共走了三天三夜。</p><p>到了。</p>"
    lengths = set()
    for before in ("", f"<center>{first}</center>"):
        found = "".join(lines(f"{before}{body}<article>{paragraphs(TEXT)}</article>"))
        lengths.add(len(found) - len(TEXT) - len(re.sub("<[^>]*>", "", before)))
    assert lengths in ({whole}, {0})
    return lengths == {whole}


def test_prose_is_a_sentence_that_ends_or_a_longer_line_with_a_stop_that_links_do_not_outweigh() -> None:
    """What is hidden is read where it is prose, and nothing else is."""
    expected = {
        **{f"都去吧{sign}": True for sign in "。！？；"},
        **{f"都去吧{sign}": False for sign in "，：…、吗"},
        "去吧。": False,
        f"{link()}都去吧。": True,
        f"{link()}去吧。": False,
        "今天，下了一场大雨呀": True,
        "今天，下了一场大雨": False,
        **{f"今天{sign}下了一场大雨呀": True for sign in "。！？；：…"},
        "今天、下了一场很大的雨": False,
        f"今天，下了一场大雨呀{link('九个字的链接一二三')}": True,
        f"今天，下了一场大雨呀{link('十个字的链接一二三四')}": False,
        **{f"It rained{sign} all day": True for sign in ",.;!?"},
        "It rained,all day": False,
        "IT RAINED, all day": False,
    }
    assert {line: main_text(f"<div hidden>{line}</div>") != "" for line in expected} == expected


def test_a_line_of_three_short_links_without_a_stop_goes() -> None:
    def row(*texts: str, last: str = "") -> str:
        return "".join(map(link, texts)) + last

    expected = {
        row("甲", "乙"): True,
        row("甲", "乙", "丙"): False,
        row("甲", "乙", "丙", last="丁" * 9): False,
        row("甲", "乙", "丙", last="丁" * 10): True,
        row("甲" * 11, "乙" * 12, "丙" * 13): False,
        row("甲" * 12, "乙" * 12, "丙" * 13): True,
        row("甲", "乙", "丙", last="，"): True,
        f"<table><tr><td>{link('甲')}<td>{link('乙')}<td>{link('丙')}</table>": True,
        row("甲", "乙", "丙").replace("href", "HREF"): False,
        row("甲", "乙", "丙").replace("href", "name"): True,
    }
    assert {line: main_text(line) != "" for line in expected} == expected


def test_a_box_goes_where_three_fifths_of_it_are_links_at_least_three_and_none_is_prose() -> None:
    six = link("晚来的雨水呀")
    expected = {
        paragraphs(six, six): True,
        paragraphs(six, six, six): False,
        paragraphs(six, six, six, "丁" * 12): True,
        paragraphs(six, six, six, "丁" * 11): False,
        paragraphs(six, six, six, "都去吧。"): True,
        paragraphs(six, six, six, "去吧。"): False,
    }
    assert {items: stays(f"<div>{items}</div>") for items in expected} == expected
    assert lines(f"<div><p>{TEXT}</p><div>{paragraphs(six, six, six)}</div></div>") == [
        TEXT,
        *["晚来的雨水呀"] * 3,
    ]


def test_a_box_of_links_goes_whatever_stands_in_its_links() -> None:
    card = "<a href=x><div>雨</div>今年来得晚</a>"
    assert not stays(f"<div>{card * 3}</div>")
    assert stays(
        f"<div>{card.replace('</a>', '') * 2}</div><div>丁丁丁丁丁</div>" + "<div>丁丁丁丁丁丁</div>"
    )


def test_a_list_goes_where_more_than_half_of_it_is_links_and_less_than_half_of_its_lines_prose() -> None:
    sentence = f"{link()}都去吧。"
    expected = {
        listed(link("四个字符"), "四个字呢"): True,
        listed(link("四个字符"), "三个字"): False,
        listed(link("四个字符")): False,
        listed("没有链接的"): True,
        listed(sentence, link()): True,
        listed(sentence, link(), link()): False,
    }
    assert {body: stays(body) for body in expected} == expected


def test_links_go_on_with_the_prose_before_them_in_what_holds_them() -> None:
    links = listed(link("茶经"), link("茶录"))
    two = paragraphs(TEXT, OTHER)
    expected = {
        **{f"<{tag}>{TEXT}</{tag}>": True for tag in ("p", "div", "section", "blockquote", "td")},
        **{f"<{tag}>{TEXT}</{tag}>": False for tag in ("article", "center", "form")},
        **{f"<{tag}>{two}</{tag}>": False for tag in ("div", "section")},
        **{f"<{tag}>{two}</{tag}>": True for tag in ("blockquote", "figure", "details", "table", "dl")},
        **{"<div>" * n + TEXT + "</div>" * n: True for n in (2, 9)},
        "<p>没有一句话</p>": False,
    }
    found = {prose: lines(f"<h1>题</h1>{prose}{links}")[-1] == "茶录" for prose in expected}
    assert found == expected
    wrapped = {n: f"<p>{TEXT}</p>{'<div>' * n}{links}{'</div>' * n}" for n in (0, 1, 7, 8)}
    assert {n: len(lines(body)) for n, body in wrapped.items()} == {0: 3, 1: 3, 7: 3, 8: 1}


def test_a_list_in_a_list_without_prose_is_judged_with_it() -> None:
    inner = listed(link("茶经"), link("茶录"))
    assert stays(listed(f"这几本书值得一看{inner}", "还有别的书"))
    assert not stays(listed(f"书{inner}"))
    prose = f"<div>{paragraphs('都去吧。', '也都来吧。')}</div>"
    assert lines(f"<ul><li>{prose}{inner}</ul><p>{TEXT}</p>") == ["都去吧。", "也都来吧。", TEXT]
    assert lines(f"<div>这几本书值得一看{inner}</div><p>{TEXT}</p>") == ["这几本书值得一看", TEXT]
    box = f"<div>{paragraphs(link(), link(), link())}</div>"
    assert lines(f"<ul><li>值得一看{box}<li>{'别的书' * 20}</ul><p>{TEXT}</p>") == [
        "值得一看",
        "别的书" * 20,
        TEXT,
    ]


def test_a_side_bar_stays_where_it_is_prose_below_prose_or_long_and_no_more_than_half_links() -> None:
    long = "他们说，雨来得晚。" * 9
    expected = {
        f"<aside>{long[:80]}</aside>": True,
        f"<aside>{long[:79]}</aside>": False,
        f"<div><p>{TEXT}</p><aside>都去吧。</aside></div>": True,
        f"<div><p>{TEXT}</p><aside>都去吧</aside></div>": False,
        f"<div><p>{TEXT}</p><aside>{link('他们说')}去</aside></div>": False,
        f"<div><p>{TEXT}</p><aside>{link('他们说都')}都去吧。</aside></div>": True,
        f"<div><p>{TEXT}</p><aside>{link('他们说也都')}都去吧。</aside></div>": False,
        f"<aside>{long}{link(long[:81])}</aside>": True,
        f"<aside>{long}{link(long[:81])}<p>{link('茶')}</aside>": False,
    }
    found = {
        body: len(lines(body + paragraphs(OTHER, TEXT, OTHER))) - 3 - body.count("<div>") for body in expected
    }
    assert found == {body: int(kept) for body, kept in expected.items()}
    two = f"<aside>{paragraphs(long[:45], long[:45])}</aside>"
    assert lines(f"{two}{listed(link('茶经'))}<p>{TEXT}</p>")[-2] == "茶经"


def test_of_what_was_left_out_the_one_with_most_prose_is_read_where_it_is_more_than_the_rest() -> None:
    def page(rest: str) -> list[str]:
        return lines(
            f"<div hidden>都去吧。</div><p>{rest}</p><div hidden>他们都去吧。</div><div hidden>都来吧。</div>"
        )

    assert page("来") == ["来", "他们都去吧。"]
    assert page("大家也来。") == ["大家也来。", "他们都去吧。"]
    assert page("大家也都来。") == ["大家也都来。"]
    assert main_text("<div hidden>都去吧。</div><div hidden>都来吧。</div>") == "都去吧。"
    assert main_text("<span hidden>都去吧。</span>") == "都去吧。"
    short = f"<span hidden>{link('甲')}{link('乙')}<p>都去吧。</p></span>"
    assert main_text(short) == "甲乙\n都去吧。"


def test_names_count_for_boxes_and_cells_but_not_for_inline_elements_structure_and_code() -> None:
    expected = {
        **{f"<div {names}>暗</div>": False for names in ("class=nav", "id=comments", "role=navigation")},
        "<td class=nav>暗</td>": False,
        "<td class=sidebar>暗</td>": False,
        "<div class=sidebar>暗</div>": False,
        "<span class=nav>明</span>": True,
        "<span class=sidebar>明</span>": True,
        "<h2 class=nav>明</h2>": True,
        "<h2 hidden>明</h2>": True,
        "<pre><div class=comment>明</div></pre>": True,
        "<pre><span class=comment>明</span></pre>": True,
        "<pre><span hidden>暗</span></pre>": False,
        "<a href=x id=nav>明</a>": True,
        "<a href=x class=headerlink>暗</a>": False,
        "<a href=x CLASS=headerlink>暗</a>": False,
        "<img hidden>明": True,
        "<blockquote>都去吧。<footer>明</footer></blockquote>": True,
        "<blockquote>都去吧。<nav>暗</nav></blockquote>": False,
        "<blockquote>都去吧。</blockquote><footer>暗</footer>": False,
    }
    found = {body: "明" in main_text(f"{body}<p>{TEXT}</p>") for body in expected}
    assert found == expected
    assert "暗" not in "".join(main_text(f"{body}<p>{TEXT}</p>") for body in expected)


def test_what_is_hidden_ends_with_its_element() -> None:
    expected = {
        "<span hidden>暗<span>暗</span>暗</span>": "甲乙",
        "<span hidden>暗<b>暗</b>暗</span>": "甲乙",
        "<span hidden>暗<div>暗</span>暗</div></span>": "甲乙",
        "<div hidden><ul><li>暗<b hidden>暗</div>": "甲\n乙",
        "<div hidden>暗</p></b></td>暗</div>": "甲\n乙",
    }
    assert {hidden: main_text(f"甲{hidden}乙") for hidden in expected} == expected


def test_a_link_ends_with_its_tag_with_the_next_one_and_with_what_holds_it() -> None:
    """Where it does not, the sentence after it is no prose, and the list below goes."""
    for link_before in ("<a href=x>甲</a>", "<a href=x>甲<a name=y>", "<div><a href=x>甲</div>"):
        assert lines(f"{link_before}{TEXT}{listed(link('茶经'))}")[-1] == "茶经", link_before
    unnamed = f"<a name=x>{TEXT}</a>"
    assert lines(f"{unnamed}{listed(link('茶经'))}")[-1] == "茶经"


def test_a_cell_of_many_lines_is_no_part_of_a_row() -> None:
    expected = {
        "<td>甲<td>乙": "甲\t乙",
        "<td>甲 </td>\n<td> 乙</td>": "甲\t乙",
        "<td>甲<br>乙</td><td>丙": "甲\n乙\n丙",
        "<td><p>甲</p>乙</td><td>丙": "甲\n乙\n丙",
        "<td>甲<td hidden>暗<td>乙": "甲\t乙",
    }
    assert {row: main_text(f"<table><tr>{row}</table>") for row in expected} == expected


def test_blanks_between_words_are_one_space_and_a_blank_line_is_none() -> None:
    expected = {
        "<b>the</b> <b>fog</b>": "the fog",
        "<b>the</b>\n<b>fog</b>": "the fog",
        "the\tfog": "the fog",
        "the  fog": "the fog",
        "the <b> fog</b>": "the fog",
        "<pre>the \t fog  lifts\n\n  slowly</pre>": "the\tfog lifts\nslowly",
        "<p>&nbsp;</p>\n<p> &#32; </p>": "",
        "<b>\ue601</b>¶甲<b>¶</b>": "¶甲",
        "<b>\ue601甲</b>": "\ue601甲",
    }
    assert {body: main_text(body) for body in expected} == expected


@pytest.mark.untraced
@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 10_000 + TEXT + "</div>" * 10_000,
        "<div>" * 100_000 + TEXT,
        "<div><a href=1>甲</a>" * 20_000 + TEXT,
        ("<div>" * 20_000 + f"<p>{TEXT}</p>" + "<a href=1>甲乙丙丁戊己庚</a>" * 9 + "</div>" * 20_000),
        "<ul><li>" * 20_000 + TEXT + "</b>" * 20_000,
        "<span hidden>" * 20_000 + TEXT + "</span></i>" * 20_000,
        f"<p style='display:none'>{TEXT}</p>" * 20_000,
        "<a <a " * 50_000,
        "<a b='" * 50_000,
        '<a b="' * 50_000 + "'" * 9,
        "<!-" * 100_000,
        "<!--" * 100_000,
        "<!-- -" * 100_000,
        "<script>" * 50_000,
        "<script></scrip" * 50_000,
        "</" * 200_000,
        "&" * 500_000,
        "\0" * 500_000,
        " \n" * 300_000,
        "甲\n" * 300_000,
        "<td>" * 100_000,
        "<td>甲" * 100_000,
        "<ruby>春<rt>" * 30_000,
    ],
    ids=range(23),
)
def test_each_page_ends(page: str) -> None:
    assert main_text(page).count("<") <= page.count("<")  # at once; what is quadratic takes minutes


PARTS = st.sampled_from(
    [
        *(
            "<div>",
            "</div>",
            "<p>",
            "</p>",
            "<ul>",
            "<li>",
            "</ul>",
            "<a href=x>",
            "</a>",
            "<span hidden>",
            "</span>",
            "<br>",
        ),
        *(
            "<table>",
            "<tr>",
            "<td>",
            "</td>",
            "</table>",
            "<pre>",
            "</pre>",
            "<ruby>",
            "<rt>",
            "</ruby>",
            "<nav>",
            "</nav>",
        ),
        *(
            "<div class=menu>",
            "<aside>",
            "</aside>",
            "<button>",
            "<!--",
            "-->",
            "<script>",
            "</script>",
            "<",
            ">",
            "'",
            '"',
        ),
        *("=", "&", "&lt", "甲", "，", "一句话。", " ", "\n", "\t", "\0", "</", "<!", "<b", "\ud800"),
    ]
)


@pytest.mark.slow
@given(st.lists(PARTS, max_size=60).map("".join))
def test_any_mixture_of_markup_gives_lines_that_are_not_blank(page: str) -> None:
    text = main_text(page)
    assert text == "" or all(line == line.strip() != "" for line in text.split("\n"))


@pytest.mark.slow
@given(st.lists(st.text("甲乙丙丁戊，。ab1", min_size=1, max_size=12), min_size=1, max_size=20))
def test_inline_markup_changes_no_text(pieces: list[str]) -> None:
    whole = TEXT + "".join(pieces)
    marked = "".join(
        f"<b>{piece}</b>" if place % 2 else f"<a href=x>{piece}</a>" for place, piece in enumerate(pieces)
    )
    assert main_text(f"<p>{TEXT}{marked}</p>") == whole


def test_ends_without_end_are_passed_at_once() -> None:
    """Each looked through all elements that are open."""
    page = f"<b hidden><div>{'<i hidden>' * 5_000}{'</b>' * 20_000}</div></b><p>{TEXT}</p>"
    assert main_text(page) == TEXT
    assert main_text(f"<p>{TEXT}&#{'1' * 5000};</p>") == f"{TEXT}\ufffd"
