"""How a table is written: what separates its cells, how a quote in a cell is told, and where its rows end.

A row is a line. Quotation marks around a cell may hold line feeds too, but only where they close as they should: with a
mark that a delimiter or the line's end follows, and no lone mark before it. A mark that nothing closes thus costs its
own line, and swallows none after it.
"""

import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain, groupby, islice
from operator import itemgetter
from statistics import mode

from gaupt.corpus.read.encodings import is_utf8

csv.field_size_limit(min(sys.maxsize, 1 << 31))
HEAD = 1 << 20
"""Bytes from the beginning of a table by which its dialect is told."""
_ROWS, _ROWS_BYTES = 50, 1 << 16
"""Rows, and bytes of them, by which the delimiter is told."""
_DELIMITERS = ",\t;|"
_NO_DELIMITER = "\x1f"
"""Stands in no text: the delimiter of a table of one column."""

_SEP = re.compile(rb"[\r\n]*+\"?sep=([\t !#-/:-@^-`|~])\"?\r?\n", re.IGNORECASE)
"""The first line by which Excel names the delimiter."""
_ESCAPED_QUOTE = re.compile(rb"(?<!\\)(?:\\\\)*+\\\"[^,;|\t\r\n\"]")
"""A backslash and a quotation mark inside a text; at the end of a cell it may be a path's."""
_RAW_QUOTE = re.compile(rb"[^\t\r\n\"]\"[^\t\r\n\"]")
"""A lone quotation mark inside a cell, which would be two where marks have a meaning."""
_BACKSLASH = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the cells of a table are written."""

    delimiter: str = ","
    quoted: bool = True
    """Quotation marks around a cell hold delimiters and line feeds; else they are characters like others."""
    escaped: bool = False
    """A backslash before a quotation mark, a backslash, a delimiter or a line feed makes it a character."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the beginning of a table tells."""

    columns: tuple[str, ...]
    """Their names, as they are written."""
    dialect: Dialect


def read_head(data: bytes, tabs: bool) -> tuple[Head, int]:
    """The head of a table that begins with ``data`` (UTF-8), and how many bytes it takes; ``tabs``: a TSV file."""
    data = data[: data.rfind(b"\n", 0, HEAD) + 1] or data
    named = _SEP.match(data)
    start = named.end() if named else len(data) - len(data.lstrip(b"\r\n"))
    data = data[start:]
    if tabs:
        dialect = Dialect("\t", quoted=_tabs_are_quoted(data))
    else:
        escaped = _ESCAPED_QUOTE.search(data) is not None
        delimiter = named[1].decode("latin-1") if named else _delimiter(data[:_ROWS_BYTES], escaped)
        dialect = Dialect(delimiter, escaped=escaped)
    kind, _, end = next(spans(data, dialect), ("loose", 0, 0))
    if kind == "plain":
        end = data.find(b"\n") + 1 or len(data)
    columns = next(rows(data[:end], dialect), None)
    return Head(tuple(columns or ()), dialect), start + end


def _delimiter(data: bytes, escaped: bool) -> str:
    """The delimiter by which the first rows have as many cells as the header, two at least."""
    found = []
    for delimiter in _DELIMITERS:
        header, *others = list(islice(rows(data, Dialect(delimiter, escaped=escaped)), _ROWS)) or [None]
        widths = [len(cells) for cells in others if cells]
        width = len(header or ())
        alike = sum(other == width for other in widths) / max(1, len(widths))
        enough = sum(other >= width for other in widths) >= len(widths) / 2
        found.append((width > 1 and enough, alike, delimiter, width, widths))
    best = max(found, key=lambda item: item[:2])
    if best[0]:
        return best[2]
    # A header of one column is perhaps a title above the true one: then what follows is no text either.
    is_table = any(widths and _is_usual(mode(widths), widths) for *_, widths in found)
    return "," if found[0][3] > 1 or is_table else _NO_DELIMITER


def _is_usual(width: int, widths: list[int]) -> bool:
    return width > 2 and widths.count(width) >= len(widths) / 2


