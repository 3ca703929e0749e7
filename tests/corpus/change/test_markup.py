"""HTML in records: what is HTML throughout loses its tags, what speaks of them stays."""

import html
from typing import get_args, get_type_hints

import pytest

from gaupt.config import CleanConfig
from gaupt.corpus.change.markup import Removal, remove_markup
from gaupt.corpus.cleaner import run_steps


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (
            '<p>小城在江南。<br/>河道纵横。</p><p>老人喝茶，<img src="a.jpg" alt="桥>">孩子打闹。</p>',
            "小城在江南。\n河道纵横。\n老人喝茶，孩子打闹。",
        ),
        ("<P CLASS=x>甲</P>\n<p style='y'>乙</p>\n", "甲\n乙"),
        ("<div><p>甲<p>乙</div>", "甲\n乙"),
        ('<div class="a"><span style="b">甲</span><b>乙</b></div>', "甲乙"),
        ("<p>甲<p>乙</p>", "甲\n乙"),
        ("<p>甲<div>乙</div>", "甲\n乙"),
        ("<li>甲<li>乙</li>", "甲\n乙"),
        ("<ul><li>甲<li>乙</ul>", "甲\n乙"),
        ("<ul><li>甲<p>乙</p></li></ul>", "甲\n乙"),
        ("<dl><dt>甲<dd>乙</dl>", "甲\n乙"),
        ("<table><thead><tr><th>甲<tbody><tr><td>乙<tfoot><tr><td>丙</table>", "甲\n乙\n丙"),
        ("<table><tr><th>甲</th><th>乙</th></tr></table>", "甲 乙"),
        ("<div>甲</div><p/>", "甲"),
        ("<div>甲<hr>乙</div>", "甲\n乙"),
        ("<table><tr><td>甲</td><td>乙</td></tr><tr><td>丙</td></tr></table>", "甲 乙\n丙"),
        ("<h2>题</h2><blockquote>甲</blockquote>", "题\n甲"),
        ("<span>甲。</span><br><span>乙。</span>", "甲。\n乙。"),
        ("<strong>导语</strong><p>甲</p>", "导语\n甲"),
        ("<p><font color=red>甲</p><p>乙</p>", "甲\n乙"),
        ("<b>甲</b></i><p>乙</p>", "甲\n乙"),
        (f"<b>{'<i>' * 31}甲<br>乙</b>", "甲\n乙"),
        ("<b><i>甲<p>乙</b>丙</p></i></b>", "甲\n乙丙"),  # no inline element ends a block
        ("<!-- wp:paragraph --><p>甲</p><!-- /wp:paragraph -->", "甲"),
        ("<!-- 甲 > 乙 --><p>丙</p>", "丙"),
        ('<div><style>p{}</style><script>var a = "<p>";</script>甲</div>', "甲"),
        ("<!DOCTYPE html><html><HEAD><title>题</title></HEAD><body>甲</body></html>", "甲"),
        ("<p><ruby>汉<rp>(</rp><rt>hàn</rt><rp>)</rp></ruby>字</p>", "汉字"),
        ("<p>List<String> 与 a < b，<用户名></p>", "List<String> 与 a < b，<用户名>"),
        ("<p>甲&nbsp;&lt;乙</p>", "甲&nbsp;&lt;乙"),  # entities are the next step's
        ("&lt;p&gt;甲&lt;/p&gt;&lt;p&gt;乙&lt;/p&gt;", "甲\n乙"),
        ("&amp;lt;p&amp;gt;甲&amp;lt;/p&amp;gt;", "甲"),
        ("<p>&lt;p&gt;甲&lt;/p&gt;</p>", "甲"),  # or it would change at the next cleaning
        ("清晨的雾。<br/>卖菜的船。<br />老人们。", "清晨的雾。\n卖菜的船。\n老人们。"),
        ("<br>　　甲。<br>　　乙。<br>", "甲。\n乙。"),
        ("甲。<BR>乙。<BR>丙。", "甲。\n乙。\n丙。"),
        ("<p></p>", ""),
    ],
)
def test_html_throughout_loses_its_tags(text: str, plain: str) -> None:
    assert remove_markup(text) == plain
    assert remove_markup(plain) == plain
    assert remove_markup(text, "never") == text


