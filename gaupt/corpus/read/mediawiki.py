"""Export dumps of MediaWiki (``pages-articles.xml``): the articles among their pages.

No XML parser reads them, so that there is no DTD and no entity to expand: the exporter escapes every ``<`` of a text,
and a page where a bare one stands is malformed.
"""

import re
from collections.abc import Iterator

from gaupt.corpus.read.encodings import NotText, decode
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.piece import Item, Problem, Record
from gaupt.corpus.read.wikitext import plain_text
from gaupt.text.references import unescape

PAGE_END = b"</page>"
MALFORMED = "malformed page"
NO_EXPORT = "XML that is no export of MediaWiki"

_EXPORT = re.compile(rb"<mediawiki[\s>]")
_TITLE = re.compile(rb"<title>([^<]++)</title>")
_NAMESPACE = re.compile(rb"<ns>(-?\d++)</ns>")
_MODEL = re.compile(rb"<model>([^<]*+)</model>")
_TEXT = re.compile(rb"<text\b[^<>]*+(?:(?<=/)>|>([^<]*+)</text>)")
_REDIRECT = re.compile(r"\s*+#(?:redirect|重定向|重新導向)", re.IGNORECASE)


def is_export(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is an export of MediaWiki."""
    return _EXPORT.search(head[:4096]) is not None


def read_mediawiki(file: InputFile, data: bytes) -> Iterator[Item]:
    """The articles of a dump, or of a block of one that ends with a page, as plain text, in order."""
    *ended, rest = data.split(PAGE_END)
    for chunk in ended:
        _, *opened = chunk.split(b"<page>")
        yield from (Problem(file.name, MALFORMED) for _ in opened[:-1])
        yield _article(file, opened[-1]) if opened else Problem(file.name, MALFORMED)
    yield from (Problem(file.name, MALFORMED) for _ in range(rest.count(b"<page>")))


def _article(file: InputFile, page: bytes) -> Item:
    title, namespace, model = (p.search(page) for p in (_TITLE, _NAMESPACE, _MODEL))
    revisions = _TEXT.findall(page)
    if title is None or namespace is None or not revisions:
        return Problem(file.name, MALFORMED)
    if namespace[1] != b"0":
        return Problem(file.name, "not a document (page outside the article namespace)")
    if model is not None and model[1] != b"wikitext":
        return Problem(file.name, "not a document (page that is no wikitext)")
    try:
        name, text = unescape(decode(title[1])), unescape(decode(revisions[-1]))
    except NotText:
        return Problem(file.name, MALFORMED)
    if b"<redirect" in page or _REDIRECT.match(text):
        return Problem(file.name, "not a document (redirect)")
    return Record(name, plain_text(text, name), file.source)