def _tabs_are_quoted(data: bytes) -> bool:
    """Whether quotation marks of a TSV hold tabs or line feeds. Most quote nothing, and theirs are the text's."""
    if b'"' not in data or _RAW_QUOTE.search(data):
        return False
    usual = data.partition(b"\n")[0].count(b"\t")
    holds = False
    for kind, start, end in spans(data, Dialect("\t")):
        if kind in ("loose", "escaped"):
            return False
        lines = data[start:end].removesuffix(b"\n").split(b"\n")
        tabs = [line.count(b"\t") for line in lines if kind == "quoted" or b'"' in line]
        whole = all(count == usual for count in tabs)
        if kind == "quoted" and whole:
            return False  # these are rows
        holds = holds or not whole
    return holds


def spans(data: bytes, dialect: Dialect, ended: bool = True) -> Iterator[tuple[str, int, int]]:
    """Where the rows of ``data`` lie: kind, start and end, the line feed included.

    Of the kind ``plain`` is a run of lines without quotation marks; every other span is one row: ``quoted``,
    ``escaped`` (with backslashes in a dialect without), or ``loose`` (the marks do not close as they should, the
    row is one line). Where ``data`` goes on, not ``ended``, the rows stop before the first that may.
    """
    if not dialect.quoted:
        end = len(data) if ended else data.rfind(b"\n") + 1
        if end:
            yield "plain", 0, end
        return
    if ended and data and not data.endswith(b"\n"):
        data += b"\n"
    special, lines, row = _patterns(dialect, ended)
    delimiter = dialect.delimiter.encode()
    position = 0
    while position < len(data):
        found = special.search(data, position)
        end = data.rfind(b"\n", position, found.start() if found else len(data)) + 1
        if end > position:
            yield "plain", position, end
            position = end
            continue
        if found_lines := lines.match(data, position):
            yield "plain", position, found_lines.end()
            position = found_lines.end()
            continue
        match = row.match(data, position)
        if match is None or str(match.lastgroup).startswith("open"):
            return
        kind, end = str(match.lastgroup), match.end()
        if _holds_rows(data[position:end], delimiter):
            kind, end = "loose", data.find(b"\n", position) + 1
        yield kind, position, end
        position = end


def rows(data: bytes, dialect: Dialect, sound: bool = False) -> Iterator[list[str] | None]:
    """The cells of each row of ``data`` (UTF-8): none for an empty line, None for a row that cannot be told.

    ``sound`` data are known to have no other spans than plain and quoted ones.
    """
    for kind, runs in groupby(_runs(data, dialect, sound), itemgetter(0)):
        lines = chain.from_iterable(run for _, run in runs)
        match kind:
            case "raw":
                yield from _without_marks(_parse(lines, dialect.delimiter, quoting=csv.QUOTE_NONE))
            case "escaped":
                yield from _parse(lines, dialect.delimiter, escapechar="\\")
            case "loose":
                yield from (_loose(line, dialect.delimiter) for line in lines)
            case "broken":
                yield from (None for _ in lines)
            case _:
                yield from _parse(lines, dialect.delimiter)


def _holds_rows(row: bytes, delimiter: bytes) -> bool:
    """Whether the lines of a row go on counting what it begins with: then the mark that opened was no opening one."""
    first, *lines = row.removesuffix(b"\n").split(b"\n")
    number = first.split(delimiter, 1)[0]
    if (
        not lines or not number.isdigit() or len(number) > 18 or int(number) < 2
    ):  # a list in a cell counts from 1
        return False
    return all(line.startswith(b"%d%b" % (n, delimiter)) for n, line in enumerate(lines, int(number) + 1))


def _runs(data: bytes, dialect: Dialect, sound: bool) -> Iterator[tuple[str, Iterable[str]]]:
    """Lines of rows with how they are parsed; a row whose parsing may run on into the next one is a line of its own."""
    usual = "raw" if not dialect.quoted else "escaped" if dialect.escaped else "quoted"
    for kind, start, end in [("plain", 0, len(data))] if sound and is_utf8(data) else spans(data, dialect):
        how, piece = usual if kind in ("plain", "quoted") else kind, data[start:end]
        if is_utf8(piece):
            yield _ready(how, piece, dialect)
            continue
        for line in piece.removesuffix(b"\n").split(b"\n") if kind == "plain" else [piece]:
            yield _ready(how, line, dialect) if is_utf8(line) else ("broken", [""])


def _ready(how: str, rows: bytes, dialect: Dialect) -> tuple[str, Iterable[str]]:
    text = rows.decode("utf-8")
    if how == "escaped":
        text = _only_escapes(text, dialect.delimiter)
    return how, io.StringIO(text) if text else [""]


