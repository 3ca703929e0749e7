"""How the report says things in the two languages, and how tests read its pages."""

import re

from gaupt.language import Wording
from gaupt.report.chinese import CHINESE

EN, ZH = Wording("en", CHINESE), Wording("zh", CHINESE)
_TAG = re.compile(r"<[^>]*>")


def words(markup: str) -> str:
    """The text of ``markup``."""
    return _TAG.sub("", markup)


def rows(markup: str, caption: str) -> list[list[str]]:
    """The cells of the table with this caption, its header first."""
    (found,) = (
        table
        for table in re.findall("<table>(.*?)</table>", markup, re.S)
        if f"<caption>{caption}</caption>" in table
    )
    return [
        [words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)]
        for row in re.findall("<tr>(.*?)</tr>", found, re.S)
    ]


def facts(markup: str) -> dict[str, str]:
    """Names and values of the lists of facts and tiles."""
    pairs = re.findall("<dt>(.*?)</dt><dd>(.*?)</dd>", markup, re.S)
    return {words(name): words(value) for name, value in pairs}
