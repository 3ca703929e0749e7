"""The input cut into parts, as its files and their sizes alone tell."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from gaupt.corpus.read import blocks, streams
from gaupt.corpus.read.cut import Part, Section, cut, part_bytes, pieces_of_part, runs, sections
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.find import find_files
from gaupt.corpus.read.piece import Piece
from gaupt.corpus.read.pieces import pieces_of
from tests.corpus.made import input_file, json_line

MIB = 1 << 20


def parts_of(files: Sequence[InputFile], size: int) -> list[Part]:
    return [part for section in sections(files, size) for part in cut(section, size)]


@pytest.mark.slow
def test_a_row_group_of_parquet_is_a_piece(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    path = tmp_path / "a.parquet"
    pq.write_table(pyarrow.table({"text": ["甲", "乙", "丙"]}), path, row_group_size=2)
    parts = parts_of([input_file(path)], 1)
    assert [[piece.row_group for piece in part.pieces] for part in parts] == [[0], [1]]
    assert sum(part.size for part in parts) == path.stat().st_size


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, 4 * MIB),
        (4000 * MIB + 999, 4 * MIB),
        (4000 * MIB + 1000, 4 * MIB + 1),
        (64_000 * MIB - 1, 64 * MIB - 1),
        (64_000 * MIB, 64 * MIB),
        (288_000 * MIB, 64 * MIB),
    ],
)
def test_there_are_about_a_thousand_parts_of_4_to_64_mib(size: int, expected: int) -> None:
    file = InputFile("a", "a", "a", "jsonl", None, size - size // 3)
    assert part_bytes([file, InputFile("b", "b", "b", "text", None, size // 3)]) == expected


def test_small_files_share_a_part_of_no_more_than_its_size(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.html").write_bytes(b"x" * 10)
    files, _ = find_files([tmp_path])
    for size, expected in ((1, [1] * 5), (19, [1] * 5), (20, [2, 2, 1]), (29, [2, 2, 1]), (30, [3, 2])):
        parts = parts_of(files, size)
        assert [len(part.files) for part in parts] == expected
        assert [part.name for part in parts] == [f"{n:06d}-00000" for n in range(len(expected))]
        assert [file for part in parts for file in part.files] == files
        assert [piece.file for part in parts for piece in pieces_of_part(part)] == files
        assert sum(part.size for part in parts) == 50


def test_a_file_larger_than_a_part_is_cut_alone_if_its_format_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "SAMPLE", 8)
    monkeypatch.setattr(blocks, "READ", 8)
    line = json_line("甲")
    for name, data in (("a.html", b"x"), ("b.jsonl", line * 5), ("c.html", b"x" * 99), ("d.jsonl", line)):
        (tmp_path / name).write_bytes(data)
    files, _ = find_files([tmp_path])
    a, b, c, d = files
    size = 2 * len(line)
    assert list(sections(files, size)) == [
        Section(0, (a,), False),
        Section(1, (b,), True),
        Section(2, (c,), False),
        Section(3, (d,), False),
    ]
    parts = parts_of(files, size)
    assert [part.name for part in parts] == [
        "000000-00000",
        *(f"000001-{n:05d}" for n in range(3)),
        "000002-00000",
        "000003-00000",
    ]
    assert [b"".join(piece.data or b"" for piece in part.pieces) for part in parts[1:4]] == [
        line * 2,
        line * 2,
        line,
    ]
    assert [part.files for part in parts] == [(a,), (), (), (), (c,), (d,)]


def test_a_compressed_file_counts_as_the_text_that_it_may_hold() -> None:
    def file(name: str, size: int, compression: str | None) -> InputFile:
        return InputFile(name, name, "a", "jsonl", compression, size)

    for size, compression, is_cut in (
        (100, None, False),
        (101, None, True),
        (25, "gz", False),
        (26, "gz", True),
    ):
        (section,) = sections([file("a", size, compression)], 100)
        assert section.is_cut is is_cut and section.size == size
    small = [file(str(n), 13, "zst") for n in range(2)]
    assert [len(section.files) for section in sections(small, 104)] == [2]
    assert [len(section.files) for section in sections(small, 103)] == [1, 1]


def test_pieces_come_in_runs_that_are_full_at_their_size() -> None:
    file = InputFile("a", "a", "a", "warc", None, 9)
    sizes = [3, 3, 3, 9, 1]
    found = [[piece.size for piece in run] for run in runs((Piece(file, size=size) for size in sizes), 6)]
    assert found == [[3, 3], [3, 9], [1]]
    held = [
        [piece.data for piece in run] for run in runs((Piece(file, data=b"x" * n, size=9) for n in sizes), 7)
    ]
    assert held == [[b"xxx"] * 3, [b"x" * 9], [b"x"]]
    assert list(runs([], 6)) == []


def test_no_files_make_no_part_and_an_empty_one_is_told() -> None:
    assert parts_of([], 10) == []
    file = InputFile("a.jsonl", "a.jsonl", "a", "jsonl", None, 0)
    assert parts_of([file], 10) == [Part("000000-00000", (file,), ())]
    assert list(pieces_of(file, 10)) == [Piece(file, problem="empty file")]
