"""What wikiextractor writes without ``--json``: ``<doc id="12" url="…" title="…">``, the text, ``</doc>``."""

import re
from collections.abc import Iterator

from gaupt.corpus.read.encodings import NotText, decode
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.piece import Item, Problem, Record

DOCUMENT_END = b"</doc>"
# One that is left open ends where the next begins, so that none is looked through again and again.
_BEGINNING = re.compile(rb"<doc (?:(?!<doc )[^\n])*?>(?=\r?\n)|<doc (?:(?!<doc )[^>\n])*+>")
_ID = re.compile(rb"""\bid=["']?([^"'\s>]++)""")


def is_wikiextractor(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is what wikiextractor wrote."""
    beginning = _BEGINNING.match(head.lstrip())
    return beginning is not None and _ID.search(beginning[0]) is not None


def read_wikiextractor(file: InputFile, data: bytes) -> Iterator[Item]:
    """The documents of a file, or of a block of one that ends with a document, in order."""
    *ended, rest = data.split(DOCUMENT_END)
    for chunk in ended:
        beginnings = [*_BEGINNING.finditer(chunk)]
        yield from (Problem(file.name, "malformed document") for _ in beginnings[:-1])
        if not beginnings or (number := _ID.search(beginnings[-1][0])) is None:
            yield Problem(file.name, "malformed document")
            continue
        try:
            yield Record(decode(number[1]), decode(chunk[beginnings[-1].end() :]).strip(), file.source)
        except NotText:
            yield Problem(file.name, "malformed document")
    yield from (Problem(file.name, "malformed document") for _ in _BEGINNING.finditer(rest))
