"""The main text of an HTML page: one pass over its tags, in time linear in its length whatever it holds.

Lines are written as they come; when an element ends that is no part of an article, the lines since its start are taken
back: elements that are called so or hidden, and those that consist of links. By measurement, see docs/cleaning.md.
"""

import re
from collections import defaultdict
from dataclasses import dataclass

from gaupt.corpus.read.boilerplate_names import Verdict, verdict
from gaupt.corpus.read.html_elements import (
    BLOCKS,
    CELLS,
    CONTAINERS,
    ENDS,
    LISTS,
    MARKUP,
    NEVER_TEXT,
    NO_TEXT,
    PARAGRAPHS,
    SPECIAL,
    STRUCTURE,
    VOID,
)
from gaupt.text.references import unescape

_NAMED = re.compile("class|style|hidden", re.IGNORECASE)
# A line break between two characters that need no space between words.
_WIDE = "\u2e80-\u303f\u3041-\u9fff\uf900-\ufaff\uff00-\uffef"
_FOLDED = re.compile(rf"(?<=[{_WIDE}])[ \t\r\f]*\n\s*(?=[{_WIDE}])")
_SPACES = re.compile(r"[ \t\r\f\n]+")
_RUNS = re.compile(r"[ \t]{2,}")
_WRAPPERS = 8
_LONG = 80
"""Characters of prose that no side bar holds."""
_ICON = re.compile("[\ue000-\uf8ff\xb6]")
_STOP = re.compile(r"[。！？；，：…]|[a-z][,.;!?]\s")


def main_text(page: str) -> str:
    """The main text of ``page``, a paragraph a line; empty for a page without one."""
    reader = _Reader()
    end = 0
    page = page.replace("\0", "")
    for tag in MARKUP.finditer(page):
        start, next_end = tag.span()
        if start > end:
            reader.text(page[end:start])
        end = next_end
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
class _Element:
    """An element that is open, and what there was when it was opened."""

    name: str
    why: Verdict = ""
    lines: int = 0
    taken: int = 0
    counts: tuple[int, int, int, int] = (0, 0, 0, 0)
    own: int = 0
    """Lines of prose that stand directly in it."""
    interrupted: tuple[list[str], int, int] | None = None
    """The line that goes on after an inline element that is left out."""


