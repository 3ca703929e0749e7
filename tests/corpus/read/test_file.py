from pathlib import Path, PurePath, PurePosixPath

import pytest

from gaupt.corpus.read.file import FORMATS, recognize


def test_names_of_dumps() -> None:
    for name, source in (
        ("zhwiki-20260101-pages-articles1.xml-p1p187712.bz2", "zhwiki-20260101-pages-articles1"),
        ("zhwiki-latest-pages-articles-multistream.xml.bz2", "zhwiki-latest-pages-articles-multistream"),
    ):
        file = recognize(name, Path(name), Path("in"), 1)
        assert file is not None
        assert (file.format, file.compression, file.source, file.name) == ("mediawiki", "bz2", source, name)


def told(*names: str) -> dict[str, tuple[str, str | None, str]]:
    """Format, compression and source of files with these names in a folder that is called "in"."""
    files = {name: recognize(f"/{name}", PurePath(name), PurePath("/in"), 5) for name in names}
    assert all(
        file and (file.path, file.name, file.size) == (f"/{file.name}", name, 5)
        for name, file in files.items()
    )
    return {name: (file.format, file.compression, file.source) for name, file in files.items() if file}


def test_the_name_tells_the_format_and_whether_the_source_is_the_folder_or_the_file() -> None:
    expected = {
        "text": (".txt .text .md .markdown .rst", "in"),
        "html": (".html .htm .xhtml", "in"),
        "srt": (".srt", "in"),
        "ass": (".ass .ssa", "in"),
        "vtt": (".vtt", "in"),
        "lrc": (".lrc", "in"),
        "json": (".json", "a"),
        "jsonl": (".jsonl .ndjson .jsonlines", "a"),
        "csv": (".csv", "a"),
        "tsv": (".tsv", "a"),
        "parquet": (".parquet", "a"),
        "warc": (".warc .wet", "a"),
        "mediawiki": (".xml", "a"),
        "zip": (".zip", "a"),
        "tar": (".tar", "a"),
    }
    formats = {
        f"a{extension}": (format_, None, source)
        for format_, (extensions, source) in expected.items()
        for extension in (*extensions.split(), *extensions.upper().split())
    }
    assert told(*formats) == formats
    assert {f"a{extension}" for extension in FORMATS} <= formats.keys()


def test_the_name_tells_the_compression() -> None:
    assert told("a.csv.gz", "a.csv.zst", "a.csv.zstd", "a.csv.xz", "a.csv.bz2", "a.CSV.GZ", "a.txt.gz") == {
        "a.csv.gz": ("csv", "gz", "a"),
        "a.csv.zst": ("csv", "zst", "a"),
        "a.csv.zstd": ("csv", "zst", "a"),
        "a.csv.xz": ("csv", "xz", "a"),
        "a.csv.bz2": ("csv", "bz2", "a"),
        "a.CSV.GZ": ("csv", "gz", "a"),
        "a.txt.gz": ("text", "gz", "in"),
    }
    assert told("a.tgz", "a.TBZ2", "a.txz") == {
        "a.tgz": ("tar", "gz", "a"),
        "a.TBZ2": ("tar", "bz2", "a"),
        "a.txz": ("tar", "xz", "a"),
    }


@pytest.mark.parametrize("name", ["a.bin", "a", "a.gz", "a.txt.bin", ".txt", "txt", "a.bin.gz"])
def test_other_names_are_of_no_format(name: str) -> None:
    assert recognize(name, PurePath(name), PurePath("in"), 1) is None


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("a.txt", "in"),
        ("b.html.gz", "in"),
        ("sub/a.txt", "sub"),
        ("sub/deep/a.html", "sub/deep"),
        ("news.jsonl", "news"),
        ("sub/news.2024.csv.zst", "news.2024"),
        ("notes-p1p9.jsonl", "notes-p1p9"),
    ],
)
def test_a_page_belongs_to_its_folder_and_a_table_is_a_source_itself(name: str, source: str) -> None:
    file = recognize(name, PurePath(name), PurePath("/data/in"), 1)
    assert file is not None
    assert (file.source, file.name) == (source, name)


def test_a_name_that_is_no_unicode_is_told_with_question_marks() -> None:
    file = recognize("in/\udcff/\udcfe.txt", PurePosixPath("\udcff/\udcfe.txt"), PurePath("in"), 1)
    assert file is not None
    assert (file.path, file.name, file.source) == ("in/\udcff/\udcfe.txt", "?/?.txt", "?")
