"""Text files that were read as one document and look like many: a document a line, or lines between blank lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from gaupt.corpus.read.encodings import NotText, decode
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.piece import TextDocuments
from gaupt.corpus.read.streams import BROKEN, open_stream

_BYTES = 1 << 19
"""What is looked at of a file."""
_FILES = 20
"""Files that are looked at, the largest."""
_MARKUP = (".md", ".markdown", ".rst")

_MIN_LINES = 200
_FINISHED = tuple("。！？；!?;…~～”」』）)")
_UNFINISHED = (*_FINISHED, "，", ",", "、", "：", ":")
_MIN_FINISHED, _MIN_FINISHED_IN_GROUPS = 0.95, 0.9
_MIN_LETTERS = 10
"""Characters of a line that is no mere phrase; shorter ones repeat in any text."""
_MIN_REPEATED = 0.002
_MAX_BOOK = 0.1
"""Share of lines as books have them: headings of chapters, articles of a statute, indented paragraphs, speech."""
_BOOK = re.compile(
    r"[\u3000 \t]|[“「『\"]|第[一二三四五六七八九十百千零〇\d]+[章回节卷部集条款](?:\s|[:：]|$)"
)
_MIN_GROUPS, _MIN_LONG_GROUPS = 20, 0.8


@dataclass(frozen=True, slots=True)
class Shape:
    """What a text looks like."""

    document: Literal["line", "block"]
    documents: int
    """How many there seem to be in what was looked at."""
    repeated: int
    """Lines that occurred before."""


def shape_of(text: str) -> Shape | None:
    """What one document of ``text`` seems to be, if it is not the whole."""
    if text.count("\n") < _MIN_LINES / 2:
        return None
    lines = text.split("\n")
    groups = _groups(lines)
    lines = [line for line in lines if line.strip()]
    if len(groups) > 1:
        ends = sum(line.rstrip().endswith(_UNFINISHED) for line in lines)
        long = sum(group > 1 for group in groups)
        regular = len(groups) >= _MIN_GROUPS and long >= _MIN_LONG_GROUPS * len(groups)
        alike = ends >= _MIN_FINISHED_IN_GROUPS * len(lines)
        return Shape("block", len(groups), 0) if regular and alike and not _is_book(lines) else None
    finished = sum(line.rstrip().endswith(_FINISHED) for line in lines)
    long_lines = [line.strip() for line in lines if len(line.strip()) >= _MIN_LETTERS]
    repeated = len(long_lines) - len(set(long_lines))
    if (
        len(lines) < _MIN_LINES
        or finished < _MIN_FINISHED * len(lines)
        or repeated < _MIN_REPEATED * len(lines)
        or _is_book(lines)
    ):
        return None
    return Shape("line", len(lines), repeated)


def _groups(lines: Sequence[str]) -> list[int]:
    """Lines of each group between blank lines."""
    groups, count = [], 0
    for line in [*lines, ""]:
        if line.strip():
            count += 1
        elif count:
            groups.append(count)
            count = 0
    return groups


def _is_book(lines: Sequence[str]) -> bool:
    return sum(_BOOK.match(line) is not None for line in lines) > _MAX_BOOK * len(lines)


def hint(files: Sequence[InputFile], documents: TextDocuments) -> list[str]:
    """A line for the text files among the largest that seem to hold many documents and were read as one; or none."""
    texts = [
        file
        for file in files
        if file.format == "text" and documents(file.source) == "file" and not _is_markup(file)
    ]
    largest = sorted(texts, key=lambda file: -file.size)[:_FILES]
    found = [(file, shape) for file in largest if (shape := _shape_of_file(file)) is not None]
    if not found:
        return []
    file, shape = found[0]
    if shape.document == "line":
        what = (
            f"{shape.documents:,} lines, {shape.repeated:,} of which stood before, look like a document each"
        )
    else:
        what = f"{shape.documents:,} groups of lines between blank lines look like a document each"
    more = f" (so do {len(found) - 1:,} more files)" if len(found) > 1 else ""
    return [
        f"{file.name} is read as one document, but its {what}{more}; if they are, use --text-document {shape.document}"
    ]


def _is_markup(file: InputFile) -> bool:
    name = PurePath(file.name)
    return name.suffix.lower() in _MARKUP or PurePath(name.stem).suffix.lower() in _MARKUP


def _shape_of_file(file: InputFile) -> Shape | None:
    data = b""
    try:
        with open_stream(file) as stream:
            while len(data) < _BYTES and (more := stream.read(_BYTES - len(data))):
                data += more
        beginning = data[: data.rfind(b"\n") + 1] if len(data) >= _BYTES else data
        return shape_of(decode(beginning))
    except (NotText, *BROKEN):
        return None  # the reader tells
