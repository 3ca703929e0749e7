"""Pieces of files of every format to records, and what cannot be read to problems."""

import gzip
import json
import lzma
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard

from gaupt.corpus.documents import read_documents
from gaupt.corpus.read import records as module
from gaupt.corpus.read.mediawiki import NO_EXPORT
from gaupt.corpus.read.piece import Piece, Problem, Record, one_document
from gaupt.corpus.read.records import TOO_LONG_TEXT, is_too_long, read_piece
from tests.corpus.made import (
    OTHER,
    TEXT,
    a_file,
    input_file,
    items,
    json_line,
    jsonl,
    reasons,
    records,
    run,
    text,
    warc_record,
)
from tests.corpus.read.dumps import BODY, dump


@pytest.mark.slow
def test_formats(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text(text(1), encoding="gb18030")
    (folder / "b.md").write_text(text(2), encoding="utf-16")
    paragraphs = "".join(f"<p>{line}</p>" for line in text(3).split("\n"))
    (folder / "c.html").write_text(
        f"<html><head><meta charset='gb2312'></head><body><nav>首页</nav><article>{paragraphs}</article>"
        "<script>var a</script></body></html>",
        encoding="utf-8",
    )
    (folder / "d.json").write_text(json.dumps([{"content": text(4)}, {"content": text(5)}]))
    (folder / "e.csv").write_text(f'id,text\nr1,"{text(6)}"\nr2,"{text(7)}, ""引号"""\n')
    (folder / "f.tsv").write_text(f'title\ttext\n标题\t{text(8).replace(chr(10), "")}"半个引号\n')
    (folder / "g.bin").write_bytes(b"\x00\x01")
    report = run([folder], tmp_path / "out")
    assert report["kept"] == 8
    assert report["files"]["skipped"] == {".bin": 1}
    documents = {d.id: d for d in read_documents(tmp_path / "out")}
    assert documents["a.txt"].text == text(1)
    assert documents["c.html"].text == text(3)
    assert documents["r2"].text == text(7) + ', "引号"'
    assert documents["d.json:2"].text == text(5)
    assert {d.source for d in documents.values()} == {"in", "d", "e", "f"}


@pytest.mark.slow
def test_malformed_lines_and_broken_files_are_counted(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(
        jsonl(range(3))
        + b'{"id": 1, "text": "cut\nnot json\n{"id": 2}\n\xff\xfe\xfa{"text": "x"}\n'
        + jsonl(range(3, 5))
    )
    whole = gzip.compress(jsonl(range(5, 400)))
    (folder / "b.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    whole = zstandard.ZstdCompressor().compress(jsonl(range(400, 800)))
    (folder / "c.jsonl.zst").write_bytes(whole[: len(whole) // 2])
    (folder / "d.txt").write_bytes(b"")
    (folder / "e.txt").write_bytes(bytes(range(256)) * 50)
    (folder / "f.parquet").write_bytes(b"PAR1 no table")
    report = run([folder], tmp_path / "out")
    assert report["unreadable"] == {
        "a.jsonl": {"malformed line": 3, "no field text, content, …; the records have id": 1},
        "b.jsonl.gz": {"truncated": 1},
        "c.jsonl.zst": {"truncated": 1},
        "d.txt": {"empty file": 1},
        "e.txt": {"not text in any known encoding": 1},
        "f.parquet": {"damaged": 1},
    }
    assert {f"n{n}" for n in range(6)} <= {d.id for d in read_documents(tmp_path / "out")}


def test_a_piece_that_broke_off_is_its_problem() -> None:
    piece = Piece(a_file("a.jsonl", "jsonl"), data=json_line(TEXT), problem="truncated")
    assert list(read_piece(piece, ("text",))) == [Problem("a.jsonl", "truncated")]


def test_a_text_is_one_document_and_its_lines_are_where_they_were_cut() -> None:
    file = a_file("a.txt", "text")
    data = f"{TEXT}\n \n{OTHER}".encode() + b"\n" + bytes(range(256)) + b"\n"
    assert list(read_piece(Piece(file, data=data, first=7), ("text",))) == [
        Record("a.txt:8", TEXT, "来源"),
        Record("a.txt:10", OTHER, "来源"),
        Problem("a.txt", "malformed line"),
        Problem("a.txt", "malformed line"),  # the line feed among those bytes
    ]


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.json"])
def test_white_space_is_an_empty_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b" \r\n\t")
    assert items(path) == [Problem(name, "empty file")]
    path.write_bytes(b'{"text": "x"}')
    assert len(records(items(path))) == 1


def test_a_file_that_is_no_text_under_the_name_of_one_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a.txt", "b.html", "c.json", "d.jsonl", "e.csv", "f.srt"):
        (folder / name).write_bytes(b"%PDF-1.7\n" + TEXT.encode() * 20)
    (folder / "g.txt").write_text(TEXT)
    with zipfile.ZipFile(folder / "h.zip", "w") as archive:
        archive.writestr("h.txt", b"{\\rtf1 " + TEXT.encode())
    report = run([folder], tmp_path / "out")
    assert report["read"] == 1
    pdf = {"a PDF, which is not read": 1}
    assert report["unreadable"] == {
        **dict.fromkeys(("a.txt", "b.html", "c.json", "d.jsonl", "e.csv", "f.srt"), pdf),
        "h.zip/h.txt": {"a rich text document, which is not read": 1},
    }


def test_every_format_inside_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("0.docx", TEXT)
        archive.writestr("a.txt", TEXT)
        archive.writestr("b.html", f"<html><body><p>{TEXT}</p></body></html>")
        archive.writestr("c.json", json.dumps([{"text": TEXT}]))
        archive.writestr("d.jsonl", json_line(TEXT))
        archive.writestr("e.csv", f'id,text\n"r\n1",{TEXT}\n')
        archive.writestr("f.tsv", f"text\n{TEXT}\n")
        archive.writestr("g.warc", "WARC/1.0")
        archive.writestr("h.txt", " ")
        archive.writestr("i.txt", bytes(range(256)) * 9)
        archive.writestr("j.parquet", b"PAR1")
    found = items(path)
    assert [(item.id, item.text) for item in records(found)] == [
        ("a.zip/a.txt", TEXT),
        ("a.zip/b.html", TEXT),
        ("a.zip/c.json:1", TEXT),
        ("a.zip/d.jsonl:1", TEXT),
        ("r\n1", TEXT),
        ("a.zip/f.tsv:1", TEXT),
    ]
    assert [item for item in found if isinstance(item, Problem)] == [
        Problem("a.zip", "member of a format that is not read (.docx)"),
        Problem("a.zip/g.warc", "warc inside an archive"),
        Problem("a.zip/h.txt", "empty file"),
        Problem("a.zip/i.txt", "not text in any known encoding"),
        Problem("a.zip/j.parquet", "damaged"),
    ]


def test_a_table_of_parquet_inside_an_archive(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    table = pyarrow.table({"text": [text(n) for n in range(5)]})
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=2)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(tmp_path / "t.parquet", "t.parquet")
    assert items(tmp_path / "a.zip") == [Record(f"a.zip/t.parquet:{n + 1}", text(n), "t") for n in range(5)]
    assert items(tmp_path / "t.parquet") == [Record(f"t.parquet:{n + 1}", text(n), "t") for n in range(5)]


def test_texts_of_many_documents_and_tables_inside_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x/a.txt", f"{TEXT}\n\n{OTHER}\n{TEXT}".encode("gb18030"))
        archive.writestr("x/b.txt.gz", gzip.compress(f"{OTHER}\r\n".encode("utf-16")))
        archive.writestr("c.csv", f'sep=;\nid;Text\nr1;"{TEXT}\n{OTHER}\nr2;{OTHER}\n')
    lines = [(item.id, item.text) for item in records(items(path, documents="line"))]
    assert lines[:4] == [
        ("a.zip/x/a.txt:1", TEXT),
        ("a.zip/x/a.txt:3", OTHER),
        ("a.zip/x/a.txt:4", TEXT),
        ("a.zip/x/b.txt.gz:1", OTHER),
    ]
    blocks = [(item.id, item.text) for item in records(items(path, documents="block"))]
    assert blocks[:3] == [
        ("a.zip/x/a.txt:1", TEXT),
        ("a.zip/x/a.txt:2", f"{OTHER}\n{TEXT}"),
        ("a.zip/x/b.txt.gz:1", OTHER),
    ]
    assert lines[4:] == blocks[3:] == [("r2", OTHER)]


SUBTITLES = {
    "a.srt": f"1\n00:00:01,000 --> 00:00:02,000\n{TEXT}\n",
    "a.ass": f"[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{TEXT}\n",
    "a.vtt": f"WEBVTT\n\n00:01.000 --> 00:02.000\n{TEXT}\n",
    "a.lrc": f"[00:01.00]{TEXT}\n",
}


def test_subtitles_articles_and_dumps_by_themselves_and_inside_an_archive(tmp_path: Path) -> None:
    written: dict[str, str | bytes] = {
        **SUBTITLES,
        "a.xml": dump(1),
        "b.xml": "<rss></rss>",
        "wiki_00": f'<doc id="57" url="x" title="桥">\n桥\n\n{TEXT}\n</doc>\n',
    }
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name, data in written.items():
            archive.writestr(name, data)
            (tmp_path / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    found = items(tmp_path / "a.zip")
    assert reasons(found) == [NO_EXPORT]
    article = Record("甲0城", f"甲0城{BODY}第0句。", "a")
    texts = [TEXT] * 4 + [article.text, f"桥\n\n{TEXT}"]
    assert [item.text for item in records(found)] == texts
    (tmp_path / "b.xml").unlink()
    (tmp_path / "a.zip").unlink()
    assert [record.text for path in sorted(tmp_path.iterdir()) for record in records(items(path))] == [
        *[TEXT] * 3,
        *texts[3:],
    ]


@pytest.mark.parametrize("format_", ["jsonl", "csv", "tsv", "mediawiki", "wikiextractor"])
def test_a_piece_without_data_has_no_records(format_: str) -> None:
    assert list(read_piece(Piece(a_file("a", format_)), ("text",))) == []
    assert list(read_piece(Piece(a_file("a", "text"), data=b""), ("text",))) == []


def test_a_row_group_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    (tmp_path / "a.parquet").write_bytes(b"PAR1 no table")
    piece = Piece(input_file(tmp_path / "a.parquet"), row_group=0)
    assert list(read_piece(piece, ("text",))) == [Problem("a.parquet", "damaged")]


def test_a_page_that_breaks_off_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.html.gz"
    path.write_bytes(gzip.compress(f"<p>{TEXT}</p>".encode())[:-8])
    assert items(path) == [Problem("a.html.gz", "truncated")]


def test_a_json_file_may_be_larger_than_a_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(json.dumps([{"text": TEXT}] * 2).encode())
    monkeypatch.setattr(module, "MAX_DOCUMENT", 10)
    assert [item.text for item in records(items(path))] == [TEXT] * 2


def test_lines_and_blocks_that_are_too_long_or_no_text_cost_themselves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = a_file("a.txt", "text")
    monkeypatch.setattr(module, "MAX_RECORD", 400)
    last = Record("a.txt:3", OTHER, "来源")
    for document, end in (("line", b"\n"), ("block", b"\n\n")):
        for first, reason in (
            (b"x" * 400, None),
            (b"x" * 401, "a record longer than 64 MiB"),
            (bytes(range(14, 256)), f"malformed {document}"),
        ):
            piece = Piece(file, data=end.join([first, b"y", OTHER.encode()]))
            found = list(read_piece(piece, ("text",), lambda source, d=document: d))
            kept = [Record("a.txt:1", first.decode(), "来源")] if reason is None else []
            assert records(found) == [*kept, Record("a.txt:2", "y", "来源"), last]
            assert reasons(found) == ([] if reason is None else [reason])


@pytest.mark.parametrize("name", ["a.txt", "a.txt.xz"])
def test_a_text_of_one_document_has_a_largest_size(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    path.write_bytes(lzma.compress(TEXT.encode()) if name.endswith(".xz") else TEXT.encode())
    monkeypatch.setattr(module, "MAX_DOCUMENT", len(TEXT.encode()))
    assert len(records(items(path))) == 1 and not is_too_long(input_file(path), one_document)
    monkeypatch.setattr(module, "MAX_DOCUMENT", len(TEXT.encode()) - 1)
    assert items(path) == [Problem(name, TOO_LONG_TEXT)] and is_too_long(input_file(path), one_document)
    assert not is_too_long(input_file(path), lambda source: "line")
    assert len(records(items(path, documents="line"))) == 1


def test_a_text_that_is_too_large_is_told_in_words_and_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    file = replace(input_file(tmp_path / "a.txt"), size=32 * 1024**2 + 1)
    (tmp_path / "a.txt").unlink()
    reason = "larger than 32 MiB; one document a line? --text-document line"
    assert list(read_piece(Piece(file), ("text",))) == [Problem("a.txt", reason)]


def test_a_damaged_text_and_a_page_are_not_too_long(tmp_path: Path) -> None:
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(TEXT.encode())[:-8])
    (tmp_path / "a.html").write_text(TEXT)
    for name in ("a.txt.gz", "a.html"):
        assert is_too_long(input_file(tmp_path / name), one_document) is False


def test_a_web_archive_and_a_tar_file_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(warc_record("conversion", "http://a.example/1", TEXT.encode()))
    (tmp_path / "b.txt").write_text(TEXT, encoding="utf-8")
    with tarfile.open(tmp_path / "b.tar", "w") as archive:
        archive.add(tmp_path / "b.txt", "b.txt")
    assert [item.text for item in records(items(tmp_path / "a.warc"))] == [TEXT]
    assert [item.text for item in records(items(tmp_path / "b.tar"))] == [TEXT]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16", "utf-8-sig"])
@pytest.mark.parametrize("size", [1, 100, 1 << 20])
def test_lines_and_blocks_of_any_encoding(encoding: str, size: int, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(f"{TEXT}\r\n{OTHER}\r\n\u3000\r\n{OTHER}".encode(encoding))
    lines = [(item.id, item.text) for item in records(items(path, size, documents="line"))]
    assert lines == [("a.txt:1", TEXT), ("a.txt:2", OTHER), ("a.txt:4", OTHER)]
    blocks = [(item.id, item.text) for item in records(items(path, size, documents="block"))]
    assert blocks == [("a.txt:1", f"{TEXT}\r\n{OTHER}"), ("a.txt:2", OTHER)]
