"""MediaWiki's markup to plain text, in time linear in its length whatever it holds.

Our own, by measurement: see docs/cleaning.md.
"""

import re
from collections.abc import Callable, Iterator

from gaupt.corpus.read.wikitemplates import template_text, unknown_text
from gaupt.text.references import unescape

MAX_TITLE = 255
"""Characters of the longest title that is put in its place in the text; MediaWiki allows as many bytes."""
MAX_DEPTH = 40
"""Templates, links and tables inside each other; MediaWiki's own limit for templates. Deeper ones lose their marks."""

# What stands inside these is no wikitext: it ends at the next end tag, whatever it holds.
_RAW = (
    "math|chem|ce|gallery|syntaxhighlight|source|timeline|score|imagemap|graph|hiero|templatedata|inputbox|"
    "categorytree|mapframe|maplink|includeonly|style|nowiki"
)
_TOKEN = re.compile(
    r"[<\[\]{}|-](?:"
    rf"(?<=<)(?:(?P<comment>!--)|(?P<raw>{_RAW})\b[^<>]*+(?:(?<=/)(?P<empty>>)|>)|ref\b[^<>]*+(?<!/)>|/ref\s*+>)"
    r"|(?<=\{)[{|]|(?<=\})[}-]|(?<=\[)\[|(?<=\])\]|(?<=-)\{(?!\{(?!\{))|(?<=\|)\}(?!\}))",
    re.IGNORECASE,
)
"""The first character apart: only where one of them stands does `re` look closer, which is three times as fast."""
_END = {name: re.compile(rf"</{name}\s*+>", re.IGNORECASE) for name in _RAW.split("|")}
_END["comment"] = re.compile("-->")

_NOT_SHOWN = re.compile(
    r"\s*+(?:file|image|media|category|文件|檔案|档案|图像|圖像|媒体|媒體|分类|分類|"
    r"(?-i:en|ja|ko|de|fr|es|it|pt|ru|vi|zh-[a-z-]++))\s*+:",
    re.IGNORECASE,
)
"""Targets of links that show nothing in the text: files, categories, the same page in another language."""
_FLAGS = re.compile(r"(?:(?:^|;)\s*+(?:[A-Z-]|zh(?:-[a-z]+)*+)?\s*+)++")
_RULE_END = re.compile(r";(?=\s*+zh(?:-[a-z]+)*+\s*+:)", re.IGNORECASE)
_ONE_WAY = re.compile(r"=>\s*+zh(?:-[a-z]+)*+\s*+:", re.IGNORECASE)
_RULE = re.compile(r"\s*+(zh(?:-[a-z]+)*+)\s*+:(.*)", re.IGNORECASE | re.DOTALL)
_SIMPLIFIED = ("zh-cn", "zh-hans", "zh-sg", "zh-my", "zh")

_EXTERNAL = re.compile(r"\[(?:https?:|ftp:)?//[^\s\[\]]++[^\S\n]*+([^\[\]\n]*+)\]")
_BREAK = re.compile(r"</?(?:br|p|div|li|tr|hr|h[1-6]|blockquote|dd|dt)\b[^<>]*+>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:abbr|b|bdi|bdo|big|caption|center|cite|code|data|del|dfn|dl|em|font|i|ins|kbd|mark|noinclude|nowiki|ol|"
    r"onlyinclude|poem|pre|q|rb|ref|references|rp|rt|ruby|s|samp|section|small|span|strike|strong|sub|sup|table|"
    r"tbody|td|th|time|tt|u|ul|var|wbr)\b[^<>]*+>",
    re.IGNORECASE,
)
_POWER = re.compile(r"<sup>(?=[0-9−-])", re.IGNORECASE)
_MARKS = re.compile(r"'{2,}+|__[^\W_]{2,20}+__")
_BRACKETS = re.compile(r"[（(](?:[\s，、；：,;:]*+[）)]|(?<=（)(?P<rest>[，、；]\s*+))")
"""Brackets around what does not show, or that begin with the mark that parted it from the rest."""
_AGE_TODAY = re.compile(
    r"(?:(?P<before>[，、])(?:[现現]年)?|[现現]年)?\{\{(?:[Aa]ge|年[龄齡])\|[^{}]*+\}\}[岁歲](?P<after>[，、])?"
)
_OUT_OF_PLACE = re.compile(r"\{\{\s*+(?:[Bb][Dd]\b|[Aa]ge\b|年[龄齡]|[A-Z]*+(?<=PAGENAME))")
_BARE_LIFE = re.compile(r"\{\{(?<=[\w'》」]\{\{)\s*+[Bb][Dd]\s*+\|[^{}]*+\}\}")
_PAGE_NAME = re.compile(r"\{\{\s*+(?:FULL|BASE|ROOT|SUBJECT)?PAGENAME\s*+\}\}")


def plain_text(wikitext: str, title: str = "") -> str:
    """The prose of a page called ``title``: headings, paragraphs and list items, one a line.

    Templates (but for those that stand for words or values), tables, references, files, categories, formulas, code and
    comments are left out, and so are headings with nothing below them. Of the variants of -{...}- the simplified
    one is taken. A mark that nothing ends is left out alone: what follows it stays.
    """
    text = _EXTERNAL.sub(r"\1", _without_blocks(_in_its_place(wikitext, title)))
    text = _POWER.sub("^", text)
    text = _MARKS.sub("", _TAG.sub("", _BREAK.sub("\n", text)))
    text = unescape("\n".join(_lines(text)))
    text = _BRACKETS.sub(lambda brackets: "（" if brackets["rest"] else "", text)
    return text.replace("，）", "）").replace("；）", "）")


