"""Tables and pages: what a reader takes from them."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.language import Language
from gaupt.report import html


def test_a_bar_is_as_long_as_its_number() -> None:
    table = html.table([("a", 1), ("b", 4)], ("name", "count"), "c", bar_column=1)
    assert re.findall(r"--share:([\d.]+)", table) == ["0.250", "1.000"]


def test_bars_of_nothing_have_no_length() -> None:
    assert "--share:0.000" in html.table([("a", 0)], ("name", "count"), "c", bar_column=1)


def test_facts_without_a_value_are_left_out() -> None:
    facts = html.facts({"vocab size": 4000, "coverage": None})
    assert facts == '<dl class="facts"><div><dt>vocab size</dt><dd>4,000</dd></div></dl>'


def test_a_tile_is_a_name_a_figure_and_words() -> None:
    tile = html.tiles([("loss", "5.6", "<nats>")])
    assert "<dt>loss</dt>" in tile and "<strong>5.6</strong>" in tile and ">&lt;nats&gt;</span>" in tile


class Read(HTMLParser):
    """The tags of a page, and the text of those that hold nothing else."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.texts: dict[str, str] = {}
        self._inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attributes: object) -> None:
        self.tags.append(tag)
        self._inside, self.texts[tag] = tag, ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts[self._inside] += data


@pytest.mark.slow
@given(cell=st.text(), name=st.text(min_size=1))
def test_any_text_is_shown_as_it_is_and_never_markup(cell: str, name: str) -> None:
    read = Read(html.table([(cell,)], (name,), "c", named_rows=False))
    assert read.tags == ["div", "table", "caption", "thead", "tr", "th", "tbody", "tr", "td"]
    assert (read.texts["th"], read.texts["td"]) == (name, cell)


def test_headers_say_what_they_are_the_headers_of() -> None:
    table = html.table([("a", "b")], ("name", "x"), "what it is")
    assert "<caption>what it is</caption>" in table
    assert '<thead><tr><th scope="col">name</th><th scope="col">x</th></tr></thead>' in table
    assert '<tr><th scope="row">a</th><td>b</td></tr>' in table
    assert "<tr><td>a</td><td>b</td></tr>" in html.table([("a", "b")], ("name", "x"), "c", named_rows=False)


def test_a_corner_without_a_name_is_no_header() -> None:
    assert '<thead><tr><td></td><th scope="col">x</th></tr></thead>' in html.table(
        [("a", "b")], ("", "x"), "c"
    )


def test_columns_of_numbers_alone_stand_to_the_right() -> None:
    table = html.table([("a", 1, 2), ("b", 2.5, "many")], ("name", "x", "y"), "c")
    assert '<th scope="col" class=number>x</th><th scope="col">y</th>' in table
    assert '<th scope="row">a</th><td class=number>1</td><td>2</td>' in table


def test_a_truth_is_no_number() -> None:
    assert "class=number" not in html.table([("a", True), ("b", False)], ("name", "x"), "c")


def test_a_table_without_rows_has_its_header() -> None:
    assert html.table([], ("a", "b"), "c").endswith("</tr></thead><tbody></tbody></table></div>")


def test_chinese_excerpts_are_marked_as_chinese_and_long_ones_have_room() -> None:
    assert html.excerpt("<字>") == '<span lang="zh">&lt;字&gt;</span>'
    assert html.excerpt("字" * 16) == f'<span lang="zh">{"字" * 16}</span>'
    assert html.excerpt("字" * 17) == f'<span lang="zh" class=long>{"字" * 17}</span>'
    assert "<td><span lang" in html.table([(html.excerpt("字"),)], ("a",), "c", named_rows=False)


def test_what_is_folded_away_may_be_open() -> None:
    assert html.details("a<b", "x") == "<details><summary>a&lt;b</summary>x</details>"
    assert html.details("a", "x", opened=True).startswith("<details open>")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1_234_567, "1,234,567"),
        (0.123456, "0.1235"),
        (9_999.4, "9,999"),
        (10_000.6, "10,001"),
        (1_234_567.8, "1,234,568"),
        (-12_345.6, "-12,346"),
        (True, "True"),
        (None, "None"),
        ("字", "字"),
        (["a"], "['a']"),
    ],
)
def test_values_are_written_for_a_reader(value: object, shown: str) -> None:
    assert html.text(value) == shown


def page_of(title: str, *sections: tuple[str, html.Markup], language: Language = "en") -> str:
    return html.page(title, "", sections, language=language, skip="To the content", contents="Contents")


def test_a_page_is_whole_and_loads_nothing() -> None:
    page = page_of("a <report>", html.section("one & two", "<p>three</p>"))
    assert page.startswith("<!doctype html>") and page.endswith("</html>\n")
    read = Read(page)
    assert read.tags.count("title") == read.tags.count("section") == read.tags.count("main") == 1
    assert "<h1>a &lt;report&gt;</h1>" in page and "<h2>one &amp; two</h2><p>three</p></section>" in page
    assert not {"link", "img", "iframe"} & set(read.tags)
    assert not any(words in page for words in ("url(", "@import", "fetch(", "<script src"))


def test_a_page_leads_to_its_sections_and_past_the_list_of_them() -> None:
    page = page_of("r", html.section("one & two"), html.section("三"))
    links = re.findall('<li><a href="#([^"]*)">([^<]*)</a>', page)
    assert [name for _, name in links] == ["one &amp; two", "三"]
    assert re.findall('<section id="([^"]*)">', page) == [id_ for id_, _ in links]
    assert '<a class="skip" href="#main">To the content</a>' in page and '<nav aria-label="Contents">' in page


@pytest.mark.parametrize(("language", "lang"), [("en", "en"), ("zh", "zh-Hans")])
def test_a_page_says_its_language(language: Language, lang: str) -> None:
    assert f'<html lang="{lang}">' in page_of("r", language=language)


def test_a_surrogate_is_an_escape_for_no_page_can_hold_it() -> None:
    assert "<td>b\\udcff&lt;</td>" in html.table([("b\udcff<",)], ("a",), "c", named_rows=False)
    page_of("\udcff", html.section("\udcff")).encode()