def _parse(
    lines: Iterable[str], delimiter: str, quoting: int = csv.QUOTE_MINIMAL, escapechar: str | None = None
) -> Iterator[list[str] | None]:
    reader = csv.reader(lines, delimiter=delimiter, quoting=quoting, escapechar=escapechar)  # type: ignore[arg-type]
    while True:
        try:
            yield from reader
            return
        except csv.Error:  # a carriage return inside a cell; the reader goes on with the next row
            yield None


def _without_marks(found: Iterable[list[str] | None]) -> Iterator[list[str] | None]:
    for cells in found:
        yield cells and [
            cell[1:-1].replace('""', '"')
            if len(cell) > 1 and cell.startswith('"') and cell.endswith('"')
            else cell
            for cell in cells
        ]


def _only_escapes(line: str, delimiter: str) -> str:
    r"""A backslash that escapes nothing special, as in ``C:\new``, is doubled, so that it stays."""
    if "\\" not in line:
        return line
    special = f'"\\\r\n{delimiter}'
    return _BACKSLASH.sub(lambda match: match[0] if match[1] in special else "\\" + match[0], line)


def _loose(line: str, delimiter: str) -> list[str] | None:
    """The cells of a line in which lone marks stand inside quoted cells; None where one is never closed."""
    cell, line = _loose_cell(delimiter), line.rstrip("\r\n")
    position, cells = 0, []
    while position <= len(line):
        match = cell.match(line, position)
        if match is None:
            return None
        quoted = match["quoted"]
        cells.append(match["bare"] if quoted is None else quoted.replace('""', '"').replace('\\"', '"'))
        position = match.end() + 1
    return cells


@cache
def _loose_cell(delimiter: str) -> re.Pattern[str]:
    mark = re.escape(delimiter)
    return re.compile(
        rf'"(?P<quoted>(?:[^"]|"(?!{mark}|$))*+)"(?={mark}|$)|(?P<bare>(?!")[^{mark}]*+)(?={mark}|$)',
        re.DOTALL,
    )


@cache
def _patterns(
    dialect: Dialect, ended: bool
) -> tuple[re.Pattern[bytes], re.Pattern[bytes], re.Pattern[bytes]]:
    """What makes a line another than plain; rows of one line whose marks close; and any row."""
    mark = re.escape(dialect.delimiter)
    close = rf'"(?={mark}|\r?\n)'
    # Where a backslash escapes nothing, what makes no row without is tried with it, in quoted cells alone.
    grammars = {"quoted": _cell(mark, dialect.escaped)}
    if not dialect.escaped:
        grammars["escaped"] = rf'(?!")[^{mark}\r\n\\]*+', _cell(mark, True)[1]
    ways = []
    for name, (bare, opened) in grammars.items():
        cell = rf"(?:{opened}{close}|{bare})"
        ways.append(rf"(?P<{name}>{cell}(?:{mark}{cell})*+\r?\n)")
        if not ended:
            # What runs as a row to the end of the data; the last mark may close, or be the first of two.
            ways.append(rf'(?P<open_{name}>(?:{cell}{mark})*+(?:{opened}(?:"\r?|\\)?|{bare}[\\\r]?)\Z)')
    ways.append(r"(?P<loose>[^\n]*+\n)")
    bare, opened = _cell(mark, dialect.escaped, never=r"\n")
    cell = rf"(?:{opened}{close}|{bare})"
    lines = rf"(?:{cell}(?:{mark}{cell})*+\r?\n)++"
    special = r'["\\]' if dialect.escaped else '"'
    return re.compile(special.encode()), re.compile(lines.encode()), re.compile("|".join(ways).encode())


def _cell(mark: str, escaped: bool, never: str = "") -> tuple[str, str]:
    """A bare cell, and a quoted one up to the mark that closes it; ``never`` stands in none."""
    if not escaped:
        return rf'(?!")[^{mark}\r\n]*+', rf'"[^"{never}]*+(?:""[^"{never}]*+)*+'
    pair = r"\\[^\n]" if never else r"\\[\s\S]"
    return (
        rf'(?!")(?:[^{mark}\r\n\\]|{pair})*+',
        rf'"[^"\\{never}]*+(?:(?:{pair}|"")[^"\\{never}]*+)*+',
    )
