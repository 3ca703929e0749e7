"""Export dumps of MediaWiki: which pages are documents, and what damage does to the others."""

import bz2
import gzip
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from gaupt.corpus.documents import read_documents
from gaupt.corpus.read.mediawiki import is_export, read_mediawiki
from gaupt.corpus.read.piece import Problem, Record
from tests.corpus.made import a_file, items, kept, run
from tests.corpus.read.dumps import BODY, HEAD, TAIL, dump, multistream, page

DUMP = a_file("dump.xml", "mediawiki")


def test_articles_are_documents_and_other_pages_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "zhwiki-latest-pages-articles.xml"
    path.write_text(
        HEAD
        + page("青江 & 陶城", f"'''陶城'''{BODY}<ref>《地方志》</ref>")
        + page("陶市", "#REDIRECT [[陶城]]", extra='    <redirect title="陶城" />\n')
        + page("陶都", "#重定向 [[陶城]]")
        + page("Template:城市", BODY, ns=10)
        + page("数据", "{}", model="json")
        + page("短", "短。")
        + TAIL
    )
    report = run([path], tmp_path / "out", near_duplicates=False)
    assert [(d.id, d.text, d.source) for d in read_documents(tmp_path / "out")] == [
        ("青江 & 陶城", "陶城" + BODY, "zhwiki-latest-pages-articles")
    ]
    assert (report["read"], report["dropped"]) == (2, {"too_short": 1})
    assert report["unreadable"] == {
        path.name: {
            "not a document (redirect)": 2,
            "not a document (page outside the article namespace)": 1,
            "not a document (page that is no wikitext)": 1,
        }
    }


def test_values_of_templates_come_through_cleaning(tmp_path: Path) -> None:
    path = tmp_path / "zhwiki.xml"
    text = (
        "'''{{PAGENAME}}'''长{{convert|630|km|mi}}，流域{{formatnum:180850}}平方公里，流量{{val|3190}}立方米每秒，"
        "落差{{nowrap|540米}}。"
    )
    path.write_text(HEAD + page("青江", text) + TAIL)
    run([path], tmp_path / "out")
    assert kept(tmp_path / "out") == {
        "青江": "青江长630公里，流域180850平方公里，流量3190立方米每秒，落差540米。"
    }


@pytest.mark.parametrize(
    ("suffix", "pack"),
    [
        (".xml", bytes),
        (".xml.gz", gzip.compress),
        (".xml.bz2", bz2.compress),
        ("-multistream.xml.bz2", multistream),
        (".xml-p1p99.bz2", multistream),
        (".xml.xz", lzma.compress),
        (".xml.zst", zstandard.ZstdCompressor().compress),
    ],
)
def test_every_compression(tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / f"zhwiki{suffix}"
    path.write_bytes(pack(dump(50)))
    found = items(path)
    assert [item.id for item in found if isinstance(item, Record)] == [f"甲{n}城" for n in range(50)]
    assert len(found) == 50


@pytest.mark.parametrize(
    "text", ["#redirect [[甲]]", "\n #REDIRECT[[甲]]", "#重定向 [[甲]]", "#重新導向 [[甲]]"]
)
def test_a_page_that_begins_with_a_redirect_is_one(text: str) -> None:
    found = list(read_mediawiki(DUMP, page("乙", text).encode()))
    assert found == [Problem(DUMP.name, "not a document (redirect)")]


def test_so_is_one_that_the_exporter_marks_whatever_its_text() -> None:
    found = list(
        read_mediawiki(DUMP, page("乙", "#REDIRECCIÓN [[甲]]", extra='<redirect title="甲" />').encode())
    )
    assert found == [Problem(DUMP.name, "not a document (redirect)")]


def test_pages_of_old_exporters_that_name_no_model_are_read() -> None:
    old = page("甲", BODY).replace("<model>wikitext</model>", "")
    assert list(read_mediawiki(DUMP, old.encode())) == [Record("甲", BODY, DUMP.source)]


@pytest.mark.parametrize(
    ("old", "new", "malformed", "documents"),
    [
        ("<title>乙</title>", "", 1, 2),
        ("<title>乙</title>", "<title></title>", 1, 2),
        ("<ns>0</ns>", "", 3, 0),
        ("</text>", "", 3, 0),
        ("  </page>\n  <page>\n    <title>丙", "  <page>\n    <title>丙", 1, 2),  # the end of 乙 is lost
        ("  <page>\n    <title>丙", "    <title>丙", 1, 2),
        (BODY, BODY + "<b>不合规</b>", 3, 0),
        (BODY, BODY + "\x01" * 2000, 3, 0),
    ],
)
def test_malformed_pages_are_counted(old: str, new: str, malformed: int, documents: int) -> None:
    text = HEAD + "".join(page(title, title + BODY) for title in "甲乙丙") + TAIL
    assert old in text
    found = list(read_mediawiki(DUMP, text.replace(old, new).encode()))
    assert found.count(Problem(DUMP.name, "malformed page")) == malformed
    assert sum(not isinstance(item, Problem) for item in found) == documents


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    bomb = "<!DOCTYPE m [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
        f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9)
    )
    secret = tmp_path / "secret"
    secret.write_text("秘密")
    path = tmp_path / "a.xml"
    body = page("甲", BODY + "ENTITIES").replace("ENTITIES", "&j;&x;")
    path.write_text(f"{bomb}<!ENTITY x SYSTEM 'file://{secret}'>]>\n" + HEAD + body + TAIL)
    assert items(path) == [Record("甲", BODY + "&j;&x;", "a")]


