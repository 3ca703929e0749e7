"""Files in pieces: whatever the size of a piece, the same records with the same numbers."""

import csv
import gzip
import io
import json
import random
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gaupt.config import TextDocument
from gaupt.corpus import clean_parts as parts_module
from gaupt.corpus.documents import read_documents
from gaupt.corpus.read import blocks as blocks_module
from gaupt.corpus.read import pieces as pieces_module
from gaupt.corpus.read import records as records_module
from gaupt.corpus.read import streams
from gaupt.corpus.read.find import find_files
from gaupt.corpus.read.piece import Piece, Problem, Record
from gaupt.corpus.read.pieces import pieces_of
from tests.corpus.made import (
    HAN,
    TEXT,
    input_file,
    items,
    json_line,
    reasons,
    records,
    run,
    text,
    texts,
)
from tests.corpus.read.dumps import BODY, HEAD, TAIL, dump, multistream, page

MIB = 1 << 20


def pieces(path: Path, size: int, documents: TextDocument = "file") -> list[Piece]:
    return list(pieces_of(input_file(path), size, lambda source: documents))


@pytest.fixture
def small_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in portions of a few bytes, so that few records have many borders."""
    monkeypatch.setattr(streams, "SAMPLE", 8)
    monkeypatch.setattr(blocks_module, "READ", 8)


@pytest.mark.slow
@given(st.integers(1, 900))
@example(1)
def test_articles_of_wikiextractor_do_not_depend_on_the_size_of_pieces(
    tmp_path_factory: pytest.TempPathFactory, size: int
) -> None:
    path = tmp_path_factory.mktemp("wiki") / "wiki_00"
    articles = [f'<doc id="{n}" url="x" title="y">\n{text(n)}\n</doc>\n' for n in range(5)]
    path.write_text("".join(articles).replace('<doc id="3"', "<doc"))
    found = items(path, size)
    assert found == items(path, 1 << 24)
    assert [item.id for item in records(found)] == ["0", "1", "2", "4"]
    assert reasons(found) == ["malformed document"]


def test_json_is_what_it_holds_whatever_it_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = b"".join(json_line(text(n)) for n in range(9)) + b"broken\n"
    pretty = "\n".join(json.dumps({"text": text(n)}, indent=1) for n in range(9)).encode()
    for name, data in (
        ("a.json", lines),
        ("b.jsonl", pretty),
        ("c.json", b"[" + lines[:-8].replace(b"\n", b",\n") + b"]"),
    ):
        path = tmp_path / name
        path.write_bytes(data)
        whole = items(path)
        assert [item.text for item in records(whole)] == [text(n) for n in range(9)]
        assert reasons(whole) == ["malformed line"] * (data is lines)
        with monkeypatch.context() as patch:
            patch.setattr(pieces_module, "LARGE_JSON", 1)
            assert items(path, 1) == whole
            # a large file of lines is not read as a whole
            assert {piece.file.format for piece in pieces(path, 1)} == {"jsonl" if data is lines else "json"}
    path = tmp_path / "d.jsonl.gz"
    path.write_bytes(b"no gzip")
    assert reasons(items(path)) == ["damaged"]
    assert sum(piece.size for piece in pieces(path, 1)) == len(b"no gzip")


def test_only_a_large_json_file_is_looked_into_for_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = json_line("甲") * 2
    for name in ("a.json", "a.jsonl", "a.txt", "a.html"):
        (tmp_path / name).write_bytes(data)
    (tmp_path / "b.jsonl").write_bytes(b'\n [ \n{"text": "x"}]')
    (tmp_path / "c.jsonl").write_bytes(b"")
    for least, json_as in ((len(data), "json"), (len(data) - 1, "jsonl")):
        monkeypatch.setattr(pieces_module, "LARGE_JSON", least)
        found = find_files([tmp_path])[0]
        formats = {piece.file.name: piece.file.format for file in found for piece in pieces_of(file, 1)}
        assert formats == {
            "a.json": json_as,
            "a.jsonl": "jsonl",
            "a.txt": "text",
            "a.html": "html",
            "b.jsonl": "json",
            "c.jsonl": "jsonl",
        }


def test_a_table_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(bytes(range(256)) * 50)
    assert reasons(items(path)) == ["not text in any known encoding"]


@pytest.mark.slow
@given(st.integers(1, 9000), st.booleans())
@example(1, False)
def test_documents_do_not_depend_on_the_size_of_pieces(
    tmp_path_factory: pytest.TempPathFactory, size: int, packed: bool
) -> None:
    folder = tmp_path_factory.mktemp("dump")
    data = dump(12).replace(b"<title>\xe7\x94\xb25\xe5", b"<title><b>\xe5")  # the sixth page is malformed
    path = folder / ("a.xml.bz2" if packed else "a.xml")
    path.write_bytes(multistream(data) if packed else data)
    expected = items(path, 1 << 24)
    assert len(expected) == 12
    assert sum(isinstance(item, Problem) for item in expected) == 1
    assert items(path, size) == expected


def test_blocks_end_with_pages_and_stay_small(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(dump(4000))
    cuts = pieces(path, 1 << 16)
    assert len(cuts) > 20
    assert all(len(piece.data or b"") < 1 << 18 for piece in cuts)
    assert all((piece.data or b"").endswith(b"</page>") for piece in cuts[:-1])
    assert sum(piece.size for piece in cuts) == path.stat().st_size


def test_interrupted_download(tmp_path: Path) -> None:
    whole = multistream(dump(300))
    path = tmp_path / "a.xml.bz2"
    path.write_bytes(whole[: len(whole) // 2])
    found = items(path)
    records = [item.id for item in found if isinstance(item, Record)]
    assert records == [f"甲{n}城" for n in range(len(records))]
    assert 100 < len(records) < 200
    assert found[len(records) :] == [Problem("a.xml.bz2", "truncated")]
    path = tmp_path / "b.xml"
    path.write_bytes(dump(300)[:-2000])
    found = items(path)
    assert found[-1] == Problem("b.xml", "malformed page")
    assert sum(isinstance(item, Record) for item in found) == len(found) - 1 > 290


def test_a_page_too_long_for_memory_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks_module, "MAX_RECORD", 100_000)
    path = tmp_path / "a.xml"
    path.write_text(HEAD + page("甲", BODY) + page("长", BODY * 5000) + page("乙", BODY) + TAIL)
    found = items(path, 1000)
    assert [item.id for item in found if isinstance(item, Record)] == ["甲", "乙"]
    assert reasons(found) == ["a record longer than 64 MiB"]


@pytest.mark.slow
def test_blocks_join_to_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many small parts give what one large part gives, whatever falls on their borders."""
    path = tmp_path / "a.csv"
    path.write_text("text\n" + "".join(f'"{text(n)}\n""引,用"""\n' for n in range(60)))
    run([path], tmp_path / "one")
    monkeypatch.setattr(blocks_module, "READ", 100)
    monkeypatch.setattr(parts_module, "part_bytes", lambda files: 700)
    run([path], tmp_path / "many")
    assert texts(tmp_path / "many") == texts(tmp_path / "one")
    assert len(texts(tmp_path / "one")) == 60


