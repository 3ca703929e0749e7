"""One file to read: its format and compression as its name tells them."""

import re
from dataclasses import dataclass
from pathlib import PurePath, PurePosixPath

from gaupt.corpus.read.names import readable_name

COMPRESSIONS = {".gz": "gz", ".zst": "zst", ".zstd": "zst", ".xz": "xz", ".bz2": "bz2"}
FORMATS = {
    ".txt": "text",
    ".text": "text",
    ".md": "text",
    ".markdown": "text",
    ".rst": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".jsonlines": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".warc": "warc",
    ".wet": "warc",
    ".xml": "mediawiki",
    ".srt": "srt",
    ".ass": "ass",
    ".ssa": "ass",
    ".vtt": "vtt",
    ".lrc": "lrc",
    ".zip": "zip",
    ".tar": "tar",
}
ONE_DOCUMENT = ("text", "html", "srt", "ass", "vtt", "lrc")
"""Formats of which a file is one document, and a folder the source."""
_SHORT_NAMES = {".tgz": ".tar.gz", ".tbz2": ".tar.bz2", ".txz": ".tar.xz"}
_DUMP_PART = re.compile(r"(?<=\.xml)-p\d+p\d+")
"""What the parts of a large dump have in their names: zhwiki-20260101-pages-articles1.xml-p1p187712.bz2."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file to read."""

    path: str
    """Path, or URL of a remote file."""
    name: str
    """Its path inside the folder that was given, or its file name: what ids and reports call it."""
    source: str
    """Source of its documents where they name none: the stem of a table, the folder of a page or text."""
    format: str
    compression: str | None
    size: int
    """Bytes on disk."""


def recognize(path: str, relative: PurePath, root: PurePath, size: int) -> InputFile | None:
    """The file at ``path``, called ``relative`` in the folder ``root``; None for a format that is not read."""
    stem, compression = uncompressed(relative.name)
    format_ = FORMATS.get(stem.suffix.lower())
    if format_ is None:
        return None
    relative = PurePosixPath(readable_name(relative.as_posix()))
    folder = relative.parent.as_posix()
    source = (folder if folder != "." else root.name) if format_ in ONE_DOCUMENT else stem.stem
    return InputFile(path, relative.as_posix(), source, format_, compression, size)


def uncompressed(name: str) -> tuple[PurePath, str | None]:
    """``name`` without the extension of its compression, and that compression."""
    name = _DUMP_PART.sub("", name)
    for short, long in _SHORT_NAMES.items():
        if name.lower().endswith(short):
            name = name[: -len(short)] + long
    path = PurePath(name)
    compression = COMPRESSIONS.get(path.suffix.lower())
    return (path, None) if compression is None else (PurePath(path.stem), compression)
