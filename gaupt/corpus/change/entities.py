"""HTML entities that were left in a text, turned into the characters that they stand for."""

import html
import re
import unicodedata
from html.entities import name2codepoint

# Those of HTML 4, and of HTML 5 what Markdown and wikis escape; it has 2,000 more, many of them names of variables
# (``&it;``, ``&num;``).
_HTML5 = (
    "AMP LT GT QUOT apos ast bsol colon comma commat dollar equals excl grave lbrace lbrack lcub lowbar lpar lsqb "
    "percnt period plus quest rbrace rbrack rcub rpar rsqb semi sol verbar vert"
)
_NAMES = frozenset(name2codepoint).union(_HTML5.split())
_ENTITY = re.compile(
    "&(?:(?:amp|#38|#x26);)*"  # escaped twice, three times …
    "(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,7});"
)
# A text about entities puts them between backticks or straight quotation marks: `&lt;`, "&nbsp;"; or between curled
# ones, near a word that says so.
_OPENING = re.compile(r"[`\"'“‘「]\s?$")
_CLOSING = tuple("`\"'”’」")
_TOPIC = re.compile("实体|實體|转义|轉義|HTML|html|字符引用")
_ABOUT = frozenset({"amp", "lt", "gt", "quot", "apos", "nbsp"})
# ``int *p = &sum;`` is C.
_ADDRESS = re.compile(r"(?:=|\breturn)\s?$")

ROUNDS = 8
"""How often a text is looked through for entities that resolving has made."""


def resolve(text: str) -> str:
    """``text`` with the entities that end with a semicolon resolved, however often they were escaped.

    What stays: ``?id=3&copy=2`` (no semicolon), names that HTML 4 does not know, addresses of variables in C
    (``p = &sum;``), and entities that stand alone between quotation marks or backticks, because that is how a
    text speaks about them.
    """
    if "&" in text and ";" in text:
        for _ in range(ROUNDS):
            before, text = text, _ENTITY.sub(_character, text)
            if text == before:
                break
    return text


def _character(match: re.Match[str]) -> str:
    found = match[0]
    name = found[max(found.rfind("&"), found.rfind(";", 0, -1)) + 1 : -1]
    before = match.string[max(0, match.start() - 8) : match.start()]
    if name[0] != "#" and name not in _NAMES:
        return found
    if (name in _ABOUT or name[0] == "#") and _is_quoted(match, before):
        return found
    character = html.unescape(f"&{name};")
    variable = name.isalpha() and name not in _ABOUT and unicodedata.category(character)[0] in "LS"
    return found if variable and _ADDRESS.search(before) else character


def _is_quoted(match: re.Match[str], before: str) -> bool:
    text, end = match.string, match.end()
    if not text.startswith(_CLOSING, end) or not _OPENING.search(before):
        return False
    near = text[max(0, match.start() - 30) : end + 30]
    return text[end] in "`\"'" or _TOPIC.search(near) is not None
