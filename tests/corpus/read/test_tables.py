"""Tables: which column is the text, what quotes hold, and rows that are no rows."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.corpus.read.piece import Item, Piece, Problem, Record
from gaupt.corpus.read.tables import read_table, split_header
from tests.corpus.made import a_file, records


def read(
    table: str, format_: str = "csv", first: int = 0, fields: tuple[str, ...] = ("text", "正文")
) -> list[Item]:
    file = a_file(f"a.{format_}", format_)
    header, rows = split_header(table.encode(), quoted=format_ == "csv")
    return list(read_table(file, Piece(file, data=rows, header=header, first=first), fields))


def test_the_text_is_the_column_of_the_first_field_that_is_there() -> None:
    assert read("正文,Text ,n\n甲,乙,1\n") == [Record("a.csv:1", "乙", "来源")]
    assert read("正文,n\n甲,1\n") == [Record("a.csv:1", "甲", "来源")]
    assert read("\ufeffTEXT\n甲\n") == [Record("a.csv:1", "甲", "来源")]


def test_ids_and_sources_are_columns_too() -> None:
    assert read("source,ID,text\n报,x,甲\n,,乙\n") == [
        Record("x", "甲", "报"),
        Record("a.csv:2", "乙", "来源"),
    ]


def test_rows_are_numbered_from_the_first_of_the_piece() -> None:
    assert [item.id for item in records(read("text,n\n甲,1\n\n乙,2\n", first=5))] == ["a.csv:6", "a.csv:8"]


def test_a_single_column_without_a_name_is_the_text_and_its_first_line_a_row() -> None:
    assert [item.text for item in records(read("甲\n乙\n"))] == ["甲", "乙"]
    assert [item.text for item in records(read("甲\n乙\n", first=1))] == ["乙"]  # a later piece of the file


def test_several_columns_without_a_text_are_told() -> None:
    assert read("title,n\n甲,1\n") == [
        Problem("a.csv", "no field text, 正文; the records have title, n: use --text-field title")
    ]
    assert read("n,title\n1,\n2,甲\n") == [
        Problem("a.csv", "no field text, 正文; the records have n, title: use --text-field title")
    ]
    assert read("") == [Problem("a.csv", "no field text, 正文; the records have no fields")]


def test_a_row_with_too_few_or_too_many_cells_is_malformed() -> None:
    bad = Problem("a.csv", "malformed line")
    assert read("text,n\n甲\n乙,1,2\n丙,3\n") == [bad, bad, Record("a.csv:3", "丙", "来源")]


def test_quotes_of_csv_hold_line_feeds_commas_and_quotes() -> None:
    assert [item.text for item in records(read('text,n\n"甲\n乙,""丙""",1\n'))] == ['甲\n乙,"丙"']


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('"甲"', "甲"),
        ('"甲""乙"', '甲"乙'),
        ('"甲', '"甲'),
        ('甲"', '甲"'),
        ('"', '"'),
        ('""', ""),
        ('甲"乙"丙', '甲"乙"丙'),
    ],
)
def test_a_stray_quote_of_tsv_swallows_nothing(cell: str, expected: str) -> None:
    found = records(read(f"text\tn\n{cell}\t1\n乙\t2\n", "tsv"))
    assert [item.text for item in found] == [expected, "乙"]


def test_a_header_ends_with_a_line_feed_outside_quotes() -> None:
    table = b'"te\nxt",n\n1,2\n'
    assert split_header(table, quoted=True) == (b'"te\nxt",n\n', b"1,2\n")
    assert split_header(table, quoted=False) == (b'"te\n', b'xt",n\n1,2\n')
    assert split_header(b"text", quoted=True) == (b"text", b"")
    assert split_header(b'"text\n', quoted=True) == (b'"text\n', b"")


cells = st.text(st.sampled_from('甲a",\n '), min_size=1, max_size=6)


@pytest.mark.slow
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=5))
def test_what_a_csv_writer_wrote_is_read_back(rows: list[tuple[str, str]]) -> None:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([("text", "n"), *rows])
    assert [item.text for item in records(read(written.getvalue()))] == [first for first, _ in rows]


@given(st.binary(max_size=40), st.booleans())
def test_header_and_rows_are_the_whole_table(table: bytes, quoted: bool) -> None:
    header, rows = split_header(table, quoted)
    assert header + rows == table
    assert not rows or header.endswith(b"\n")
