"""HTML's tags, and what its elements are to a reader of text."""

import re


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


MARKUP = re.compile(
    r"""
    <(?:
      (?P<raw>(?i:script|style|textarea|title|iframe|noembed|noframes|xmp))(?=[\s/>])  # holds no markup
        [^<]*+ (?: <(?!/(?i:(?P=raw))[\s/>]) [^<]*+ )*+ (?: </[^>]*+>? )?+
    | (/?)([a-zA-Z][^\s/>]*+) ( (?: [^>=]++ | = \s*+ (?: "[^"]*+" | '[^']*+' )?+ )*+ ) >?
    | !-- (?: -?> | [^-]*+ (?: -(?!->) [^-]*+ )*+ (?:-->)?+ )
    | [!?/] [^>]*+ >?
    )
    """,
    re.VERBOSE,
)
"""A tag, a comment, or an element that holds no markup: linear, whatever is left open reaches to the end of the page.
Groups: the element without markup; of a tag the slash of an end, the name, the attributes."""

VOID = _names("br img hr input meta link wbr area base col embed source track param")
LISTS = _names("ul ol dl menu dir")
CELLS = _names("td th")
HEADINGS = _names("h1 h2 h3 h4 h5 h6")
PARAGRAPHS = LISTS | _names("table blockquote pre figure details")
"""What holds lines of an article as a p does: prose in them is prose of the element that holds them."""
CONTAINERS = (
    PARAGRAPHS
    | CELLS
    | _names("html body main article section div header footer center form fieldset dialog")
)
"""Elements that are judged by what they hold."""
BLOCKS = (
    (CONTAINERS - CELLS)
    | HEADINGS
    | _names(
        "p hr address nav aside li dt dd option optgroup tr caption thead tbody tfoot legend figcaption summary"
    )
)
"""Elements that stand on lines of their own."""
NO_TEXT = _names(
    "nav aside footer noscript template button select datalist svg canvas video audio object rt rp rtc"
)
"""Elements that hold no text of an article."""
NEVER_TEXT = _names("noscript template button select datalist rt rp rtc")
"""Those of them that are no article whatever their length."""
STRUCTURE = HEADINGS | _names("html body main article thead tbody tr")
"""What a page consists of, whatever it is called."""
SPECIAL = BLOCKS | CONTAINERS | NO_TEXT | VOID | {"a", "ruby", "rb"}
"""Elements that mean something to a reader of text even without attributes."""
ENDS = {
    **{name: _names("p") for name in BLOCKS},
    "li": _names("li p"),
    "dt": _names("dt dd p"),
    "dd": _names("dt dd p"),
    "tr": _names("td th p"),
    "td": _names("td th p"),
    "th": _names("td th p"),
    "rt": _names("rt rp"),
    "rp": _names("rt rp"),
    "rb": _names("rt rp rtc"),
}
"""The open elements that a start tag ends, where their end tags were left out."""
