"""HTML's tags and elements."""

import pytest

from gaupt.corpus.read import html_elements as elements


def tags(page: str) -> list[tuple[str | None, ...]]:
    return [tag.groups() for tag in elements.MARKUP.finditer(page)]


def pieces(page: str) -> list[str]:
    return [tag[0] for tag in elements.MARKUP.finditer(page)]


def test_a_tag_is_its_slash_its_name_and_its_attributes() -> None:
    assert tags("<p>甲</p><a href='x>y' b=c><br/>") == [
        (None, "", "p", ""),
        (None, "/", "p", ""),
        (None, "", "a", " href='x>y' b=c"),
        (None, "", "br", "/"),
    ]


@pytest.mark.parametrize(
    "name", ["script", "style", "textarea", "title", "iframe", "noembed", "noframes", "xmp", "Script"]
)
def test_an_element_without_markup_is_one_piece(name: str) -> None:
    element = f"<{name} a=b>a < b; '<p>' </{name}s> </{name} >"
    assert pieces(f"甲{element}乙<p>") == [element, "<p>"]
    assert [tag[0] for tag in tags(f"{element}<p>")] == [name, None]


def test_an_element_that_only_begins_like_one_without_markup_holds_some() -> None:
    assert pieces("<scripts><p></scripts>") == ["<scripts>", "<p>", "</scripts>"]


@pytest.mark.parametrize(
    "piece",
    ["<!DOCTYPE html>", "<!-- <p> -- - -->", "<!-->", "<!--->", "<!---->", "<?xml version='1.0'?>", "</3>"],
)
def test_comments_and_declarations_have_no_name(piece: str) -> None:
    assert pieces(f"甲{piece}乙<p>") == [piece, "<p>"]
    assert tags(piece) == [(None, None, None, None)]


@pytest.mark.parametrize("piece", ["<script>a <p>", "<!-- <p> --", "<a href='<p>", "<p ", "<!x", "</p"])
def test_what_is_left_open_reaches_to_the_end(piece: str) -> None:
    assert pieces(f"甲{piece}") == [piece]


def test_signs_are_no_tags() -> None:
    assert tags("1 < 2 << 3 <3") == []


KINDS = [
    *("VOID", "LISTS", "CELLS", "HEADINGS", "PARAGRAPHS", "CONTAINERS", "BLOCKS", "NO_TEXT", "NEVER_TEXT"),
    *("STRUCTURE", "SPECIAL"),
]


@pytest.mark.parametrize(
    ("names", "kinds"),
    [
        ("br img input meta link wbr area base col embed source track param", "VOID SPECIAL"),
        ("hr", "VOID BLOCKS SPECIAL"),
        ("ul ol dl menu dir", "LISTS PARAGRAPHS CONTAINERS BLOCKS SPECIAL"),
        ("table blockquote pre figure details", "PARAGRAPHS CONTAINERS BLOCKS SPECIAL"),
        ("td th", "CELLS CONTAINERS SPECIAL"),
        ("h1 h2 h3 h4 h5 h6", "HEADINGS BLOCKS STRUCTURE SPECIAL"),
        ("html body main article", "CONTAINERS BLOCKS STRUCTURE SPECIAL"),
        ("div section header center form fieldset dialog", "CONTAINERS BLOCKS SPECIAL"),
        ("footer", "CONTAINERS BLOCKS NO_TEXT SPECIAL"),
        ("nav aside", "BLOCKS NO_TEXT SPECIAL"),
        ("tr thead tbody", "BLOCKS STRUCTURE SPECIAL"),
        ("p li dt dd address option optgroup caption tfoot legend figcaption summary", "BLOCKS SPECIAL"),
        ("svg canvas video audio object", "NO_TEXT SPECIAL"),
        ("noscript template button select datalist rt rp rtc", "NO_TEXT NEVER_TEXT SPECIAL"),
        ("a ruby rb", "SPECIAL"),
        ("span b em font label script style x", ""),
    ],
)
def test_each_element_is_of_its_kinds(names: str, kinds: str) -> None:
    for name in names.split():
        assert [kind for kind in KINDS if name in getattr(elements, kind)] == kinds.split()


@pytest.mark.parametrize(
    ("start", "ended"),
    [
        ("p", "p"),
        ("div", "p"),
        ("h1", "p"),
        ("hr", "p"),
        ("li", "li p"),
        ("dt", "dt dd p"),
        ("dd", "dt dd p"),
        ("tr", "td th p"),
        ("td", "td th p"),
        ("th", "td th p"),
        ("rt", "rt rp"),
        ("rp", "rt rp"),
        ("rb", "rt rp rtc"),
    ],
)
def test_a_start_tag_ends_what_was_left_open_before_it(start: str, ended: str) -> None:
    assert elements.ENDS[start] == {*ended.split()}


def test_what_stands_in_a_line_ends_nothing() -> None:
    assert not elements.ENDS.keys() & {"a", "b", "span", "br", "img", "ruby", "rtc"}


def test_the_kinds_of_elements_agree() -> None:
    assert elements.LISTS <= elements.PARAGRAPHS <= elements.CONTAINERS
    assert elements.NEVER_TEXT <= elements.NO_TEXT
    assert not elements.CELLS & elements.BLOCKS
    assert elements.ENDS.keys() >= elements.BLOCKS