def test_a_table_whose_first_row_is_longer_than_a_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    long = "\n".join("".join(random.Random(n).choices(HAN, k=40)) for n in range(600))
    path.write_text(f'id,text\nr0,"{long}"\nr1,"{text(1)}"\nr2,"{text(2)}"\n')
    assert path.stat().st_size > 1 << 16  # what is read at once in the beginning
    monkeypatch.setattr(parts_module, "part_bytes", lambda files: 1000)
    run([path], tmp_path / "out")
    assert [d.id for d in read_documents(tmp_path / "out")] == ["r0", "r1", "r2"]


lines = st.lists(st.text(st.sampled_from('甲a" ,\r'), max_size=9), min_size=1, max_size=12)


@pytest.mark.slow
@pytest.mark.usefixtures("small_reads")
@pytest.mark.parametrize("name", ["a.jsonl", "a.tsv", "a.jsonl.gz"])
@given(lines, st.integers(1, 60), st.booleans())
def test_blocks_of_lines_are_the_file(
    tmp_path_factory: pytest.TempPathFactory, name: str, rows: list[str], size: int, ended: bool
) -> None:
    data = ("x" + "\n".join(rows) + "\n" * ended).encode()
    if name == "a.tsv":
        data = data.replace(b"\r", b"")  # in a beginning without line feeds it ends the lines, as on old Macs
    path = tmp_path_factory.mktemp("lines") / name
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    found = pieces(path, size)
    blocks = [piece.data or b"" for piece in found]
    if name == "a.tsv":
        data = data.partition(b"\n")[2]
    assert b"".join(blocks) == data
    assert {piece.head for piece in found} == {found[0].head}
    assert all(block.endswith(b"\n") for block in blocks[:-1] if block)
    assert [piece.first for piece in found] == [b"".join(blocks[:n]).count(b"\n") for n in range(len(blocks))]
    assert sum(piece.size for piece in found) == path.stat().st_size


