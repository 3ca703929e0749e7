"""Tables and pages: what a reader takes from them."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.report import html


def test_a_bar_is_as_long_as_its_number() -> None:
    table = html.table([("a", 1), ("b", 4)], header=("name", "count"), bar_column=1)
    assert re.findall(r"width:([\d.]+)rem", table) == ["3.00", "12.00"]


def test_facts_read_as_words_and_what_has_no_value_is_left_out() -> None:
    facts = html.facts({"vocab_size": 4000, "character_coverage": None})
    assert "vocab size" in facts and "4,000" in facts
    assert "coverage" not in facts


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
@given(cell=st.text(), name=st.text())
def test_any_text_is_shown_as_it_is_and_never_markup(cell: str, name: str) -> None:
    read = Read(html.table([(cell,)], header=(name,), caption="c"))
    assert read.tags == ["table", "caption", "tr", "th", "tr", "td"]
    assert (read.texts["th"], read.texts["td"]) == (name, cell)


def test_columns_of_numbers_alone_stand_to_the_right() -> None:
    table = html.table([("a", 1, 2), ("b", 2.5, "many")], header=("name", "x", "y"))
    assert "<th>name</th><th class=number>x</th><th>y</th>" in table
    assert "<td>a</td><td class=number>1</td><td>2</td>" in table


def test_a_truth_is_no_number() -> None:
    assert "class=number" not in html.table([(True,), (False,)])


def test_a_table_without_rows_has_its_header() -> None:
    assert html.table([], header=("a", "b")) == "<table>\n\n<tr><th>a</th><th>b</th></tr>\n</table>"


def test_bars_of_nothing_have_no_length() -> None:
    assert "width:0.00rem" in html.table([("a", 0)], bar_column=1)


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


def test_a_page_is_whole_and_loads_nothing() -> None:
    page = html.page("a <report>", [html.section("one & two", "<p>three</p>")])
    assert page.startswith("<!doctype html>") and page.endswith("</html>\n")
    read = Read(page)
    assert read.tags.count("title") == read.tags.count("section") == 1
    assert "<h1>a &lt;report&gt;</h1><section><h2>one &amp; two</h2><p>three</p></section>" in page
    assert not {"script", "link", "img", "iframe"} & set(read.tags)
    assert "url(" not in page and "@import" not in page


def test_a_surrogate_is_an_escape_for_no_page_can_hold_it() -> None:
    assert "<td>b\\udcff&lt;</td>" in html.table([("b\udcff<",)])
    html.page("\udcff", [html.section("\udcff")]).encode()
