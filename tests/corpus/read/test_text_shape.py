"""Text files that look like many documents: a document a line, or between blank lines; and those that do not."""

import gzip
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.find import find_files
from gaupt.corpus.read.piece import one_document
from gaupt.corpus.read.text_shape import Shape, hint, shape_of
from tests.corpus.made import OTHER, TEXT, text

SENTENCES = [text(number).replace("\n", "") for number in range(300)]
REPEATED = [*SENTENCES, *SENTENCES[:5]]
GROUPS = [text(number) for number in range(60)]


def test_finished_lines_some_of_which_repeat_are_documents() -> None:
    assert shape_of("\n".join(REPEATED)) == Shape("line", 305, 5)


@pytest.mark.parametrize(
    "lines",
    [
        SENTENCES,  # may be paragraphs
        REPEATED[:150],
        [line[:-1] for line in REPEATED],
        [f"\u3000\u3000{line}" for line in REPEATED],
        [f"“{line}”" if number % 5 == 0 else line for number, line in enumerate(REPEATED)],
        [f"第{number}条　{line}" for number, line in enumerate(REPEATED)],
        [*SENTENCES, *["“好。”他说。"] * 9],  # a phrase
    ],
    ids=["distinct", "few", "unfinished", "indented", "speech", "statute", "phrases"],
)
def test_paragraphs_are_none(lines: list[str]) -> None:
    assert shape_of("\n".join(lines)) is None


def test_groups_of_lines_between_blank_lines_are_documents() -> None:
    assert shape_of("\n\n".join(GROUPS)) == Shape("block", 60, 0)


@pytest.mark.parametrize(
    "content",
    [
        "\n\n".join(SENTENCES),
        "\n\n".join(GROUPS[:15]),
        "\n\n".join(group.replace("。", "") for group in GROUPS),
        "\n\n".join(f"“{group}" for group in GROUPS),
        f"{TEXT}\n{OTHER}",
    ],
    ids=["paragraphs", "few", "unfinished", "speech", "short"],
)
def test_paragraphs_with_blank_lines_are_none(content: str) -> None:
    assert shape_of(content) is None


def made(count: int, again: int = 1, changed: int = 0, before: str = "", after: str = "。") -> list[str]:
    """So many lines, of which the last few repeat the first; so many others begin or end otherwise."""
    distinct = [f"{number:04}个人走在长长的路上" for number in range(count - again)]
    lines = [
        f"{before}{line}{after}" if number >= len(distinct) - changed else f"{line}。"
        for number, line in enumerate(distinct)
    ]
    return [*lines, *lines[:again]]


def grouped(groups: int, size: int, single: int = 0, **changes: Any) -> str:
    """Groups of lines between blank lines, the first few of one line each."""
    lines = iter(made((groups - single) * size + single, 0, **changes))
    return "\n\n".join("\n".join(islice(lines, 1 if number < single else size)) for number in range(groups))


def test_lines_are_documents_from_200_of_which_95_in_100_end_10_are_no_books_and_2_in_1000_repeat() -> None:
    expected = {
        (200, 1, 0): Shape("line", 200, 1),
        (199, 1, 0): None,
        (500, 1, 0): Shape("line", 500, 1),
        (501, 1, 0): None,
        (501, 2, 0): Shape("line", 501, 2),
        (200, 0, 0): None,
    }
    assert {counts: shape_of("\n".join(made(*counts))) for counts in expected} == expected
    unfinished = {
        changed: shape_of("\n".join(made(200, 1, changed, after=""))) is not None for changed in (10, 11)
    }
    assert unfinished == {10: True, 11: False}
    spoken = {
        changed: shape_of("\n".join(made(200, 1, changed, before="“"))) is not None for changed in (20, 21)
    }
    assert spoken == {20: True, 21: False}


def test_a_line_that_repeats_has_ten_characters_whatever_blanks_stand_around_it() -> None:
    lines = made(198, 0)
    for line, repeats in (("都走在长长的路上。", False), ("也都走在长长的路上。", True)):
        found = shape_of("\n".join([*lines, line, f"{line} \t"]))
        assert found == (Shape("line", 200, 1) if repeats else None)


def test_signs_that_end_a_line() -> None:
    always, in_groups = "。！？；!?;…~～”」』）)", "，,、：:"
    signs = always + in_groups + "了一.a》"
    assert [sign for sign in signs if shape_of("\n".join(made(200, 1, 199, after=sign)))] == [*always]
    assert [sign for sign in signs if shape_of(grouped(30, 4, changed=120, after=sign))] == [
        *always,
        *in_groups,
    ]


