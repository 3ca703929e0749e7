"""Blocks of whole records: what a writer of tables wrote comes back, whatever the size of the blocks."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.corpus.read import blocks as module
from gaupt.corpus.read.blocks import blocks, groups_of_lines
from gaupt.corpus.read.encodings import NotText
from gaupt.corpus.read.piece import Item, Piece, Record
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