cells = st.text(st.sampled_from('甲a",\n '), min_size=1, max_size=12)


@pytest.mark.slow
@pytest.mark.usefixtures("small_reads")
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=8), st.integers(1, 120))
def test_rows_of_a_quoted_table_do_not_depend_on_the_size_of_pieces(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], size: int
) -> None:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([("text", "n"), *rows])
    path = tmp_path_factory.mktemp("table") / "a.csv"
    path.write_text(written.getvalue())
    assert items(path, size) == [Record(f"a.csv:{n}", first, "a") for n, (first, _) in enumerate(rows, 1)]
    assert sum(piece.size for piece in pieces(path, size)) == path.stat().st_size


@pytest.mark.slow
@pytest.mark.usefixtures("small_reads")
def test_an_open_quote_is_still_open_after_the_block_that_ends_before_it(tmp_path: Path) -> None:
    """The first block ends when a line feed of the second row's cell has been seen: that quote is open."""
    path = tmp_path / "a.csv"
    rows = ["短", "开\n头\n和\n尾", "末", "最\n后"]
    path.write_text("text,n\n" + "".join(f'"{row}",{n}\n' for n, row in enumerate(rows)))
    for size in range(1, path.stat().st_size + 1):
        found = pieces(path, size)
        assert [item.text for item in records(items(path, size))] == rows, size
        assert all((piece.data or b"\n").endswith(b"\n") for piece in found)
        for piece in found:
            assert piece.sound
            assert (piece.data or b"").count(b'"') % 2 == 0
    assert len(pieces(path, 1)) == 3


