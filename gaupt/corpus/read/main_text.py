"""The main text of an HTML page: one pass over its tags, in time linear in its length whatever it holds.

Lines are written as they come; when an element ends that is no part of an article, the lines since its start are taken
back: elements that are called so or hidden, and those that consist of links. Our own, by measurement: see docs/cleaning.md.
"""

import html
import re
from collections import Counter
from copy import copy
from dataclasses import dataclass, field

from gaupt.corpus.read.boilerplate_names import Verdict, verdict

_MARKUP = re.compile(
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
_HREF = re.compile(r"""(?<![^\s"'/])href\s*=""", re.IGNORECASE)

_DROPPED = frozenset(
    (
        "nav",
        "aside",
        "footer",
        "noscript",
        "template",
        "button",
        "select",
        "svg",
        "canvas",
        "video",
        "audio",
        "object",
    )
    + ("datalist", "rt", "rp", "rtc")
)
_LISTS = frozenset(("ul", "ol", "dl", "menu", "dir"))
_CONTAINERS = _LISTS | frozenset(
    (
        "div",
        "section",
        "article",
        "main",
        "header",
        "footer",
        "form",
        "fieldset",
        "table",
        "center",
        "td",
        "th",
        "figure",
    )
    + ("blockquote", "details", "dialog", "pre", "ruby", "html", "body")
)
_CELLS = frozenset(("td", "th"))
_BLOCKS = (
    (_CONTAINERS - _CELLS - {"ruby"})
    | frozenset(
        (
            "p",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "li",
            "dt",
            "dd",
            "tr",
            "caption",
            "thead",
            "tbody",
            "tfoot",
            "legend",
        )
    )
    | frozenset(("figcaption", "address", "summary", "hr", "nav", "aside", "option", "optgroup"))
)
_NEVER = frozenset(("noscript", "template", "button", "select", "rt", "rp", "rtc"))
"""What is in these is no article, whatever its length."""
_ENDED_BY = {
    **{name: ("p",) for name in _BLOCKS},
    "li": ("li", "p"),
    "dt": ("dt", "dd", "p"),
    "dd": ("dt", "dd", "p"),
    "tr": ("td", "th", "p"),
    "td": ("td", "th", "p"),
    "th": ("td", "th", "p"),
    "rt": ("rt", "rp"),
    "rp": ("rt", "rp"),
    "rb": ("rt", "rp", "rtc"),
}
_VOID = frozenset(
    (
        "br",
        "img",
        "hr",
        "input",
        "meta",
        "link",
        "wbr",
        "area",
        "base",
        "col",
        "embed",
        "source",
        "track",
        "param",
    )
)
_KEPT = frozenset(("html", "body", "main", "article", "h1", "h2", "h3"))
"""These are what a page consists of, whatever they are called."""

# A line break between two characters that need no space between words.
_WIDE = "\u2e80-\u303f\u3041-\u9fff\uf900-\ufaff\uff00-\uffef"
_FOLDED = re.compile(rf"(?<=[{_WIDE}])[ \t\r\f]*\n\s*(?=[{_WIDE}])")
_SPACES = re.compile(r"[ \t\r\f\n]+")
_RUNS = re.compile(r" {2,}|[ \t]*\t[ \t]*")
_ICON = re.compile("[\ue000-\uf8ff\xb6]")
_STOP = re.compile(r"[。！？；，：…]|[a-z][,.;!?]\s")


def main_text(page: str) -> str:
    """The main text of ``page``, a paragraph a line; empty for a page without one."""
    reader = _Reader()
    end = 0
    page = page.replace("\0", "")
    for tag in _MARKUP.finditer(page):
        if tag.start() > end:
            reader.text(page[end : tag.start()])
        end = tag.end()
        _, closing, name, attributes = tag.groups()
        if name is not None:
            name = name.lower()
            if closing:
                reader.close(name)
            else:
                reader.open(name, attributes)
    reader.text(page[end:])
    return reader.result()


@dataclass(slots=True)
class _Count:
    """What a page holds so far."""

    chars: int = 0
    link_chars: int = 0
    links: int = 0
    prose: int = 0
    """Characters of lines of prose that stand outside of links."""


@dataclass(slots=True)
class _Element:
    """An element that is open, and what there was when it was opened."""

    name: str
    why: Verdict = ""
    lines: int = 0
    taken: int = 0
    before: _Count = field(default_factory=_Count)
    own: int = 0
    """Lines of prose that stand directly in it."""
    interrupted: tuple[list[str], _Count] | None = None
    """The line that goes on after an inline element that is left out."""


class _Reader:
    """What was read of a page so far."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._count = _Count()
        self._line: list[str] = []
        self._in_line = _Count()
        self._taken: list[tuple[int, list[str], int]] = []
        self._stack = [_Element("")]
        self._open: Counter[str] = Counter()
        self._link = (
            0  # how many elements were open at the start of the link that is open; 0 outside of links
        )

    def text(self, text: str) -> None:
        """The characters between two tags."""
        if len(text) == 1 and _ICON.match(text):
            return
        if not self._open["pre"]:
            if "\n" in text:
                text = _FOLDED.sub("", text)
            text = _SPACES.sub(" ", text)
        self._line.append(text)
        if self._link:
            self._in_line.link_chars += len(text.strip())

    def open(self, name: str, attributes: str) -> None:
        """A start tag."""
        if name == "br":
            self._line.append("\n")
            return
        if name in _BLOCKS:
            self._end_line()
        if name in _VOID:
            return
        if name in _ENDED_BY:
            ended = _ENDED_BY[name]
            while self._stack[-1].name in ended:
                self._pop()
        why: Verdict = verdict(attributes) if attributes else ""
        if (why == "named" and (name not in _BLOCKS or self._open["pre"])) or (why and name in _KEPT):
            why = ""
        if name == "a":
            self._link = 0
            if attributes and _HREF.search(attributes):
                self._link = len(self._stack)
                self._in_line.links += 1
        elif name in _CELLS:
            self._line.append("\t")
        elif name in _DROPPED and not (name == "footer" and self._open["blockquote"]):
            why = "named"
        if why or name in _CONTAINERS or self._open[name]:
            element = _Element(name, why, len(self._lines), len(self._taken), copy(self._count))
            if why and name not in _BLOCKS:
                element.interrupted = self._line, self._in_line
                self._line, self._in_line = [], _Count()
            self._stack.append(element)
            self._open[name] += 1

    def close(self, name: str) -> None:
        """An end tag."""
        if name == "a":
            self._link = 0
        elif name in _BLOCKS:
            self._end_line()
        elif name == "br":
            self._line.append("\n")
        if not self._open[name]:
            return
        place = len(self._stack) - 1
        while self._stack[place].name != name:
            if name not in _CONTAINERS and self._stack[place].name in _CONTAINERS:
                return
            place -= 1
        while len(self._stack) > place:
            self._pop()

    def result(self) -> str:
        """The lines that stay; what was taken back is the article after all if it holds more prose than they do."""
        while len(self._stack) > 1:
            self._pop()
        self._end_line()
        for place, lines, prose in reversed(self._taken):
            if prose > self._count.prose:
                self._lines[place:place] = lines
        return "\n".join(self._lines)

    def _pop(self) -> None:
        """End the innermost element that is open."""
        element = self._stack.pop()
        self._open[element.name] -= 1
        if len(self._stack) < self._link:
            self._link = 0
        if (
            element.name not in _CELLS
            or element.why
            or element.lines < len(self._lines)
            or "\n" in self._line
        ):
            self._end_line()
        if element.lines < len(self._lines) and (element.why or self._is_navigation(element)):
            lines = self._lines[element.lines :]
            del self._lines[element.lines :], self._taken[element.taken :]
            if element.name not in _NEVER:
                self._taken.append((element.lines, lines, self._count.prose - element.before.prose))
            self._count = element.before
        if element.interrupted:
            self._line, self._in_line = element.interrupted

    def _is_navigation(self, element: _Element) -> bool:
        """Whether ``element`` consists of links."""
        links = self._count.links - element.before.links
        if not links:
            return False
        chars = self._count.chars - element.before.chars
        link_chars = self._count.link_chars - element.before.link_chars
        if element.name in _LISTS:
            mostly_prose = 2 * element.own >= len(self._lines) - element.lines
            return 2 * link_chars > chars and not mostly_prose and not self._stack[-1].own
        return links >= 2 and 5 * link_chars > 3 * chars and self._count.prose == element.before.prose

    def _end_line(self) -> None:
        """End the line that is being read."""
        if not self._line:
            return
        text, inside = "".join(self._line), self._in_line
        self._line, self._in_line = [], _Count()
        if not text or text.isspace():
            return
        if "&" in text:
            text = html.unescape(text)
        text = _RUNS.sub(_one, text)
        outside = len(text) - inside.link_chars
        if (
            inside.links >= 3
            and outside <= 3 * inside.links
            and len(text) <= 12 * inside.links
            and not _STOP.search(text)
        ):
            return
        if "\n" in text:
            self._lines += [line for part in text.split("\n") if (line := part.strip())]
        else:
            self._lines.append(text.strip())
        count = self._count
        count.chars += len(text)
        count.link_chars += inside.link_chars
        count.links += inside.links
        if outside >= 10 and 2 * outside > len(text) and _STOP.search(text):
            count.prose += outside
            self._stack[-1].own += 1


def _one(run: re.Match[str]) -> str:
    """The one character that a run of blanks is worth."""
    return "\t" if "\t" in run[0] else " "
