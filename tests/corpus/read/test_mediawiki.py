"""Export dumps of MediaWiki: which pages are documents, the cutter, damage, and markup to text."""

import bz2
import gzip
import html
import lzma
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import example, given
from hypothesis import strategies as st

from gaupt.config import CleanConfig, Config
from gaupt.corpus.clean import clean
from gaupt.corpus.documents import read_documents
from gaupt.corpus.read import cut as parts_module
from gaupt.corpus.read.cut import cut
from gaupt.corpus.read.file import InputFile, recognize
from gaupt.corpus.read.find import find_files
from gaupt.corpus.read.mediawiki import read_mediawiki
from gaupt.corpus.read.piece import Problem, Record
from gaupt.corpus.read.records import read_piece
from gaupt.corpus.read.streams import open_stream
from gaupt.corpus.read.wikitext import plain_text

HEAD = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="zh">
  <siteinfo><sitename>Wikipedia</sitename><namespaces><namespace key="0" case="first-letter" />
  <namespace key="10" case="first-letter">Template</namespace></namespaces></siteinfo>
"""
TAIL = "</mediawiki>\n"
DUMP = InputFile("dump.xml", "dump.xml", "dump", "mediawiki", None, 1)
BODY = "是一座虚构的小城，位于青江下游，居民多以制陶和种茶为生，每年秋天举行灯会。"


def page(title: str, text: str, ns: int = 0, extra: str = "", model: str = "wikitext") -> str:
    return (
        f"  <page>\n    <title>{html.escape(title)}</title>\n    <ns>{ns}</ns>\n    <id>7</id>\n{extra}"
        f"    <revision>\n      <id>9</id>\n      <model>{model}</model>\n      <format>text/x-wiki</format>\n"
        f'      <text bytes="{len(text)}" xml:space="preserve">{html.escape(text)}</text>\n'
        "      <sha1>x</sha1>\n    </revision>\n  </page>\n"
    )


def dump(count: int) -> bytes:
    articles = [page(f"甲{n}城", f"'''甲{n}城'''{BODY}第{n}句。" * (1 + n % 3)) for n in range(count)]
    return (HEAD + "".join(articles) + TAIL).encode()


def items(path: Path, size: int = 1 << 20) -> list[Record | Problem]:
    files, _ = find_files([path])
    return [item for part in cut(files, size) for piece in part.pieces for item in read_piece(piece, ())]


def run(source: Path, output: Path) -> dict[str, object]:
    report = clean([str(source)], output, Config(clean=CleanConfig(near_duplicates=False)), workers=1)
    assert report["read"] == report["kept"] + sum(report["dropped"].values())
    return report


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
    report = run(path, tmp_path / "out")
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


def multistream(data: bytes) -> bytes:
    return b"".join(bz2.compress(data[i : i + 3000]) for i in range(0, len(data), 3000))


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


@given(st.integers(1, 9000), st.booleans())
@example(1, False)
def test_documents_do_not_depend_on_the_size_of_parts(
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
    cuts = [piece for part in cut(find_files([path])[0], 1 << 16) for piece in part.pieces]
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


def test_damaged_bz2(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    damaged = bytearray(multistream(dump(300)))
    damaged[len(damaged) // 2] ^= 0xFF
    (folder / "a.xml.bz2").write_bytes(damaged)
    (folder / "b.xml.bz2").write_bytes(b"no bz2 at all")
    report = run(folder, tmp_path / "out")
    assert report["unreadable"] == {"a.xml.bz2": {"damaged": 1}, "b.xml.bz2": {"damaged": 1}}
    assert 80 < report["kept"] < 200  # type: ignore[operator]


def test_a_damaged_header_of_a_later_stream_is_no_end(tmp_path: Path) -> None:
    first, second = dump(40)[:3000], dump(40)[3000:]
    for suffix, pack in ((".bz2", bz2.compress), (".xz", lzma.compress)):
        path = tmp_path / f"a.xml{suffix}"
        path.write_bytes(pack(first) + b"x" + pack(second)[1:])
        assert items(path)[-1] == Problem(path.name, "damaged")
    path = tmp_path / "padded.xml.xz"
    path.write_bytes(lzma.compress(first) + bytes(8) + lzma.compress(second) + bytes(1 << 12))
    assert [type(item) for item in items(path)] == [Record] * 40


@pytest.mark.parametrize(("suffix", "pack"), [(".bz2", bz2.compress), (".xz", lzma.compress)])
def test_memory_of_a_file_that_unpacks_a_thousandfold(
    tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_bytes(pack(bytes(100 << 20)))
    tracemalloc.start()
    try:
        with open_stream(find_files([path])[0][0]) as stream:
            for _ in range(50):
                assert stream.read(1 << 16)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20  # xz has a dictionary of 8 MiB
    finally:
        tracemalloc.stop()


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
    report = run(folder, tmp_path / "out")
    reason = {"XML that is no export of MediaWiki": 1}
    assert report["unreadable"] == {"a.xml": reason, "c.zip/feed.xml": reason}
    assert [d.id for d in read_documents(tmp_path / "out")] == ["b.txt", "甲"]
    # A file that was named is read whatever it is called.
    assert items(folder / "a.xml") == [Record("a.xml", f"<rss><item>{BODY}</item></rss>", "in")]


def test_names_of_dumps() -> None:
    for name, source in (
        ("zhwiki-20260101-pages-articles1.xml-p1p187712.bz2", "zhwiki-20260101-pages-articles1"),
        ("zhwiki-latest-pages-articles-multistream.xml.bz2", "zhwiki-latest-pages-articles-multistream"),
    ):
        file = recognize(name, Path(name), Path("in"), 1)
        assert file is not None
        assert (file.format, file.compression, file.source, file.name) == ("mediawiki", "bz2", source, name)


@pytest.mark.parametrize(
    ("wikitext", "text"),
    [
        ("'''陶城'''是''虚构''的[[小城]]，在[[青江 (河流)|青江]]下游。", "陶城是虚构的小城，在青江下游。"),
        (
            "甲<!-- 注释 -->乙<ref name=a>出处[[丙]]</ref><ref name=a />丁<ref group=x>{{cite|a=}}</ref>。",
            "甲乙丁。",
        ),
        ("{{Infobox 城市\n| 名 = {{lang|en|X}}\n| 图 = [[File:a.svg]]\n}}\n陶城{{fact}}。", "陶城。"),
        (
            "甲{{link-en|陶城|Taocheng}}、{{le|乙|B|丙}}、{{tsl|en|C|丁}}、{{lang|ja|戊}}。",
            "甲陶城、丙、丁、戊。",
        ),
        ("'''陶城'''（{{bd|1900年}}，）在此。", "陶城在此。"),
        ("前文。\n{| class=wikitable\n! 头\n|-\n| 格 || {| \n| 内\n|}\n|}\n后文。", "前文。\n后文。"),
        ("前文。\n:{|\n| 外\n{|\n| 内\n|}\n| 外\n|}\n后文。", "前文。\n后文。"),
        (
            "[[File:a.jpg|thumb|说明[[链接]]]]甲[[文件:b.png|缩图]][[檔案:c.png]][[Category:城市]][[分类:城市|*]]乙",
            "甲乙",
        ),
        ("[[:Category:城市]]与[[:en:City|英文]]\n[[en:City]]\n[[zh-yue:城]]", "Category:城市与英文"),
        ("[[Re:从零开始]]、[[CSI:犯罪现场|现场]]", "Re:从零开始、现场"),
        ("设<math>x^{y^{z}}</math>为正，H<sub>2</sub>O，10<sup>2</sup>米", "设为正，H2O，10^2米"),
        ("甲{{x|<math>\\frac{{a}}{b}}</math>}}乙", "甲乙"),
        ("<gallery>\nFile:a.jpg|图\n</gallery>甲<syntaxhighlight lang=c>\na[[b]]\n</syntaxhighlight>", "甲"),
        ("甲<nowiki>[[乙]]'''</nowiki>丙<br />丁<div class=x>戊</div>", "甲[[乙]]丙\n丁\n戊"),
        ("[https://example.org 官网]和[//example.org]，数组a[1]", "官网和，数组a[1]"),
        ("甲&nbsp;&amp;&lt;br&gt;乙 __NOTOC____无目录__", "甲\xa0&<br>乙"),
        ("* 甲\n** 乙\n# 丙\n; 丁\n: 戊\n----\n己", "甲\n乙\n丙\n丁\n戊\n己"),
        (
            "首段。\n== 历史 ==\n=== 早期 ===\n甲。\n== 注释 ==\n{{reflist}}\n== 来源 ==\n=== 书 ===\n",
            "首段。\n历史\n早期\n甲。",
        ),
        (
            "正文{{没有结束|参数\n| 名 = 值\n后文[[没有结束\n{|\n| 格\n尾<ref>注",
            "正文没有结束|参数\n后文没有结束\n尾注",
        ),
        ("甲}}乙]]丙</ref>丁\n|}\n戊", "甲乙丙丁\n戊"),
        ("甲<!-- 没有结束", "甲 没有结束"),
        ("甲{{a|b=\n|}}乙-{{lang|en|x}}-丙", "甲乙-x-丙"),
        ("", ""),
    ],
)
def test_markup_to_text(wikitext: str, text: str) -> None:
    assert plain_text(wikitext) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("-{zh-hans:计算机;zh-hant:電腦}-", "计算机"),
        ("-{zh-hant:電腦; zh-hans:计算机;}-", "计算机"),
        ("-{zh-tw:軟體;zh-hk:軟件;zh-cn:软件;zh-sg:软体}-", "软件"),
        ("-{zh-sg:软体;zh-tw:軟體}-", "软体"),
        ("-{zh-tw:軟體;zh-hk:軟件}-", "軟體"),
        ("-{乾隆}-", "乾隆"),
        ("-{}-", ""),
        ("-{R|zh-cn:不转换}-", "zh-cn:不转换"),
        ("-{A|zh-cn:巴士;zh-tw:公車}-", "巴士"),
        ("-{H|zh-cn:巴士;zh-tw:公車}-", ""),
        ("-{T|zh-cn:标题;zh-tw:標題}-", ""),
        ("-{-|zh-cn:巴士;zh-tw:公車}-", ""),
        ("-{H|計程車=>zh-cn:出租车;}-", ""),
        ("-{計程車=>zh-cn:出租车}-", ""),
        ("-{zh-hans;zh-hant|文字}-", "文字"),
        ("-{[[甲|乙]]}-", "乙"),
        ("[[陶城|-{zh-hans:陶城;zh-hant:陶城市}-]]", "陶城"),
        ("-{zh-hans:<span lang=en>A</span>&nbsp;B;zh-hant:C}-", "A\xa0B"),
        ("-{zh-hans:-{外}-;zh-hant:-{內}-}-", "外"),
        ("-{zh-hans:{{lang|en|X}};zh-hant:Y}-", "X"),
        ("-{没有结束", "没有结束"),
    ],
)
def test_language_variants(markup: str, text: str) -> None:
    assert plain_text(f"前{markup}后") == f"前{text}后"


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


@given(st.text(st.sampled_from("{}[]|-<>!=\n' :;*甲zh/reftabl\"")))
def test_any_markup_gives_text(wikitext: str) -> None:
    plain_text(wikitext)


@pytest.mark.parametrize(
    "unit", ["{{a|", "[[a|", "{{a|[[b|", "<ref>", "<math>", "<!--", "{|\n", "<div class=", "[//a "]
)
def test_no_page_takes_long(unit: str) -> None:
    count = 400_000 // len(unit)
    start = time.process_time()
    plain_text(unit * count)
    plain_text(unit * count + "}}]]</ref>\n|}" * count)
    assert time.process_time() - start < 10


def test_a_page_too_long_for_memory_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts_module, "MAX_RECORD", 100_000)
    path = tmp_path / "a.xml"
    path.write_text(HEAD + page("甲", BODY) + page("长", BODY * 5000) + page("乙", BODY) + TAIL)
    found = items(path, 1000)
    assert [item.id for item in found if isinstance(item, Record)] == ["甲", "乙"]
    assert {item.reason for item in found if isinstance(item, Problem)} == {"malformed page"}