class _Reader:
    """What was read of a page so far."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._chars = self._link_chars = self._links = 0
        self._prose = 0  # characters of lines of prose outside of links
        self._line: list[str] = []
        self._line_link_chars = self._line_links = 0
        self._broken = False  # by a br
        self._taken: list[tuple[int, list[str], int]] = []
        self._stack = [_Element("")]
        # Where in the stack the open elements of each name are, and those of `CONTAINERS`.
        self._open: defaultdict[str, list[int]] = defaultdict(list)
        self._containers = [0]
        # How many elements were open when the link began that is open; 0 outside of links.
        self._link = 0

    def text(self, text: str) -> None:
        """The characters between two tags."""
        if not self._open["pre"]:
            if text.isspace():
                if self._line:
                    self._line.append(" ")
                return
            if "\n" in text:
                text = _FOLDED.sub("", text)
            if "  " in text or "\n" in text or "\t" in text:
                text = _SPACES.sub(" ", text)
        if len(text) == 1 and _ICON.match(text):
            return
        self._line.append(text)
        if self._link:
            self._line_link_chars += len(text.strip())

    def open(self, name: str, attributes: str) -> None:
        """A start tag."""
        if name == "br":
            self._break_line()
            return
        if not attributes and name not in SPECIAL and not self._open[name]:
            return
        if self._line and name in BLOCKS:
            self._end_line()
        if name in VOID:
            return
        ended = ENDS.get(name, ())
        while self._stack[-1].name in ended:
            self._pop()
        why: Verdict = (
            verdict(attributes) if attributes and (name != "a" or _NAMED.search(attributes)) else ""
        )
        if (
            why in ("named", "aside") and ((name not in BLOCKS and name not in CELLS) or self._open["pre"])
        ) or (why and name in STRUCTURE):
            why = ""
        if name == "a":
            self._link = 0
            if "href" in attributes or "HREF" in attributes:
                self._link = len(self._stack)
                self._line_links += 1
        elif name in CELLS:
            if self._line:
                self._line.append("\t")
        elif name in NO_TEXT and not (name == "footer" and self._open["blockquote"]):
            why = "aside" if name == "aside" else "named"
        if why or name in CONTAINERS or name == "ruby" or self._open[name]:
            counts = self._chars, self._link_chars, self._links, self._prose
            element = _Element(name, why, len(self._lines), len(self._taken), counts)
            if why and name not in BLOCKS:
                element.interrupted = self._line, self._line_link_chars, self._line_links
                self._line, self._line_link_chars, self._line_links = [], 0, 0
            place = len(self._stack)
            self._stack.append(element)
            self._open[name].append(place)
            if name in CONTAINERS:
                self._containers.append(place)

    def close(self, name: str) -> None:
        """An end tag."""
        if name == "a":
            self._link = 0
        elif self._line and name in BLOCKS:
            self._end_line()
        elif name == "br":
            self._break_line()
        # An element that is no container does not end one that was opened in it.
        if (opened := self._open[name]) and (opened[-1] > self._containers[-1] or name in CONTAINERS):
            for _ in range(len(self._stack) - opened[-1]):
                self._pop()

    def result(self) -> str:
        """The lines that stay; what was taken back is the article after all if it holds more prose than they do."""
        while len(self._stack) > 1:
            self._pop()
        if self._line:
            self._end_line()
        place, lines, prose = max(self._taken, key=lambda taken: taken[2], default=(0, [], 0))
        if prose > self._prose:
            self._lines[place:place] = lines
        return "\n".join(self._lines)

    def _pop(self) -> None:
        """End the innermost element that is open."""
        element = self._stack.pop()
        self._open[element.name].pop()
        if element.name in CONTAINERS:
            self._containers.pop()
        if len(self._stack) < self._link:
            self._link = 0
        parted = element.name in CELLS and (self._broken or element.lines < len(self._lines))
        if self._line and (element.why or parted or element.name in BLOCKS):
            self._end_line()
        if element.lines == len(self._lines):
            pass
        elif not self._is_boilerplate(element):
            one_line = element.name in ("div", "section") and len(self._lines) - element.lines == 1
            if one_line or element.name in PARAGRAPHS or element.why:
                self._stack[-1].own += element.own
        else:
            lines = self._lines[element.lines :]
            del self._lines[element.lines :], self._taken[element.taken :]
            if element.name not in NEVER_TEXT:
                self._taken.append((element.lines, lines, self._prose - element.counts[3]))
            self._chars, self._link_chars, self._links, self._prose = element.counts
        if element.interrupted:
            self._line, self._line_link_chars, self._line_links = element.interrupted

    def _is_boilerplate(self, element: _Element) -> bool:
        """Whether ``element``, which has just ended, is no part of an article."""
        chars, link_chars, links, prose = element.counts
        chars, link_chars, links = self._chars - chars, self._link_chars - link_chars, self._links - links
        if element.why == "aside":  # a box in an article, or a side bar
            prose = self._prose - prose
            return 2 * link_chars > chars or not ((prose and self._goes_on(element)) or prose >= _LONG)
        if element.why:
            return True
        if not links:
            return False
        if element.name in LISTS:
            mostly_prose = 2 * element.own >= len(self._lines) - element.lines
            return 2 * link_chars > chars and not mostly_prose and not self._goes_on(element)
        return (
            links >= 3 and 5 * link_chars > 3 * chars and self._prose == prose and not self._goes_on(element)
        )

    def _goes_on(self, element: _Element) -> bool:
        """Whether prose stands before ``element`` in the element that holds it; wrappers of it alone do not count."""
        for parent in self._stack[: -_WRAPPERS - 1 : -1]:
            if parent.own or parent.lines < element.lines:
                # A list in a list without prose is judged with it.
                nested = parent.name in LISTS and element.name in LISTS and parent.counts[3] == self._prose
                return parent.own > 0 or nested
        return False

    def _break_line(self) -> None:
        """A br."""
        self._line.append("\n")
        self._broken = True

    def _end_line(self) -> None:
        """End the line that is being read."""
        self._broken = False
        text, link_chars, links = "".join(self._line), self._line_link_chars, self._line_links
        self._line, self._line_link_chars, self._line_links = [], 0, 0
        if "&" in text:
            text = unescape(text)
        text = text.strip() if "  " not in text and "\t" not in text else _RUNS.sub(_one, text).strip()
        if not text:
            return
        outside = len(text) - link_chars
        short = links >= 3 and outside <= 3 * links and len(text) <= 12 * links
        if short and "\t" not in text and not _STOP.search(text):
            return  # a line of short links
        if "\n" in text:
            self._lines += [line for part in text.split("\n") if (line := part.strip())]
        else:
            self._lines.append(text)
        self._chars += len(text)
        self._link_chars += link_chars
        self._links += links
        if (outside >= 4 and text[-1] in "。！？；") or (
            outside >= 10 and 2 * outside > len(text) and _STOP.search(text)
        ):
            self._prose += outside
            self._stack[-1].own += 1


def _one(run: re.Match[str]) -> str:
    """The one character that a run of blanks is worth."""
    return "\t" if "\t" in run[0] else " "
