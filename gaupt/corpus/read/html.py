"""HTML files: a page is a document, its main text in the encoding that it declares."""

import re
from collections.abc import Iterator

from gaupt.corpus.read.encodings import decode
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.main_text import main_text
from gaupt.corpus.read.piece import MAX_DOCUMENT, Item, Problem, Record

_CHARSET = re.compile(
    rb"""<(?:meta[^<>]+?charset|\?xml[^<>]+?encoding)\s*+=\s*+["']?\s*+([A-Za-z0-9_.:-]+)""", re.IGNORECASE
)


def read_html(file: InputFile, data: bytes) -> Iterator[Item]:
    """The document that a page is."""
    if len(data) > MAX_DOCUMENT:
        yield Problem(file.name, f"larger than {MAX_DOCUMENT >> 20} MiB")
        return
    declared = _CHARSET.search(data[:4096])
    page = decode(data, declared[1].decode("ascii") if declared else None)
    yield Record(file.name, main_text(page), file.source)
