"""HTML in texts that are no pages: fields of records, mostly. Tags go, what they enclose stays, entities wait for
`gaupt.corpus.change.normalize`."""

import html
import re
from typing import Literal

_BLOCK = re.compile(
    "address|article|aside|blockquote|body|caption|center|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|"
    "h[1-6]|header|html|li|main|nav|ol|p|pre|section|table|tbody|tfoot|thead|tr|ul"
)
_BREAK = re.compile("br|hr")
_INLINE = re.compile(
    "a|abbr|acronym|audio|b|bdi|bdo|big|button|canvas|cite|code|col|colgroup|data|del|dfn|em|embed|font|i|iframe|img|"
    "input|ins|kbd|label|mark|meta|nobr|noscript|object|param|picture|q|rb|ruby|s|samp|select|small|source|span|strike|"
    "strong|sub|sup|td|textarea|th|time|tt|u|var|video|wbr"
)
_OPTIONAL_END = ("dd", "dt", "li", "p", "tbody", "tfoot", "thead", "tr")
_TAG = re.compile(
    r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)(?=[\s/>])(?:(?:[^<>\"']++|\"[^\"<>]*+\"|'[^'<>]*+')*+|[^<>]*+)>"
)
_BEGINS = re.compile(r"\s*+(?:<|&(?:amp;)*+lt;)[a-zA-Z!]", re.IGNORECASE)
_UNSEEN = re.compile(
    r"<!--.*?-->|<!doctype\b[^<>]*+>|<(script|style|head|rt|rp)\b[^<>]*+>.*?</\1\s*+>",
    re.IGNORECASE | re.DOTALL,
)
# A line that begins so is Markdown's: a heading, a fence, a row of a table.
_MARKDOWN = re.compile(r"^(?:#{1,6} |```|~~~|\|.*\|\s*$|\[.*\]: )", re.MULTILINE)
_LINES = re.compile(r"[ \t]*\n\s*")
_LEAST_BREAKS = 3

Removal = Literal["auto", "always", "never"]


def remove_markup(text: str, removal: Removal = "auto") -> str:
    """``text`` without HTML tags, a line for each block and break.

    With ``auto`` only a text that is HTML throughout changes: one that begins with a block and ends with a tag, has
    nothing outside of blocks and closes every one of them. Prose that speaks of tags and Markdown with HTML in it stay
    to the byte.
    """
    if removal == "never" or (removal == "auto" and not _BEGINS.match(text)):
        return text
    markup = _UNSEEN.sub("", _resolved(text))
    if removal == "always":
        return _strip(markup) if _TAG.search(markup) else text
    if not _is_markup(markup):
        return text
    return remove_markup(_strip(markup))  # what was escaped in it may be HTML throughout as well


def _resolved(text: str) -> str:
    """``text`` itself, or what it stands for where its first tag is written ``&lt;p&gt;``."""
    while (beginning := _BEGINS.match(text)) and "&" in beginning[0]:
        text = html.unescape(text)
    return text


def _is_markup(text: str) -> bool:
    """Whether ``text`` is HTML throughout."""
    tags = [tag for tag in _TAG.finditer(text) if _is_known(tag[2].lower())]
    if (
        not tags
        or text[: tags[0].start()].strip()
        or text[tags[-1].end() :].strip()
        or _MARKDOWN.search(text)
    ):
        return False
    lines = _BREAK.fullmatch(tags[0][2].lower()) is not None  # with breaks between them, and blocks nowhere
    if lines and sum(_BREAK.fullmatch(tag[2].lower()) is not None for tag in tags) < _LEAST_BREAKS:
        return False
    if not lines and not _BLOCK.fullmatch(tags[0][2].lower()):
        return False
    opened, end = list[str](), 0
    for tag in tags:
        name, outside = tag[2].lower(), text[end : tag.start()].strip()
        if outside and not opened and (not lines or "\n" in outside):
            return False
        end = tag.end()
        if not _BLOCK.fullmatch(name) or tag[0].endswith("/>"):
            continue
        if tag[1]:
            while opened and opened[-1] != name and opened[-1] in _OPTIONAL_END:
                opened.pop()
            if not opened or opened.pop() != name:
                return False
        else:
            if opened and opened[-1] in ("p", name) and opened[-1] in _OPTIONAL_END:
                opened.pop()
            opened.append(name)
    return not opened


def _is_known(name: str) -> bool:
    return any(names.fullmatch(name) for names in (_BLOCK, _BREAK, _INLINE))


def _strip(text: str) -> str:
    return _LINES.sub("\n", _TAG.sub(_instead, text)).strip()


def _instead(tag: re.Match[str]) -> str:
    """What stands for a tag in plain text."""
    name = tag[2].lower()
    if _BLOCK.fullmatch(name) or _BREAK.fullmatch(name):
        return "\n"
    if _INLINE.fullmatch(name):
        return " " if tag[1] and name in ("td", "th") else ""
    return tag[0]
