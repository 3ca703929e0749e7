"""Tables: which column is the text, what quotes hold, and rows that are no rows."""

import io

import pytest

from gaupt.corpus.read.blocks import blocks
from gaupt.corpus.read.dialects import Dialect, Head
from gaupt.corpus.read.piece import Item, Piece, Problem, Record
from gaupt.corpus.read.tables import read_table
from tests.corpus.made import a_file, records


def read(table: str, format_: str = "csv", fields: tuple[str, ...] = ("text", "正文")) -> list[Item]:
    file = a_file(f"a.{format_}", format_)
    pieces = blocks(file, io.BytesIO(table.encode()), 1 << 20, "file")
    return [item for piece in pieces for item in read_table(file, piece, fields)]


def a_piece(rows: str, first: int, *columns: str) -> Piece:
    head = Head(columns, Dialect())
    return Piece(a_file("a.csv", "csv"), data=rows.encode(), first=first, head=head)


def test_the_text_is_the_column_of_the_first_field_that_is_there() -> None:
    assert read("正文,Text ,n\n甲,乙,1\n") == [Record("a.csv:1", "乙", "来源")]
    assert read("正文,n\n甲,1\n") == [Record("a.csv:1", "甲", "来源")]
    assert read("\ufeffTEXT\n甲\n") == [Record("a.csv:1", "甲", "来源")]


def test_ids_and_sources_are_columns_too() -> None:
    assert read("source,ID,text\n报,x,甲\n,,乙\n") == [
        Record("x", "甲", "报"),
        Record("a.csv:2", "乙", "来源"),
    ]


@pytest.mark.parametrize(
    "name", ["Text", "TEXT", " text ", "Ｔｅｘｔ", '"text"', "'text'", "“text”", "\u200btext"]
)
def test_a_column_is_known_however_its_name_is_written(name: str) -> None:
    assert read(f"n,{name}\n1,甲\n") == [Record("a.csv:1", "甲", "来源")]
    assert read("n,text\n1,甲\n", fields=(name,)) == [Record("a.csv:1", "甲", "来源")]


def test_of_several_columns_of_text_the_first_that_is_not_empty_counts() -> None:
    found = records(read("text,正文\n甲,乙\n,丙\n  ,丁\n,\n"))
    assert [item.text for item in found] == ["甲", "丙", "丁", ""]


def test_columns_are_joined_where_a_field_says_so() -> None:
    table = "ID,Title,content\n7,甲,乙\n,丙,\n"
    joined = [Record("7", "甲\n乙", "来源"), Record("a.csv:2", "丙", "来源")]
    assert read(table, fields=("title+content",)) == joined
    assert read(table, fields=("title+content", "content")) == joined
    assert read(table, fields=("content", "title+content"))[0] == Record("7", "乙", "来源")
    assert [item.text for item in records(read("instruction,input,output\n甲,,乙\n", fields=("*",)))] == [
        "甲\n乙"
    ]


def test_rows_are_numbered_from_the_first_of_the_piece() -> None:
    piece = a_piece("甲,1\n\n乙,2\n", 5, "text", "n")
    assert [item.id for item in records(read_table(piece.file, piece, ("text",)))] == ["a.csv:6", "a.csv:8"]


def test_a_single_column_without_a_name_is_the_text_and_its_first_line_a_row() -> None:
    assert read("甲\n乙\n") == [Record("a.csv:1", "甲", "来源"), Record("a.csv:2", "乙", "来源")]
    assert read("id\n乙\n") == [Record("a.csv:1", "id", "来源"), Record("a.csv:2", "乙", "来源")]
    later = a_piece("丙\n", 1, "甲")
    assert list(read_table(later.file, later, ("text",))) == [Record("a.csv:3", "丙", "来源")]


def test_of_a_single_column_no_comma_ends_a_cell() -> None:
    found = records(read('text\n房间干净整洁,离地铁站很近\n"甲""乙"\n'))
    assert [item.text for item in found] == ["房间干净整洁,离地铁站很近", '甲"乙']


def test_several_columns_without_a_text_are_told() -> None:
    assert read("title,n\n甲,1\n") == [
        Problem("a.csv", "no field text, 正文; the records have title, n: use --text-field title")
    ]
    assert read("n,title\n1,\n2,甲\n") == [
        Problem("a.csv", "no field text, 正文; the records have n, title: use --text-field title")
    ]
    assert read("") == [Problem("a.csv", "no field text, 正文; the records have no fields")]


@pytest.mark.parametrize(
    ("rows", "advice"),
    [
        ("", ""),
        ("a,甲\n", ": use --text-field title"),
        ('a,甲,乙\n\n"\na,丙\n', ": use --text-field title"),  # whatever else stands there
        ("a\n", ": use --text-field n"),
        (",\n" * 19 + "a,甲\n", ": use --text-field title"),
        (",\n" * 20 + "a,甲\n", ""),  # twenty rows are looked at
    ],
)
def test_the_column_that_is_advised_is_told_by_the_first_rows(rows: str, advice: str) -> None:
    reason = "no field text, 正文; the records have n, title"
    piece = a_piece(rows, 0, "n", "title")
    assert list(read_table(piece.file, piece, ("text", "正文"))) == [Problem("a.csv", reason + advice)]
    later = a_piece(rows, 1, "n", "title")
    assert list(read_table(later.file, later, ("text",))) == []


def test_a_piece_without_rows_or_without_a_head_has_no_records() -> None:
    file = a_file("a.csv", "csv")
    for head in (None, Head(("text", "n"), Dialect())):
        assert list(read_table(file, Piece(file, head=head), ("text",))) == []
    assert list(read_table(file, Piece(file, data="甲\n".encode()), ("text",))) == []


def test_of_columns_of_one_name_the_first_counts() -> None:
    table = "title,text,title,text\n甲,乙,丙,丁\n"
    assert [item.text for item in records(read(table))] == ["乙"]
    assert [item.text for item in records(read(table, fields=("title+text",)))] == ["甲\n乙"]


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


def test_a_quote_that_nothing_closes_costs_its_own_row() -> None:
    bad = Problem("a.csv", "malformed line")
    assert read('n,text\n1,甲\n2,"乙\n3,丙\n4,"丁\n戊"\n') == [
        Record("a.csv:1", "甲", "来源"),
        bad,
        Record("a.csv:3", "丙", "来源"),
        Record("a.csv:4", "丁\n戊", "来源"),
    ]


def test_what_follows_is_malformed_where_a_cell_that_nothing_closes_had_lines() -> None:
    bad = Problem("a.csv", "malformed line")
    assert read('n,text\n1,"甲\n乙\n2,丙\n') == [bad, bad, Record("a.csv:3", "丙", "来源")]


def test_a_row_that_is_no_utf8_costs_itself() -> None:
    file = a_file("a.csv", "csv")
    piece = a_piece("", 0, "text", "n")
    data = '甲,1\n"乙",2\n'.encode() + b"\xff\xfe\xe5,3\n" + "丁,4\n".encode()
    found = list(read_table(file, Piece(file, data=data, head=piece.head), ("text",)))
    assert [item.text for item in records(found)] == ["甲", "乙", "丁"]
    assert found[2] == Problem("a.csv", "malformed line")


def test_a_name_of_marks_without_end_is_read_at_once() -> None:
    assert read(f"a{chr(0xF71) + chr(0xF72)}{(chr(0xF72) + chr(0xF71)) * 9_000},text\n1,甲\n") == [
        Record("a.csv:1", "甲", "来源")
    ]
