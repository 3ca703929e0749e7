"""HTML in texts that are no pages: fields of records, mostly. Tags go, what they enclose stays, entities wait for
`gaupt.corpus.change.normalize`."""

import re
from typing import Literal

from gaupt.text.references import unescape

_BLOCK = re.compile(
    "address|article|aside|blockquote|body|caption|center|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|"
    "h[1-6]|header|html|li|main|nav|ol|p|pre|section|table|tbody|tfoot|thead|tr|ul"
)
_EMPTY = re.compile("br|hr|img|input|wbr|col|embed|source|param|meta")
_INLINE = re.compile(
    "a|abbr|acronym|audio|b|bdi|bdo|big|button|canvas|cite|code|colgroup|data|del|dfn|em|font|i|iframe|ins|kbd|label|"
    "mark|nobr|noscript|object|picture|q|rb|ruby|s|samp|select|small|span|strike|strong|sub|sup|td|textarea|th|time|tt|"
    "u|var|video"
)
_OPTIONAL_END = ("dd", "dt", "li", "p", "tbody", "tfoot", "thead", "tr")
_TAG = re.compile(
    r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)(?=[\s/>])(?:(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+|[^<>]*+)>"
)
_BEGINS = re.compile(r"\s*+(?:<|&(?:amp;){0,2}+lt;)[a-zA-Z!]", re.IGNORECASE)
_UNSEEN = re.compile(r"<(?:!(--)|!doctype\b|(script|style|head|rt|rp)\b)[^<>]*+", re.IGNORECASE)
_UNSEEN_ENDS = {
    name: re.compile(rf"</{name}\s*+>", re.IGNORECASE) for name in ("script", "style", "head", "rt", "rp")
}
_UNSEEN_ENDS |= {"--": re.compile("-->"), "": re.compile(">")}
# A line that begins so is Markdown's: a heading, a fence, a row of a table.
_MARKDOWN = re.compile(r"^(?:#{1,6} |```|~~~|\|.*\|\s*$|\[.*\]: )", re.MULTILINE)
_LINES = re.compile(r"(?<![ \t])[ \t]*+\n\s*+")
_ROUNDS = 8
"""How often HTML that was escaped in HTML is looked at, at most."""
_DEEPEST = 32
"""Inline elements in which the beginning of one that ends is looked for."""
_LINE_ENDS = tuple("。！？…；，、”’」』）》—～.!?")
"""What stands before a break between lines, and seldom before one that a sentence speaks of."""

Removal = Literal["auto", "always", "never"]


def remove_markup(text: str, removal: Removal = "auto") -> str:
    """``text`` without HTML tags, a line for each block and break.

    With ``auto`` only a text that is HTML throughout changes: with blocks or breaks in it, every element closed and
    nothing outside of them; or lines with breaks between them and no other tags. Prose that speaks of tags and
    Markdown with HTML in it stay to the byte.
    """
    if removal == "never":
        return text
    if removal == "always":
        return _strip(_resolved(text)) if "<" in text or _BEGINS.match(text) else text
    for _ in range(_ROUNDS):  # what was escaped in it may be HTML throughout as well
        if not _BEGINS.match(text):
            return _strip(text) if "<" in text and _is_lines(text) else text
        markup = _resolved(text)
        if not (_is_markup(_visible(markup)) or _is_lines(markup)):
            break
        text = _strip(markup)
    return text


def _resolved(text: str) -> str:
    """``text`` itself, or what it stands for where its first tag is written ``&lt;p&gt;``."""
    while (beginning := _BEGINS.match(text)) and "&" in beginning[0]:
        text = unescape(text)
    return text


def _visible(text: str) -> str:
    """``text`` without comments, scripts, styles and the like; from one without an end, as it is."""
    pieces, position = list[str](), 0
    while beginning := _UNSEEN.search(text, position):
        end = _UNSEEN_ENDS[(beginning[1] or beginning[2] or "").lower()].search(text, beginning.start())
        if end is None:
            break
        pieces.append(text[position : beginning.start()])
        position = end.end()
    return "".join((*pieces, text[position:]))


def _is_markup(text: str) -> bool:
    """Whether ``text`` is HTML throughout: elements, all of them closed, with nothing between them."""
    if _MARKDOWN.search(text):
        return False
    opened, end, structured = list[str](), 0, False
    for tag in _TAG.finditer(text):
        name = tag[2].lower()
        block, empty = _BLOCK.fullmatch(name), _EMPTY.fullmatch(name)
        if not (block or empty or _INLINE.fullmatch(name)):
            continue
        if not opened and text[end : tag.start()].strip():
            return False
        end, structured = tag.end(), structured or block is not None or name == "br"
        if empty or tag[0].endswith("/>"):
            continue
        if not tag[1]:
            if block and opened and opened[-1] in ("p", name) and opened[-1] in _OPTIONAL_END:
                opened.pop()
            opened.append(name)
        elif block:
            while (
                opened
                and opened[-1] != name
                and (opened[-1] in _OPTIONAL_END or _INLINE.fullmatch(opened[-1]))
            ):
                opened.pop()
            if not opened or opened.pop() != name:
                return False
        elif name in opened[-_DEEPEST:]:
            while opened[-1] != name and _INLINE.fullmatch(opened[-1]):
                opened.pop()
            if opened[-1] == name:
                opened.pop()
    return structured and not opened and not text[end:].strip()


def _is_lines(text: str) -> bool:
    """Whether ``text`` is plain but for several breaks, each at the end of a line."""
    end = breaks = 0
    for tag in _TAG.finditer(text):
        if tag[2].lower() != "br":
            return False
        before = text[end : tag.start()].rstrip()
        if before and not before.endswith(_LINE_ENDS):
            return False
        end, breaks = tag.end(), breaks + 1
    return breaks > 1 and breaks == text.count("<") and "`" not in text and not _MARKDOWN.search(text)


def _strip(text: str) -> str:
    return _LINES.sub("\n", _TAG.sub(_instead, _visible(text))).strip()


def _instead(tag: re.Match[str]) -> str:
    """What stands for a tag in plain text."""
    name = tag[2].lower()
    if _BLOCK.fullmatch(name) or name in ("br", "hr"):
        return "\n"
    if _EMPTY.fullmatch(name) or _INLINE.fullmatch(name):
        return " " if tag[1] and name in ("td", "th") else ""
    return tag[0]
