"""Dialects of tables, told from their beginning; rows where quotation marks close, and where they do not."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gaupt.corpus.read.dialects import Dialect, read_head, rows, spans

NO_DELIMITER = "\x1f"


def head(table: str, tabs: bool = False) -> tuple[tuple[str, ...], Dialect, str]:
    """Columns, dialect and what follows."""
    data = table.encode()
    found, length = read_head(data, tabs)
    assert length <= len(data)
    return found.columns, found.dialect, data[length:].decode()


@pytest.mark.parametrize("delimiter", list(",;\t|"))
def test_the_delimiter_is_the_one_that_the_header_and_the_rows_agree_on(delimiter: str) -> None:
    table = "id;label;text\n1;0;好,很好\n2;1;甲|乙\t丙\n".replace(";", delimiter)
    columns, dialect, rest = head(table.replace("好,很好", "好，很好") if delimiter == "," else table)
    assert columns == ("id", "label", "text")
    assert dialect == Dialect(delimiter)
    assert rest.startswith(f"1{delimiter}0")


@pytest.mark.parametrize(
    ("table", "delimiter"),
    [
        ("今天;天气\n很好\n出去走走\n", NO_DELIMITER),  # one of the header alone
        ("id,a;b\n1,甲\n2,乙\n", ","),
        ("a;b\n1;2\n3\n", ";"),  # in half of the rows
        ("a;b\n1;2\n\n\n3\n", ";"),  # blank ones are none
        ("a;b\n1;2\n3\n4\n", NO_DELIMITER),
        ("a,b;c\n1,2;3\n", ","),  # the earlier of two that fit alike
        ("a\tb;c\n1\t2;3\n", "\t"),
        ("a,b;c\n1,2,3\n1;2\n1;2\n", ";"),
        ("a,b;c\n1;2,3\n1,2,3;4\n", ";"),  # as many cells as the header, not more
        ("题,副题\n甲\n乙\n", ","),  # a comma in the header is one
        # Under a title of one column: rows of three or more show that this is a table.
        ("题\n甲;1;2\n", ","),
        ("题\n甲;1\n", NO_DELIMITER),
        ("题\n甲;1;2\n乙;1;2\n丙\n丁;1\n", ","),
        ("题\n甲;1;2\n乙;1;2\n丙\n丁;1\n戊;1;2;3\n", NO_DELIMITER),
    ],
)
def test_a_delimiter_is_one_by_half_of_the_rows(table: str, delimiter: str) -> None:
    assert head(table)[1].delimiter == delimiter


def test_a_delimiter_is_told_by_fifty_rows_and_64_kib_of_them() -> None:
    rows_ = "1,2\n" * 24 + "1;2\n" * 25  # with the header 50
    assert head(f"a,b;c\n{rows_}" + "1,2\n" * 9)[1].delimiter == ";"
    assert head(f"a,b;c\n{rows_[:-4]}" + "1,2\n" * 9)[1].delimiter == ","
    long = f"1;{'甲' * 5_000}\n"
    assert head(f"a,b;c\n{long * 5}" + "1,2\n" * 9)[1].delimiter == ";"
    assert head(f"a,b;c\n{long * 4}" + "1,2\n" * 9)[1].delimiter == ","


def test_rows_of_two_columns_with_delimiters_in_their_texts_are_of_the_header_s() -> None:
    assert head("id|text\n1|甲|乙\n2|丙|丁\n3|戊\n4|己|庚\n")[1].delimiter == "|"


def test_excel_names_the_delimiter_in_a_line_of_its_own() -> None:
    assert head("sep=;\nid;text\n1;甲\n") == (("id", "text"), Dialect(";"), "1;甲\n")
    assert head('"SEP=|"\r\nid|text\r\n') == (("id", "text"), Dialect("|"), "")
    assert head("sep=\t\r\na,b\tc\r\n")[0] == ("a,b", "c")
    assert head('sep=;\nid;text\n1;"他 \\"说\\" 了"\n')[1] == Dialect(";", escaped=True)


def test_tsv_has_tabs_whatever_else_it_has() -> None:
    assert head("a,b\tc\n1,2,3,4\t5\n", tabs=True)[:2] == (("a,b", "c"), Dialect("\t", quoted=False))
    assert head("a,b\n1,2\n", tabs=True)[0] == ("a,b",)


@pytest.mark.parametrize(
    ("rows_", "quoted"),
    [
        ('甲\t1\n"乙"\t2\n', False),  # read alike either way
        ('"甲\n乙"\t1\n', True),
        ('"甲\t乙"\t1\n', True),
        ('"甲\t1\n乙"\t2\n', False),  # two rows, each whole in itself
        ('"甲\n乙"\t1\n丙"丁\t2\n', False),
        ('"甲\n乙"\t1\n"丙\t2\n', False),
        ('"甲\n乙"\t1\n"丙\\""\t2\n', False),
        ('"甲\t乙"\t1\n"丙\t1\n丁"\t2\n', False),
        ('"甲\t1\n乙\n丙"\t2\n', True),
        ('"甲\t乙"\t1\n"丙"\t2\n', True),
        ('甲\t1\t2\n"乙"\t2\n', False),
    ],
)
def test_quotes_of_tsv_hold_lines_only_where_all_of_them_do_as_a_writer_would(
    rows_: str, quoted: bool
) -> None:
    assert head(f"text\tn\n{rows_}", tabs=True)[1].quoted is quoted


@pytest.mark.parametrize(
    ("cell", "escaped"),
    [
        (r'"他说 \"你好\" 然后"', True),
        (r'"他说 ""你好"" 然后"', False),
        (r'"C:\"', False),  # a path
        (r'"他说 \\"', False),
        (r'"a\""b"', False),
    ],
)
def test_a_backslash_escapes_where_a_quote_follows_it_inside_a_text(cell: str, escaped: bool) -> None:
    assert head(f"n,text\n1,{cell}\n")[1].escaped is escaped


def test_a_header_ends_with_a_line_feed_outside_quotes() -> None:
    assert head('"te\nxt",n\n1,2\n')[::2] == (("te\nxt", "n"), "1,2\n")
    assert head("\n\r\ntext,n\n1,2\n")[::2] == (("text", "n"), "1,2\n")
    assert head("text,n")[::2] == head("text,n\n")[::2] == (("text", "n"), "")
    assert head("")[::2] == ((), "")
    assert head('"text\n1\n')[::2] == ((), "1\n")


@pytest.mark.slow
def test_a_dialect_is_told_by_the_first_mebibyte() -> None:
    line, other = "1,甲\n", '1,"\\"甲"\n'
    fill = line * ((1 << 20) // len(line.encode()) + 1)
    assert not head(f"n,text\n{fill}{other}")[1].escaped
    assert head(f"n,text\n{fill[:-99]}{other}")[1].escaped


def test_a_delimiter_that_a_backslash_escapes_separates_nothing() -> None:
    assert head('n;t,u\n1\\,x;"a \\"b\\" c"\n')[1] == Dialect(";", escaped=True)


def parsed(data: str, dialect: Dialect | None = None) -> list[list[str] | None]:
    return list(rows(data.encode(), dialect or Dialect()))


def test_a_quote_inside_a_quoted_cell_of_one_line_is_a_character() -> None:
    assert parsed('1,"他说"你好"然后",x\n2,"甲"\n') == [["1", '他说"你好"然后', "x"], ["2", "甲"]]
    assert parsed('1,"他说"你好"\n') == [["1", '他说"你好']]
    assert parsed('"他"说 ""你"" \\"好\\"",x,\r\n') == [['他"说 "你" "好"', "x", ""]]


def test_a_quote_that_nothing_closes_makes_its_line_no_row() -> None:
    assert parsed('1,"甲\n2,乙\n3,"丙",x\n') == [None, ["2", "乙"], ["3", "丙", "x"]]
    assert parsed('"甲') == [None]
    assert parsed('1,甲\n"\n2,乙\n') == [["1", "甲"], None, ["2", "乙"]]


def test_lines_that_go_on_counting_are_rows_although_a_later_quote_would_close() -> None:
    assert parsed('20,"甲\n21,乙\n22,丙"\n23,丁\n') == [None, ["21", "乙"], ["22", '丙"'], ["23", "丁"]]
    # A list in a cell counts from one.
    assert parsed('1,"甲\n2,乙"\n') == [["1", "甲\n2,乙"]]
    assert parsed('20,"甲\n22,乙"\n') == [["20", "甲\n22,乙"]]
    assert parsed('2,"甲\n3,乙"\n') == [None, ["3", '乙"']]
    # What has more than 18 digits is no count.
    assert parsed(f'{10**17},"甲\n{10**17 + 1},乙"\n')[0] is None
    assert parsed(f'{10**18},"甲\n{10**18 + 1},乙"\n') == [[str(10**18), f"甲\n{10**18 + 1},乙"]]
    assert len(parsed(f'{"9" * 5_000},"甲\n乙"\n')) == 1


def test_rows_with_backslashes_are_read_in_a_table_that_did_not_begin_with_them() -> None:
    table = '1,"甲"\n2,"他说 \\"好\\"\n然后"\n3,"C:\\"\n'
    assert parsed(table) == [["1", "甲"], ["2", '他说 "好"\n然后'], ["3", "C:\\"]]


def test_a_backslash_before_anything_else_stays() -> None:
    escaped = Dialect(escaped=True)
    assert parsed(r'"C:\new\\x \"甲\", \N"' + "\n", escaped) == [[r'C:\new\x "甲", \N']]
    assert parsed("甲\\,乙,丙\\\n丁\n", escaped) == [["甲,乙", "丙\n丁"]]


def test_a_carriage_return_inside_a_cell_costs_its_row() -> None:
    assert parsed("a,b\r\nc\rd,e\nf,g\n") == [["a", "b"], None, ["f", "g"]]
    assert parsed('"a\nb",c\rd\nf,g\n') == [None, ['b"', "c\rd"], ["f", "g"]]


def test_where_quotation_marks_mean_nothing_those_around_a_cell_are_taken_off() -> None:
    raw = Dialect("\t", quoted=False)
    assert parsed('"甲"\t"乙\t""\t"\t"丙""丁"\t戊"\n\n己\r庚\n辛\n', raw) == [
        ["甲", '"乙', "", '"', '丙"丁', '戊"'],
        [],
        None,
        ["辛"],
    ]


def test_a_cell_may_be_long() -> None:
    assert parsed(f'1,"{"甲" * 200_000}"\n') == [["1", "甲" * 200_000]]


@pytest.mark.parametrize("sound", [False, True])
def test_a_row_that_is_no_utf8_costs_itself(sound: bool) -> None:
    for data, expected in (
        (b"\xff,1\n\na,2\n", [None, [], ["a", "2"]]),
        (b'"a\nb",1\n\xff,2\n', [["a\nb", "1"], None]),
        (b'"\xff\n",1\na,2\n', [None, ["a", "2"]]),
        ('"甲\n乙",1\n丙,2\n'.encode(), [["甲\n乙", "1"], ["丙", "2"]]),
    ):
        assert list(rows(data, Dialect(), sound)) == expected


def test_where_the_data_go_on_a_row_is_whole_once_it_has_a_line_feed() -> None:
    for dialect in (Dialect(), Dialect(quoted=False)):
        assert list(spans(b"", dialect)) == list(spans(b"b", dialect, ended=False)) == []
        assert list(spans(b"a\nb", dialect)) == [("plain", 0, 3 + dialect.quoted)]
        assert list(spans(b"a\nb", dialect, ended=False)) == [("plain", 0, 2)]


cells = st.text(st.sampled_from('甲",\\\n'), max_size=9)
tables = st.lists(cells, max_size=9).map("".join)


@pytest.mark.slow
@given(tables, st.booleans())
@example('\\,"\n\\""', False)  # a backslash before a delimiter, where it escapes nothing
def test_spans_are_the_whole_and_each_is_one_row(table: str, escaped: bool) -> None:
    data, dialect = table.encode(), Dialect(escaped=escaped)
    found = list(spans(data, dialect))
    assert b"".join(data[start:end] for _, start, end in found) == data
    count = sum(
        data[start:end].removesuffix(b"\n").count(b"\n") if kind == "plain" else 0
        for kind, start, end in found
    )
    assert len(parsed(table, dialect)) == count + len(found)


@pytest.mark.slow
@given(tables, st.integers(0, 60), st.booleans())
def test_what_is_known_of_a_beginning_stays_true(table: str, length: int, escaped: bool) -> None:
    data, dialect = table.encode(), Dialect(escaped=escaped)
    known = [span for span in spans(data[:length], dialect, ended=False) if span[0] != "plain"]
    assert known == [span for span in spans(data + b"\n", dialect) if span[0] != "plain"][: len(known)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "line", ['"甲\n', '"""甲\n', '""甲\n', '甲,"\n', '"甲","\n', '"甲"乙\n', '\\"\n', '"\\"\n']
)
@pytest.mark.untraced
def test_marks_that_do_not_close_take_linear_time(line: str) -> None:
    """Twice as many would take four times as long, and these minutes."""
    data = line.encode() * 20_000
    for dialect in (Dialect(), Dialect(escaped=True)):
        assert sum(1 for _ in spans(data, dialect)) <= 20_000
