"""Parquet files, a row group a piece."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from gaupt.corpus.read.parquet import MAX_PARQUET, row_groups
from gaupt.corpus.read.piece import Piece, Problem, Record
from tests.corpus.made import input_file, items, reasons, records, run, text, texts


def test_parquet(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    table = pyarrow.table({"id": list(range(20)), "text": [text(n) for n in range(20)], "other": [1.5] * 20})
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=7)
    run([tmp_path / "t.parquet"], tmp_path / "out")
    assert texts(tmp_path / "out") == [text(n) for n in range(20)]


def written(path: Path, columns: dict[str, Any], rows: int = 3) -> Path:
    pyarrow = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    pq.write_table(pyarrow.table(columns), path, row_group_size=rows)
    return path


def test_a_row_group_is_a_piece_and_the_pieces_stand_for_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / "t.parquet", {"text": [text(n) for n in range(10)]})
    pieces = list(row_groups(input_file(path)))
    assert [piece.row_group for piece in pieces] == [0, 1, 2, 3]
    assert sum(piece.size for piece in pieces) == path.stat().st_size
    assert max(piece.size for piece in pieces) - min(piece.size for piece in pieces) <= 1


def test_rows_are_numbered_in_the_file_where_they_name_no_id(tmp_path: Path) -> None:
    numbers = range(700)  # more than one batch of a row group
    path = written(tmp_path / "t.parquet", {"正文": [f"第{n}行" for n in numbers]}, 400)
    assert items(path, fields=("text", "正文")) == [
        Record(f"t.parquet:{n + 1}", f"第{n}行", "t") for n in numbers
    ]


def test_ids_and_sources_are_taken_and_rows_without_a_text_told(tmp_path: Path) -> None:
    columns = {"id": ["x", None, "y"], "source": [None, "报", "报"], "text": ["甲", "乙", None]}
    assert items(written(tmp_path / "t.parquet", columns)) == [
        Record("x", "甲", "t"),
        Record("t.parquet:2", "乙", "报"),
        Problem("t.parquet", "no text in its field"),
    ]


def test_other_columns_are_not_read(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    day = pyarrow.array([10**14], pyarrow.timestamp("s"))  # in a year that Python does not know
    path = written(tmp_path / "t.parquet", {"text": ["甲"], "day": day})
    assert items(path) == [Record("t.parquet:1", "甲", "t")]


def test_a_table_without_a_text_column_is_told_with_its_columns(tmp_path: Path) -> None:
    path = written(tmp_path / "t.parquet", {"title": ["甲"], "n": [1]})
    assert items(path) == [
        Problem("t.parquet", "no field text; the records have title, n: use --text-field title")
    ]


@pytest.mark.parametrize(("empty", "advice"), [(19, ": use --text-field title"), (20, "")])
def test_the_column_that_is_advised_is_told_by_twenty_rows(tmp_path: Path, empty: int, advice: str) -> None:
    path = written(tmp_path / "t.parquet", {"title": [""] * empty + ["甲"]}, 100)
    assert items(path) == [Problem("t.parquet", f"no field text; the records have title{advice}")]
    path = written(tmp_path / "t.parquet", {"title": ["", "甲"]}, 1)  # of each row group by its own
    reason = "no field text; the records have title"
    assert reasons(items(path)) == [reason, f"{reason}: use --text-field title"]


def test_nested_columns_are_read_by_paths_and_named(tmp_path: Path) -> None:
    columns = {
        # In the order of the alphabet, into which older pyarrow brings them.
        "turns": [[{"said": "今天天气好", "who": "甲"}, {"said": "是的", "who": "乙"}], None],
        "lines": [["一行", "二行"], ["三行"]],
        "Meta": [{"title": "题"}, {"title": ""}],
    }
    path = written(tmp_path / "t.parquet", columns)
    reason = (
        "no field text; the records have turns[].said, turns[].who, lines[], Meta.title: "
        "use --text-field 'turns[].said'"
    )
    assert items(path) == [Problem("t.parquet", reason)]
    assert items(path, fields=("meta.title+turns[].said", "lines[]")) == [
        Record("t.parquet:1", "题\n今天天气好\n是的", "t"),
        Record("t.parquet:2", "三行", "t"),
    ]
    assert (
        items(path, fields=("meta.author",))
        == [Problem("t.parquet", reason.replace("text;", "meta.author;"))] * 2
    )


def test_a_table_without_rows_is_an_empty_file(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    path = tmp_path / "t.parquet"
    pq.ParquetWriter(path, pyarrow.schema([("text", pyarrow.string())])).close()
    file = input_file(path)
    assert list(row_groups(file)) == [Piece(file, problem="empty file", size=file.size)]


def test_a_table_may_be_compressed_once_more(tmp_path: Path) -> None:
    assert MAX_PARQUET == 2 * 1024**3
    plain = written(tmp_path / "t.parquet", {"text": [text(n) for n in range(5)]})
    path = tmp_path / "t.parquet.gz"
    path.write_bytes(gzip.compress(plain.read_bytes()))
    assert [item.text for item in records(items(path))] == [text(n) for n in range(5)]


@pytest.mark.parametrize("keep", [slice(0, -20), slice(0, 4), slice(8, None)])
def test_a_damaged_table_is_told(tmp_path: Path, keep: slice) -> None:
    path = written(tmp_path / "t.parquet", {"text": ["甲"] * 3})
    data = path.read_bytes()[keep]
    path.write_bytes(data)
    assert items(path) == [Problem("t.parquet", "damaged")]
    file = input_file(path)
    assert sum(piece.size for piece in row_groups(file)) == len(data)
    path = tmp_path / "u.parquet.gz"
    path.write_bytes(gzip.compress(data)[:-8])
    assert items(path) == [Problem("u.parquet.gz", "damaged")]


@pytest.mark.parametrize("error", ["ArrowNotImplementedError", "ArrowKeyError", "ArrowMemoryError"])
def test_whatever_pyarrow_finds_wrong_is_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    path = written(tmp_path / "t.parquet", {"text": ["雾"]})
    import pyarrow
    import pyarrow.parquet as pq

    def fail(*_: object, **__: object) -> None:
        raise getattr(pyarrow, error)("x")

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", fail)
    assert reasons(items(path)) == ["damaged"]
    monkeypatch.setattr(pq, "ParquetFile", fail)
    assert reasons(items(path)) == ["damaged"]