@pytest.mark.parametrize(
    "text",
    [
        "在网页里换行用<br>标签，段落用<p>标签，这两个的区别要多加练习。",
        "<p>标签和<br>标签的区别",
        "<p>标签和<br>",
        "<p>标签用来分段，<div>用来分块，它们的结束是</p>和</div>",
        "<div>和<span>",
        "<b>重点</b>",
        '<a href="x">甲</a>',
        "<p>甲</p>乙<p>丙</p>",
        "<p>甲</p>来源：某报",
        "导语<p>甲</p>",
        "<!-- 注 -->导<p>甲</p>",
        "<p>甲</p><!-- 没有完的注",
        "<div><p>甲</p>",
        "<div>甲<div>乙</div>",
        "<p>甲<p>乙</p></p>",
        "<div><section>甲</div></section>",
        f"<b>{'<i>' * 32}甲<br>乙</b>",
        "换行用<br>，也可以写作<br/>，两种写法都行。",
        "换行用 `x。<br>` 或 `y。<br>`。",
        "题<br>一行。<br>二行。",
        "一行。<br>二行。",  # one break may be what the sentence is about
        "if (a) echo '甲。<br>'; echo '乙。<br>'; b < c;",
        '<div align="center"><img src="x"></div>\n\n# 标题\n\n正文\n\n<p>尾</p>',
        "<div>\n\n```html\n<p>甲</p>\n```\n\n</div>",
        "<用户名>登录了<br>",
        "<3 大家好 <br>",
        "a < b > c",
        "&lt;br&gt;是换行",
        "没有标签。",
        "",
    ],
)
def test_what_speaks_of_tags_stays_to_the_byte(text: str) -> None:
    assert remove_markup(text) == text


def test_always_takes_the_tags_out_of_every_text() -> None:
    assert remove_markup("今天<br>晴，<b>风</b>小<3", "always") == "今天\n晴，风小<3"
    assert remove_markup("&lt;p&gt;甲&lt;/p&gt;乙", "always") == "甲\n乙"
    assert remove_markup("甲  乙\n\n丙", "always") == "甲  乙\n\n丙"


def test_the_step_is_counted_and_a_source_has_its_own_setting() -> None:
    text = "<p>小城在江南&nbsp;&amp;&nbsp;河道纵横。</p>"
    cleaned = run_steps(text, CleanConfig())
    assert cleaned.text == "小城在江南 & 河道纵横。"
    assert [change.step for change in cleaned.changes] == ["markup_removed", "normalized"]
    assert run_steps(text, CleanConfig(remove_markup="never")).text == "<p>小城在江南 & 河道纵横。</p>"
    assert run_steps(cleaned.text, CleanConfig()).changes == []


def test_the_config_has_the_settings_of_the_step() -> None:
    assert set(get_args(Removal)) == set(get_args(get_type_hints(CleanConfig)["remove_markup"]))


@pytest.mark.parametrize(
    "mark",
    ["<p>", "<p ", "<p title='", "<!--", "&lt;p&gt;", "<br>", "<script>", "<b></i>", "&amp;lt;p&amp;gt;"],
)
def test_a_long_text_of_one_mark_takes_no_longer_than_another(mark: str) -> None:
    remove_markup("<p>" + mark * 4_000)
    remove_markup("。<br>" + mark * 4_000)


def test_html_that_was_escaped_again_and_again_is_looked_at_so_often_and_no_more() -> None:
    text = "<p>茶</p>"
    for _ in range(12):
        text = f"<p>{html.escape(text)}</p>"
    assert remove_markup(text).count("amp;") > 0
    for _ in range(300):
        text = f"<p>&lt;{text[1:]}</p>"
    assert "茶" in remove_markup(text)  # no RecursionError


def test_marks_without_end_are_passed_at_once() -> None:
    blanks = " " * 500_000  # each of which may begin what stands before a line's end
    assert remove_markup(f"<p>茶{blanks}叶</p>") == f"茶{blanks}叶"
    assert remove_markup(f"<p>茶{blanks}\n{blanks}叶</p>") == "茶\n叶"
    assert remove_markup(f"&lt;p&gt;茶&#{'1' * 5000};&lt;/p&gt;") == "茶\ufffd"