@pytest.mark.usefixtures("small_reads")
@pytest.mark.parametrize("mark", ["utf-16", "utf-8-sig"])
def test_lines_of_any_encoding_are_cut_as_utf8(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "a.jsonl"
    data = b"".join(json.dumps({"text": text(n)}, ensure_ascii=False).encode() + b"\n" for n in range(5))
    path.write_text(data.decode(), encoding=mark)
    found = pieces(path, 100)
    assert b"".join(piece.data or b"" for piece in found) == data
    assert sum(piece.size for piece in found) == path.stat().st_size


@pytest.mark.slow
@pytest.mark.usefixtures("small_reads")
@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
@given(
    st.lists(st.text(st.sampled_from("甲乙 \r\u3000"), max_size=6), max_size=12),
    st.integers(1, 60),
    st.booleans(),
)
def test_lines_and_blocks_of_a_text_do_not_depend_on_the_size_of_pieces(
    tmp_path_factory: pytest.TempPathFactory, name: str, rows: list[str], size: int, ended: bool
) -> None:
    content = "丙\n" + "\n".join(rows) + "\n" * ended
    path = tmp_path_factory.mktemp("text") / name
    path.write_bytes(gzip.compress(content.encode()) if name.endswith(".gz") else content.encode())
    lines = content.split("\n")
    assert items(path, size, documents="line") == [
        Record(f"{name}:{n}", line.strip(), path.parent.name)
        for n, line in enumerate(lines, 1)
        if line.strip()
    ]
    groups = ["\n".join(group) for blank, group in groupby(lines, lambda line: not line.strip()) if not blank]
    assert items(path, size, documents="block") == [
        Record(f"{name}:{n}", group.strip(), path.parent.name) for n, group in enumerate(groups, 1)
    ]
    assert sum(piece.size for piece in pieces(path, size, "block")) == path.stat().st_size


@pytest.mark.usefixtures("small_reads")
@pytest.mark.parametrize(("documents", "end"), [("line", "\n"), ("block", "\n\n")])
def test_a_record_over_the_limit_is_one_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, documents: TextDocument, end: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_text(end.join(["x", "甲" * 99, "y", "z"]))
    name = tmp_path.name
    expected = [Record("a.txt:1", "x", name), Record("a.txt:3", "y", name), Record("a.txt:4", "z", name)]
    monkeypatch.setattr(blocks_module, "MAX_RECORD", 100)
    monkeypatch.setattr(records_module, "MAX_RECORD", 100)
    for size in (1, 10, 1000):
        found = items(path, size, documents=documents)
        assert records(found) == expected
        assert reasons(found) == ["a record longer than 64 MiB"]


@pytest.mark.usefixtures("small_reads")
def test_a_mark_that_nothing_closes_costs_its_line_even_where_the_rest_is_too_long_to_wait_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_text('id,text\n1,"甲\n' + "".join(f"{n},乙\n" for n in range(2, 60)))
    monkeypatch.setattr(blocks_module, "MAX_RECORD", 100)
    for size in (1, 10, 1000):
        found = items(path, size)
        assert [item.id for item in records(found)] == [str(n) for n in range(2, 60)]
        assert reasons(found) == ["malformed line"]


def test_a_page_stays_whole(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(TEXT)
    assert [piece.data for piece in pieces(tmp_path / "a.html", 10)] == [None]


def test_a_damaged_text_is_one_piece_and_told_by_its_reader(tmp_path: Path) -> None:
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(TEXT.encode())[:-8])
    assert [(piece.data, piece.problem) for piece in pieces(path, 10)] == [(None, None)]
    assert items(path) == [Problem("a.txt.gz", "truncated")]


def test_a_file_that_breaks_off_gives_its_whole_lines(tmp_path: Path) -> None:
    """bz2 gives no byte of a block that is not whole, so that the break falls between two blocks."""
    path = tmp_path / "a.jsonl.bz2"
    first = json_line(TEXT) * 20
    path.write_bytes(multistream(first + b'{"text": "half')[:-10])
    found = items(path)
    assert records(found) == [Record(f"a.jsonl.bz2:{n + 1}", TEXT, "a") for n in range(len(records(found)))]
    assert reasons(found) == ["truncated"]
    assert sum(piece.size for piece in pieces(path, 100)) == path.stat().st_size


@pytest.mark.usefixtures("small_reads")
def test_a_line_over_the_limit_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(json_line("甲") + b'{"text": "' + b"x" * 200 + b'"}\n' + json_line("乙"))
    monkeypatch.setattr(blocks_module, "MAX_RECORD", 300)
    assert reasons(items(path, 10)) == []
    monkeypatch.setattr(blocks_module, "MAX_RECORD", 100)
    found = items(path, 10)
    assert [item.text for item in records(found)] == ["甲", "乙"]
    assert reasons(found) == ["a record longer than 64 MiB"]
