"""Blocks of whole records: what a writer of tables wrote comes back, whatever the size of the blocks."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.config import TextDocument
from gaupt.corpus.read import blocks as module
from gaupt.corpus.read import streams
from gaupt.corpus.read.blocks import blocks, groups_of_lines
from gaupt.corpus.read.encodings import NotText
from gaupt.corpus.read.mediawiki import NO_EXPORT
from gaupt.corpus.read.piece import TOO_LONG_RECORD, Item, Piece, Record
from gaupt.corpus.read.records import read_piece
from tests.corpus.made import OTHER, TEXT, a_file, records

WRITERS: dict[str, dict[str, Any]] = {
    "excel": {},
    "excel-tab": {"delimiter": "\t"},
    "unix": {"quoting": csv.QUOTE_ALL, "lineterminator": "\n"},
    "semicolon": {"delimiter": ";"},
    "pipe": {"delimiter": "|", "quoting": csv.QUOTE_NONNUMERIC},
    "backslash": {"doublequote": False, "escapechar": "\\"},
    "backslash, all quoted": {"doublequote": False, "escapechar": "\\", "quoting": csv.QUOTE_ALL},
    "backslash, none quoted": {"escapechar": "\\", "quoting": csv.QUOTE_NONE},
}
FIRST = ('他说 "你好" 然后', "0")
"""A row that shows how quotation marks are written."""
cells = st.text(st.sampled_from('甲"" ,;|\t\n\\'), max_size=14)
rows_of_cells = st.lists(st.tuples(cells, st.sampled_from("01")), max_size=8)


def written(rows: list[tuple[str, str]], how: dict[str, Any]) -> bytes:
    table = io.StringIO()
    csv.writer(table, **how).writerows([("text", "n"), *rows])
    return table.getvalue().encode()


def read(data: bytes, name: str, size: int) -> list[Item]:
    file = a_file(name, name.rsplit(".", 1)[1])
    return [
        item
        for piece in blocks(file, io.BytesIO(data), size, "file")
        for item in read_piece(piece, ("text",))
    ]


def expected(rows: list[tuple[str, str]], name: str) -> list[Record]:
    return [Record(f"{name}:{number}", text, "来源") for number, (text, _) in enumerate(rows, 1)]


@pytest.mark.slow
@pytest.mark.parametrize("how", WRITERS)
@given(rows_of_cells, st.integers(1, 200))
def test_what_a_writer_wrote_comes_back(how: str, rows: list[tuple[str, str]], size: int) -> None:
    rows = [FIRST, *rows]
    assert read(written(rows, WRITERS[how]), "a.csv", size) == expected(rows, "a.csv")


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.text(st.sampled_from('甲"" ,\n'), max_size=14), st.just("0")), max_size=8),
    st.integers(1, 200),
)
def test_what_a_writer_wrote_as_tsv_comes_back(rows: list[tuple[str, str]], size: int) -> None:
    assert read(written(rows, WRITERS["excel-tab"]), "a.tsv", size) == expected(rows, "a.tsv")


@pytest.mark.slow
@given(
    st.lists(
        st.sampled_from(["甲,1\n", '"甲\n', '"乙",2\n', '"丙\n丁",3\n', '戊",4\n', '"己\\"",5\n', "\n"]),
        max_size=12,
    ),
    st.integers(1, 99),
)
def test_a_broken_table_is_read_alike_whatever_the_size(lines: list[str], size: int) -> None:
    data = ("text,n\n" + "".join(lines)).encode()
    assert read(data, "a.csv", size) == read(data, "a.csv", 1 << 20)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_tables_of_any_encoding(delimiter: str, encoding: str) -> None:
    """In GBK the second byte of a character may be a bar or a backslash: 亅, 乗."""
    texts = [f"{TEXT}亅乗", f'{OTHER}\n"倈"', "乗亅"]
    rows = [(text, "1") for text in texts]
    data = written(rows, {"delimiter": delimiter}).decode().encode(encoding)
    assert read(data, "a.csv", 10) == expected(rows, "a.csv")


def test_a_line_in_another_encoding_than_the_rest() -> None:
    data = f"n,text\n1,{TEXT}\n".encode() + f"2,{OTHER}\n".encode("gb18030") + f"3,{TEXT}\n".encode()
    assert [item.text for item in records(read(data, "a.csv", 10))] == [TEXT, OTHER, TEXT]


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(NotText, match="not text"):
        list(blocks(a_file("a.csv", "csv"), io.BytesIO(bytes(range(256)) * 9), 10, "file"))


def test_line_ends_of_old_macs() -> None:
    assert [item.text for item in records(read("n,text\r1,甲\r2,乙\r".encode(), "a.csv", 99))] == ["甲", "乙"]


def test_a_table_without_rows_is_a_piece() -> None:
    pieces = list(blocks(a_file("a.csv", "csv"), io.BytesIO(b"id,text\n"), 10, "file"))
    assert [(piece.data, piece.head and piece.head.columns) for piece in pieces] == [(b"", ("id", "text"))]


def test_pieces_of_about_the_size_are_numbered_by_their_first_record() -> None:
    data = b"n,text\n" + b"".join(b"%d,x\n" % n for n in range(100))
    pieces: list[Piece] = list(blocks(a_file("a.csv", "csv"), io.BytesIO(data), 40, "file"))
    assert len(pieces) > 5
    for piece in pieces:
        assert (piece.data or b"").startswith(b"%d," % piece.first)
        assert piece.sound


@pytest.mark.parametrize("blank", ["\n\n", "\r\n\r\n", "\n \t\n", "\n\u3000\n\n", "\n\n\n\n"])
def test_groups_of_lines_stand_between_blank_lines(blank: str) -> None:
    assert [group.strip() for group in groups_of_lines(f"\n甲\n乙{blank}丙\n".encode())] == [
        "甲\n乙".encode(),
        "丙".encode(),
    ]


def test_a_text_is_cut_at_blank_lines_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READ", 8)
    data = "甲\n乙\n\n丙\n丁\n\n\n戊\n".encode()
    pieces = list(blocks(a_file("a.txt", "text"), io.BytesIO(data), 1, "block"))
    assert b"".join(piece.data or b"" for piece in pieces) == data
    assert [piece.first for piece in pieces] == [0, 2]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Files are read from the beginning in portions as small as the pieces."""
    monkeypatch.setattr(streams, "SAMPLE", 16)
    return monkeypatch


