"""What wikiextractor writes."""

import pytest

from gaupt.corpus.read.piece import Problem, Record
from gaupt.corpus.read.wikiextractor import is_wikiextractor, read_wikiextractor
from tests.corpus.made import OTHER, TEXT, a_file

FILE = a_file("AA/wiki_00", "wikiextractor")
FIRST = f'<doc id="53" url="https://zh.example.org/wiki?curid=53" title="茶">\n茶\n\n{TEXT}\n\n</doc>\n'
SECOND = f'<doc id="57" revid="1" url="x" title="&lt;桥>"\'">\n{OTHER}\n</doc>\n'


def test_a_document_is_what_stands_between_its_tags() -> None:
    assert list(read_wikiextractor(FILE, (FIRST + "\n" + SECOND).encode())) == [
        Record("53", f"茶\n\n{TEXT}", "来源"),
        Record("57", OTHER, "来源"),
    ]
    assert list(read_wikiextractor(FILE, SECOND.replace("\n", "\r\n").encode("gb18030"))) == [
        Record("57", OTHER, "来源")
    ]


def test_a_document_without_an_end_or_a_beginning_is_told_and_the_next_one_read() -> None:
    problem, record = Problem("AA/wiki_00", "malformed document"), Record("57", OTHER, "来源")
    for damaged, found in (
        (FIRST.removesuffix("</doc>\n") + SECOND, [problem, record]),
        (SECOND + FIRST.removesuffix("</doc>\n"), [record, problem]),
        (SECOND + "</doc>\n", [record, problem]),
        (f'<doc title="茶">\n{TEXT}\n</doc>' + SECOND, [problem, record]),
        (SECOND + "\n \n", [record]),
    ):
        assert list(read_wikiextractor(FILE, damaged.encode())) == found
    binary = b'<doc id="1">\n' + bytes(range(9)) * 9 + b"\n</doc>"
    assert list(read_wikiextractor(FILE, binary)) == [problem]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (FIRST.encode(), True),
        (b"\n" + SECOND.encode(), True),
        (b"<doc id='1'>text", True),
        (b"<doc>\n", False),
        (b"<document id='1'>\n", False),
        (b"text <doc id='1'>\n", False),
    ],
)
def test_a_file_is_told_by_its_first_tag(head: bytes, expected: bool) -> None:
    assert is_wikiextractor(head) is expected


@pytest.mark.parametrize(
    "line", [b"<doc " * 20_000, b"<doc >" * 20_000, b"<doc " * 20_000 + b"x" * 20_000 + b">"]
)
def test_tags_without_end_are_passed_at_once(line: bytes) -> None:
    found = list(read_wikiextractor(FILE, line + b"</doc>" + FIRST.encode()))
    assert isinstance(found[-1], Record) and len(found) <= 20_001
