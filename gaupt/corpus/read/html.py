"""The main text of an HTML page, without navigation, side bars and scripts.

resiliparse was chosen over trafilatura by measurement, see docs/cleaning.md.
"""

import re
from collections.abc import Iterator

from gaupt.corpus.read.encodings import decode
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.piece import MAX_DOCUMENT, Item, Problem, Record

_BLANK = re.compile(r"\s*\n\s*")
_CHARSET = re.compile(
    rb"""<(?:meta[^>]+charset|\?xml[^>]+encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE
)


def main_text(page: str) -> str:
    """The main text of ``page``, a paragraph a line; empty for a page without one."""
    from resiliparse.extract.html2text import extract_plain_text

    text: str = extract_plain_text(
        page.replace("\0", ""),
        main_content=True,
        preserve_formatting=True,
        alt_texts=False,
        links=False,
        form_fields=False,
    )
    return _BLANK.sub("\n", text).strip()


def read_html(file: InputFile, data: bytes) -> Iterator[Item]:
    """The document that a page is."""
    if len(data) > MAX_DOCUMENT:
        yield Problem(file.name, f"larger than {MAX_DOCUMENT >> 20} MiB")
        return
    declared = _CHARSET.search(data[:4096])
    page = decode(data, declared[1].decode("ascii") if declared else None)
    yield Record(file.name, main_text(page), file.source)