def cut(
    data: bytes, format_: str, size: int, documents: TextDocument = "file"
) -> list[tuple[int, bytes | str]]:
    """The first number and the data of each piece, or its problem."""
    pieces = blocks(a_file("a", format_), io.BytesIO(data), size, documents)
    return [(piece.first, piece.problem or piece.data or b"") for piece in pieces]


RECORDS: dict[str, tuple[TextDocument, bytes, list[bytes], bytes]] = {
    "jsonl": ("file", b"", [b'{"n": %d}\n' % n for n in range(30)], b'{"n": 1}'),
    "text": ("line", b"", [b"%d\n" % n for n in range(90)], b"end"),
    "text, groups": ("block", b"", [b"%d\nx\n \n" % n for n in range(40)], b"end"),
    "csv": ("file", b"n,text\n", [b"%d,x\n" % n for n in range(60)], b"1,end"),
    "csv, quoted": ("file", b"n,text\n", [b'%d,"x\ny"\n' % n for n in range(40)], b'1,"e\nd"'),
    "tsv": ("file", b"n\ttext\n", [b"%d\tx\n" % n for n in range(60)], b"1\tend"),
    "mediawiki": ("file", b"", [b"<mediawiki >%d</page>" % n for n in range(30)], b"<page>"),
    "wikiextractor": ("file", b"", [b"<doc id=%d>\nx\n</doc>" % n for n in range(30)], b"<doc id=1>\n"),
}
"""By format: what one document is, the head, whole records, and one that the end of the file ends."""


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize("rest", [True, False])
def test_pieces_hold_whole_records_and_the_number_of_the_first(
    name: str, rest: bool, small: pytest.MonkeyPatch
) -> None:
    documents, head, whole, last = RECORDS[name]
    data = head + b"".join(whole) + (last if rest else b"")
    expected = [*whole, *([last] if rest else [])]
    for size in (1, 17, 50, 1 << 20):
        pieces = cut(data, name.split(",")[0], size, documents)
        starts = [first for first, _ in pieces]
        bounds = zip(starts, [*starts[1:], len(expected)], strict=True)
        assert starts[0] == 0
        assert [found for _, found in pieces] == [b"".join(expected[start:end]) for start, end in bounds]
        assert len(pieces) == 1 if size > len(data) else len(pieces) > len(data) / (2 * size + 60)
        assert all(len(found) >= size for _, found in pieces[:-2])


