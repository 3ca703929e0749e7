"""What the attributes of an HTML element say of it: that it is hidden, or named as no part of an article."""

import re
from functools import lru_cache
from typing import Literal

Verdict = Literal["", "hidden", "named", "aside", "anchor"]
"""Nothing said; not shown; named as boilerplate; named as a side bar; the mark that links to a heading."""

_ATTRIBUTE = re.compile(r"""([^\s=/"']+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")
_NOT_SHOWN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NAMES = re.compile(
    r"""(?<![a-z])(?:
    (?:side|top|sub|bottom)?nav(?:bar|igation|i|list|box)?s? | (?:sub)?menu(?:bar)?s? | dropdown | (?:bread)?crumbs?
    | foot(?:er)? | (?:top|bottom|tool)bar | skiplink | toc(?:tree|box)? | catalogue
    | pag(?:ination|er|ing|enav) | prevnext | gutter | line(?:no|number)s?
    | shar(?:e|ing) | bdshare(?:buttonbox)? | social | comments?(?:list|box)? | respond | disqus | gitalk | valine
    | related | recommend(?:s|ed|ations?)? | ad(?:s|v|vert|vertisement|sense|box)? | banner | sponsor
    | reward | donat(?:e|ion) | qrcode
    | copyright | licens(?:e|ing) | meta | icp | log(?:in|out) | sign(?:in|up) | register | search(?:bar|box|form)?
    | modal | popup | popover | dialog | toast | tooltip | lightbox | cookie | consent
    | newsletter | subscribe | widgets?
    )(?![a-z])""",
    re.VERBOSE,
)
_ASIDES = re.compile("(?<![a-z])(?:side(?:bar|box|r)?s?|aside)(?![a-z])")
_ROLES = frozenset(
    (
        "navigation",
        "banner",
        "contentinfo",
        "complementary",
        "search",
        "menu",
        "menubar",
        "toolbar",
        "dialog",
        "tooltip",
    )
)
_ANCHORS = frozenset(
    ("headerlink", "header-anchor", "heading-anchor", "anchor-link", "headeranchor", "hash-link")
)
_UNSEEN = frozenset(("sr-only", "visually-hidden", "screen-reader-text"))
_RATHER = re.compile("(?<![a-z])(?:has|with|without|no|is|page|layout|open|hide|show)(?![a-z])")
"""What makes of a name the state of something else: `has-sidebar`."""


@lru_cache(maxsize=1 << 14)
def verdict(attributes: str) -> Verdict:
    """What ``attributes``, as they stand in the tag, say."""
    found: Verdict = ""
    identity = ""
    section = False
    for name, value in _ATTRIBUTE.findall(attributes):
        name, value = name.lower(), value.strip("\"' \t\r\n")
        match name:
            case "style":
                if _NOT_SHOWN.search(value):
                    return "hidden"
            case "hidden":
                return "hidden"
            case "aria-hidden":
                if value.lower() == "true":
                    return "hidden"
            case "role":
                if value.lower() in _ROLES:
                    found = found or "named"
            case "id":
                identity = value
            case "class":
                found = found or _by_name(value)
                section = "sect" in value
    return found or ("" if section else _by_name(identity))


def _by_name(value: str) -> Verdict:
    """What the names in a class or an id say."""
    for name in value.split():
        if name in _ANCHORS:
            return "anchor"
        if name in _UNSEEN:
            return "hidden"
        words = _CAMEL.sub(" ", name).lower()
        if not _RATHER.search(words):
            if _NAMES.search(words):
                return "named"
            if _ASIDES.search(words):
                return "aside"
    return ""