def _in_its_place(text: str, title: str) -> str:
    """Resolve the templates that show something else where something else stands around them, or on another page."""
    if _OUT_OF_PLACE.search(text) is None:
        return text
    if len(title) <= MAX_TITLE:
        text = _PAGE_NAME.sub(lambda _: title, text)
    text = _BARE_LIFE.sub(r"（\g<0>）", text)  # years of a life behind a name
    return _AGE_TODAY.sub(_without_age, text)


def _without_age(age: re.Match[str]) -> str:
    """Of an age today nothing is left but one of the commas around it; between two days it is a number that stays."""
    if age[0].count("|") > 5:
        return age[0]
    return "，" if age["before"] and age["after"] else ""


def _without_blocks(text: str) -> str:
    """Resolve what can stand inside each other: templates, links, variants, tables, references."""
    frames: list[tuple[str, list[str]]] = [("", [])]
    endless = set[str]()  # elements of which no further end stands in the text
    position = 0
    while (token := _TOKEN.search(text, position)) is not None:
        if token.start() > position:
            frames[-1][1].append(text[position : token.start()])
        position = token.end()
        mark = token[0][:2].lower()
        if token.lastgroup is not None:  # a comment, or an element with something else than wikitext
            name = (token["raw"] or "comment").lower()
            if token["empty"]:
                continue
            end = _END[name].search(text, position) if name not in endless else None
            if end is None:
                endless.add(name)
                continue
            if name == "nowiki":
                _add(text[position : end.start()], frames[-1])
            position = end.end()
        elif mark in ("{|", "|}") and not _begins_line(text, token.start()):
            frames[-1][1].append(mark)
        elif mark in _RESOLVE:
            if len(frames) <= MAX_DEPTH:
                frames.append((mark, ["|"] if mark == "{|" else []))
        elif frames[-1][0] == _OPENS[mark] or any(kind == _OPENS[mark] for kind, _ in frames):
            while (top := frames.pop())[0] != _OPENS[mark]:
                frames[-1][1].extend(top[1])
            content = "".join(top[1])
            shown = _RESOLVE[top[0]](content)
            if not shown and mark == "}}" and _between_letters(frames[-1][1], text[position : position + 2]):
                shown = unknown_text(content)
            _add(shown, frames[-1])
    return "".join(piece for _, pieces in frames for piece in pieces) + text[position:]


def _add(shown: str, frame: tuple[str, list[str]]) -> None:
    """Add what a mark was resolved to; inside a template, nothing of it belongs to the template's own syntax."""
    kind, pieces = frame
    if kind == "{{":
        shown = shown.replace("|", "&#124;").replace("=", "&#61;")
    if shown:
        pieces.append(shown)


def _between_letters(pieces: list[str], after: str) -> bool:
    """Whether what follows ``pieces`` and stands before ``after`` would leave a hole in a sentence."""
    return bool(pieces) and pieces[-1][-1].isalnum() and (after[:1].isalnum() or after == "[[")


def _begins_line(text: str, position: int) -> bool:
    line = text[max(0, position - 16) : position].rpartition("\n")
    return not line[2].strip(" \t:") and (line[1] != "" or position <= 16)


def _link(content: str) -> str:
    target, _, label = content.partition("|")
    return "" if _NOT_SHOWN.match(target) else label or target.lstrip(": ")


def _variant(content: str) -> str:
    """What readers of simplified Chinese see of -{content}- (MediaWiki's language converter)."""
    flags, bar, rules = content.partition("|")
    if not bar or not _FLAGS.fullmatch(flags):
        flags, rules = "", content
    # Rules for the whole page and titles show nothing here.
    if set(flags) & set("HTDN") or flags.strip() == "-" or _ONE_WAY.search(rules):
        return ""
    found = [rule for item in _RULE_END.split(rules) if (rule := _RULE.match(item)) is not None]
    if "R" in flags or not found:
        return rules
    variants = {rule[1].lower(): rule[2].strip("; \t\n") for rule in reversed(found)}
    first = found[0][1].lower()
    return variants[next((code for code in _SIMPLIFIED if code in variants), first)]


_RESOLVE: dict[str, Callable[[str], str]] = {
    "{{": template_text,
    "[[": _link,
    "-{": _variant,
    "{|": lambda _: "",
    "<r": lambda _: "",
}
_OPENS = {"}}": "{{", "]]": "[[", "}-": "-{", "|}": "{|", "</": "<r"}


def _lines(text: str) -> Iterator[str]:
    headings: list[tuple[int, str]] = []  # those that have no text yet
    for line in text.split("\n"):
        line = line.strip()
        if line.startswith("=") and line.endswith("=") and (title := line.strip("= ")):
            level = len(line) - len(line.lstrip("="))
            while headings and headings[-1][0] >= level:
                headings.pop()
            headings.append((level, title))
        # A cell or argument of a table or template that nothing ended is no prose.
        elif not line.startswith(("|", "!")) and (line := line.lstrip("*#:;").removeprefix("----").strip()):
            yield from (title for _, title in headings)
            headings = []
            yield line