def test_a_record_of_any_length_is_a_piece_of_its_own_where_pieces_are_small(
    small: pytest.MonkeyPatch,
) -> None:
    small.setattr(streams, "SAMPLE", 3)
    for length in range(2, 40):
        long = b"x" * length + b"\n"
        assert cut(b"ab\n" + long, "jsonl", 1) == [(0, b"ab\n"), (1, long)]
        assert cut(b"ab\n" + long[:-1], "jsonl", 1) == [(0, b"ab\n"), (1, long[:-1])]
        assert cut(b"\n" + long, "jsonl", 1) == [(0, b"\n"), (1, long)]


def test_a_record_is_given_before_as_much_again_is_read(small: pytest.MonkeyPatch) -> None:
    small.setattr(streams, "SAMPLE", 1)
    for length in range(70):
        record = b"x" * length + b"\n"
        stream = io.BytesIO(record + b"y" * 1000)
        assert next(blocks(a_file("a", "jsonl"), stream, 1, "file")).data == record
        assert stream.tell() < 2 * len(record)


@pytest.mark.parametrize(
    ("size", "portion"), [(1000, 1000), (1 << 20, 1 << 20), ((1 << 20) + 1, 1 << 20), (1 << 24, 1 << 20)]
)
def test_a_file_is_read_by_portions_of_the_size_and_of_at_most_1_mib(size: int, portion: int) -> None:
    asked = []

    class Asked(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            asked.append(size)
            return super().read(size)

    assert len([*blocks(a_file("a", "jsonl"), Asked(b"{}\n" * 9), size, "file")]) == 1
    assert asked[1:] == [portion]


def test_a_tsv_has_tabs_between_its_cells_whatever_else_separates_them() -> None:
    for format_, columns in (("tsv", ("a,b", "c")), ("csv", ("a", "b\tc"))):
        (piece,) = blocks(a_file("a", format_), io.BytesIO(b"a,b\tc\n1,2\t3\n"), 99, "file")
        assert piece.head and piece.head.columns == columns


def test_a_piece_ends_as_soon_as_it_has_the_size(small: pytest.MonkeyPatch) -> None:
    small.setattr(module, "READ", 4)
    assert [len(data) for _, data in cut(b"abc\n" * 12, "jsonl", 8)] == [16, 8, 8, 8, 8]
    assert [len(data) for _, data in cut(b"abc\n" * 12, "jsonl", 9)] == [16, 12, 12, 8]


@pytest.mark.parametrize(
    ("format_", "data", "problem"),
    [
        ("csv", b"%PDF-1.7\n1,2\n", "a PDF, which is not read"),
        ("mediawiki", b"<rss><item></page></rss>", NO_EXPORT),
    ],
)
def test_a_file_of_another_kind_is_one_problem(format_: str, data: bytes, problem: str) -> None:
    assert cut(data, format_, 5) == [(0, problem)]


def test_lines_in_other_encodings_and_with_other_ends_come_as_utf8(small: pytest.MonkeyPatch) -> None:
    small.setattr(module, "READ", 3)
    rows = [TEXT, OTHER, "", TEXT]
    for data in (
        "\n".join(rows).encode("gb18030"),
        "\n".join(rows).encode("utf-16"),
        "\r".join(rows).encode(),
        "\n".join([*rows, ""]).encode("gb18030"),
    ):
        small.setattr(streams, "SAMPLE", 200)
        found = b"".join(part for _, part in cut(data, "text", 10, "line") if isinstance(part, bytes))
        assert found.decode().rstrip("\n") == "\n".join(rows)
    for looked_at in (200, 16):  # with and without the first end of a line
        small.setattr(streams, "SAMPLE", looked_at)
        mixed = cut(f"{TEXT}\r\n甲\n".encode(), "text", 10, "line")
        assert b"".join(part for _, part in mixed if isinstance(part, bytes)) == f"{TEXT}\r\n甲\n".encode()


def test_lines_that_are_not_too_long_are_whole_when_they_become_utf8(small: pytest.MonkeyPatch) -> None:
    """What is cut inside a character of GBK would lose it."""
    small.setattr(module, "MAX_RECORD", 200)
    lines = f"{TEXT * 2}\n" * 9
    for size in (61, 75, 99):
        small.setattr(streams, "SAMPLE", size)
        found = cut(lines.encode("gb18030"), "text", size, "line")
        assert b"".join(part for _, part in found if isinstance(part, bytes)).decode() == lines


@pytest.mark.parametrize("documents", ["line", "block"])
def test_a_line_that_never_ends_is_given_up_as_soon_as_it_is_too_long(
    documents: TextDocument, small: pytest.MonkeyPatch
) -> None:
    small.setattr(streams, "SAMPLE", 10)
    small.setattr(module, "MAX_RECORD", 100)
    stream = io.BytesIO(b"x" * 1000)
    assert next(blocks(a_file("a", "text"), stream, 10, documents)).problem == TOO_LONG_RECORD
    assert stream.tell() == 110


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_record_that_is_too_long_is_told_and_counted(size: int, small: pytest.MonkeyPatch) -> None:
    small.setattr(module, "READ", 1)
    small.setattr(module, "MAX_RECORD", 100)
    for format_, begin, end in (("jsonl", b"", b"\n"), ("mediawiki", b"<mediawiki >", b"</page>")):
        a, b, longest = (
            begin + sign * n + end for sign, n in ((b"a", 5), (b"b", 6), (b"x", 101 - len(begin + end)))
        )
        found = cut(a + longest + b + begin + b"y" * 300 + end + b + a, format_, size)
        assert [number for number, part in found if part == TOO_LONG_RECORD] == [0]
        assert b"".join(part for _, part in found if isinstance(part, bytes)) == a + longest + b + b + a
        place = next(n for n, (_, part) in enumerate(found) if part == TOO_LONG_RECORD)
        assert found[place + 1][0] == 4
        assert b"".join(part for _, part in found[:place] if isinstance(part, bytes)) == a + longest + b
    assert cut(b"x" * 300, "jsonl", size) == [(0, TOO_LONG_RECORD)]
    assert cut(b"x" * 101, "jsonl", size) == [(0, TOO_LONG_RECORD)]
    for looked_at in (16, 100):
        small.setattr(streams, "SAMPLE", looked_at)
        assert cut(b"x" * 100, "jsonl", size) == [(0, b"x" * 100)]


def test_a_quotation_mark_that_nothing_closes_costs_its_line_where_the_rest_is_too_long(
    small: pytest.MonkeyPatch,
) -> None:
    small.setattr(module, "MAX_RECORD", 100)
    rows = [b'a,"x\n', *[b"b,%d\n" % n for n in range(40)]]
    data = b"n,text\n" + b"".join(rows)
    first, second, *_ = blocks(a_file("a.csv", "csv"), io.BytesIO(data), 1, "file")
    assert (first.first, first.data, first.sound) == (0, rows[0], False)
    assert (second.first, second.sound) == (1, True)
    assert (second.data or b"").startswith(rows[1])


class Damaged:
    """A stream that breaks off after some bytes."""

    def __init__(self, data: bytes) -> None:
        self._whole = io.BytesIO(data)

    def read(self, size: int, /) -> bytes:
        if data := self._whole.read(size):
            return data
        raise EOFError


@pytest.mark.parametrize(
    ("format_", "data", "expected"),
    [
        ("jsonl", b"{}\n" * 30 + b"[", [b"{}\n" * 30]),
        ("csv", b"a,text\n" + b"1,x\n" * 30 + b"2", [b"1,x\n" * 30]),
        ("csv", b"a,text\n", [b""]),
        ("jsonl", b"{", []),
    ],
)
def test_records_before_a_damage_are_read(
    format_: str, data: bytes, expected: list[bytes], small: pytest.MonkeyPatch
) -> None:
    for size in (1 << 20, 10):
        found = []
        with pytest.raises(EOFError):
            for piece in blocks(a_file("a", format_), Damaged(data), size, "file"):
                found.append(piece.data or b"")
        assert (found if size > 10 else [b"".join(found)]) == (
            expected if size > 10 else [b"".join(expected)]
        )


def test_a_piece_of_a_table_is_sound_where_all_its_rows_are(small: pytest.MonkeyPatch) -> None:
    loose = b'3,"x"y\n'
    rows = b'1,x\n2,"a\nb"\n' * 9
    for data, sound in (
        (rows, True),
        (loose + rows, False),
        (rows + loose, False),
        (rows + loose + rows, False),
    ):
        (piece,) = blocks(a_file("a.csv", "csv"), io.BytesIO(b"n,text\n" + data), 1 << 20, "file")
        assert piece.sound is sound


def test_blank_lines_before_and_after_are_no_groups() -> None:
    for blank in ("\n\n", "\n \n\ufeff\n", "\n\u200b\n\n", "\n\xa0\n\x85\n"):
        assert [group.strip() for group in groups_of_lines(f"{blank}甲{blank}".encode())] == ["甲".encode()]
    assert groups_of_lines(b"\n \n") == groups_of_lines(b"") == []