def test_lines_as_books_have_them() -> None:
    book = [
        "\u3000",
        " ",
        "\t",
        "“",
        "「",
        "『",
        '"',
        "第1章 ",
        "第十二回：",
        "第一百零三节:",
        "第二千卷\u3000",
    ]
    book += ["第三部 ", "第四集 ", "第五条 ", "第六款 ", "第七章 ", "第八章 ", "第九章 ", "第〇章 "]
    others = ["第一章程", "第一个 ", "一章 ", "（", "第章 "]
    assert [
        start for start in [*book, *others] if not shape_of("\n".join(made(200, 1, 199, before=start)))
    ] == book


def test_groups_are_documents_from_20_of_which_4_in_5_have_lines_and_9_lines_in_10_end() -> None:
    expected = {
        grouped(34, 2): True,  # a hundred line feeds
        grouped(34, 2, single=1): False,
        grouped(20, 6): True,
        grouped(19, 7): False,
        grouped(40, 3, single=8): True,
        grouped(40, 3, single=9): False,
        grouped(25, 4, changed=10, after=""): True,
        grouped(25, 4, changed=11, after=""): False,
        grouped(25, 4, changed=10, before="“"): True,
        grouped(25, 4, changed=11, before="“"): False,
    }
    assert [shape_of(content) is not None for content in expected] == [*expected.values()]


def test_blank_lines_around_the_lines_make_no_groups_and_one_between_them_makes_two() -> None:
    lines = "\n".join(made(200))
    assert shape_of(f"\n \n{lines}\n\n\n") == Shape("line", 200, 1)
    assert shape_of(f"{lines}\n\n{lines}") is None


def files_with(folder: Path, **contents: str) -> list[InputFile]:
    for name, content in contents.items():
        path = folder / name.replace("_", ".")
        data = content.encode("gb18030")
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return find_files([folder])[0]


def test_a_file_that_looks_like_many_documents_is_pointed_out_with_the_option(tmp_path: Path) -> None:
    files = files_with(tmp_path, a_txt="\n".join(REPEATED), b_txt=TEXT)
    assert hint(files, one_document) == [
        "a.txt is read as one document, but its 305 lines, 5 of which stood before, look like a document each; "
        "if they are, use --text-document line"
    ]
    assert hint(files, lambda source: "line") == []


def test_of_many_such_files_the_largest_is_named(tmp_path: Path) -> None:
    files = files_with(
        tmp_path, a_txt="\n".join(REPEATED), b_txt_gz="\n\n".join(GROUPS), c_txt="\n".join(REPEATED * 2)
    )
    (line,) = hint(files, one_document)
    assert line.startswith("c.txt is read as one document, but its 610 lines, 310 of which")
    assert "(so do 2 more files)" in line


def test_groups_are_told_by_their_number(tmp_path: Path) -> None:
    (line,) = hint(files_with(tmp_path, b_txt_gz="\n\n".join(GROUPS)), one_document)
    assert "its 60 groups of lines between blank lines look like a document each" in line
    assert line.endswith("--text-document block")


def test_markup_and_what_cannot_be_read_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_bytes(bytes(range(256)) * 99)
    many = "\n".join(REPEATED)
    markup = files_with(
        tmp_path, a_md=many, b_MD=many, c_markdown=many, d_rst=many, e_md_gz=many, f_jsonl=many
    )
    assert len(markup) == 7
    assert hint(markup, one_document) == []
    (tmp_path / "y.txt.gz").write_bytes(gzip.compress(b"x" * 99)[:-9])
    assert hint(find_files([tmp_path])[0], one_document) == []


def test_of_a_large_file_the_lines_that_begin_it_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"".join(b"%08d walked!\n" % (n % 15_000) for n in range(31_000)))
    (line,) = hint(find_files([tmp_path])[0], one_document)
    assert "its 30,840 lines, 15,840 of which" in line


def test_of_many_files_the_twenty_largest_are_looked_at(tmp_path: Path) -> None:
    for count, more in ((1, ""), (2, " (so do 1 more files)"), (21, " (so do 19 more files)")):
        for number in range(count):
            (tmp_path / f"{number}.txt").write_text("\n".join(made(200)), encoding="utf-8")
        (line,) = hint(find_files([tmp_path])[0], one_document)
        assert f"look like a document each{more}; if they are" in line
