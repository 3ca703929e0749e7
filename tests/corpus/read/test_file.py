from pathlib import Path, PurePath, PurePosixPath

import pytest

from gaupt.corpus.read.file import COMPRESSIONS, FORMATS, recognize


def test_names_of_dumps() -> None:
    for name, source in (
        ("zhwiki-20260101-pages-articles1.xml-p1p187712.bz2", "zhwiki-20260101-pages-articles1"),
        ("zhwiki-latest-pages-articles-multistream.xml.bz2", "zhwiki-latest-pages-articles-multistream"),
    ):
        file = recognize(name, Path(name), Path("in"), 1)
        assert file is not None
        assert (file.format, file.compression, file.source, file.name) == ("mediawiki", "bz2", source, name)


@pytest.mark.parametrize("compression", ["", *COMPRESSIONS])
@pytest.mark.parametrize("extension", FORMATS)
def test_the_name_tells_format_and_compression_in_any_case(extension: str, compression: str) -> None:
    for ending in (extension + compression, (extension + compression).upper()):
        file = recognize("in/a", PurePath("a" + ending), PurePath("in"), 5)
        assert file is not None
        assert (file.format, file.compression) == (FORMATS[extension], COMPRESSIONS.get(compression))
        assert (file.path, file.name, file.size) == ("in/a", "a" + ending, 5)


@pytest.mark.parametrize(("name", "compression"), [("a.tgz", "gz"), ("a.TBZ2", "bz2"), ("a.txz", "xz")])
def test_short_names_of_packed_tar_archives(name: str, compression: str) -> None:
    file = recognize(name, PurePath(name), PurePath("in"), 1)
    assert file is not None
    assert (file.format, file.compression, file.source, file.name) == ("tar", compression, "a", name)


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