def test_newest_revision_and_utf16(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    old = '    <revision>\n      <text xml:space="preserve">旧的</text>\n    </revision>\n'
    path.write_text(HEAD + page("甲", BODY, extra=old) + page("乙", BODY) + TAIL)
    expected = [Record("甲", BODY, "a"), Record("乙", BODY, "a")]
    assert items(path) == expected
    path.write_text(path.read_text(), encoding="utf-16")
    assert items(path) == expected


def test_xml_that_is_no_export(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.xml").write_text(f"<rss><item>{BODY}</item></rss>")
    (folder / "b.txt").write_text(BODY)
    with zipfile.ZipFile(folder / "c.zip", "w") as archive:
        archive.writestr("feed.xml", "<rss/>")
        archive.writestr("wiki.xml", HEAD + page("甲", "甲" + BODY) + TAIL)
    report = run([folder], tmp_path / "out", near_duplicates=False)
    reason = {"XML that is no export of MediaWiki": 1}
    assert report["unreadable"] == {"a.xml": reason, "c.zip/feed.xml": reason}
    assert [d.id for d in read_documents(tmp_path / "out")] == ["b.txt", "甲"]


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 60), st.binary(max_size=9)), max_size=8))
def test_damaged_pages_are_counted_or_read(damages: list[tuple[int, int, bytes]]) -> None:
    data = bytearray(dump(6))
    for start, length, new in damages:
        data[start : start + length] = new
    for found in read_mediawiki(DUMP, bytes(data)):
        if isinstance(found, Problem):
            assert found.reason.startswith(("malformed page", "not a document ("))
        else:
            found.text.encode()


@pytest.mark.parametrize(
    ("head", "yes"),
    [
        (b"<mediawiki>", True),
        (b'<?xml version="1.0"?>\n<mediawiki xmlns="x">', True),
        (b"<mediawikis>", False),
        (b"<rss/>", False),
        (b"", False),
        (b" " * (4096 - len(b"<mediawiki>")) + b"<mediawiki>", True),
        (b" " * (4097 - len(b"<mediawiki>")) + b"<mediawiki>", False),
    ],
)
def test_an_export_begins_with_its_element(head: bytes, yes: bool) -> None:
    assert is_export(head) is yes


def test_a_number_of_thousands_of_digits_in_a_page_costs_no_other_page() -> None:
    data = dump_of(f"&amp;#{'1' * 5000};", f"&#{'1' * 5000};")
    assert [type(item) for item in read_mediawiki(DUMP, data)] == [Record, Record]


def dump_of(*texts: str) -> bytes:
    pages = "".join(
        f"<page><title>茶</title><ns>0</ns><revision><text>{text}</text></revision></page>" for text in texts
    )
    return f"<mediawiki>{pages}</mediawiki>".encode()
