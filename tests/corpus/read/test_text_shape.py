"""Text files that look like many documents: a document a line, or between blank lines; and those that do not."""

import gzip
from pathlib import Path

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
    assert hint(files_with(tmp_path, a_md="\n".join(REPEATED)), one_document) == []
    (tmp_path / "y.txt.gz").write_bytes(gzip.compress(b"x" * 99)[:-9])
    assert hint(find_files([tmp_path])[0], one_document) == []
