import json
from pathlib import Path

from tests.cli.conftest import Gaupt
from tests.evaluation.tasks.made import PAIRS, write_lines


def files(tmp_path: Path, labels: str) -> list[Path]:
    gold = write_lines(tmp_path / "gold.json", PAIRS)
    given = [{"id": position, "label": label} for position, label in enumerate(labels)]
    return [gold, write_lines(tmp_path / "given.json", given)]


def test_score_prints_the_official_metric(tmp_path: Path, gaupt: Gaupt) -> None:
    assert "accuracy               50.000" in gaupt("score", "afqmc", *files(tmp_path, "11")).done().out


def test_json_has_all_figures(tmp_path: Path, gaupt: Gaupt) -> None:
    result = json.loads(gaupt("score", "afqmc", *files(tmp_path, "10"), "--json").done().out)
    assert (result["accuracy"], result["counted"]) == (100, 2)


def test_a_prediction_file_that_lacks_ids_is_one_line(tmp_path: Path, gaupt: Gaupt) -> None:
    error = gaupt("score", "afqmc", *files(tmp_path, "1")).error()
    assert "lacks predictions: 1 of 2 rows have none, the first is id 1" in error


def test_an_unknown_task_is_one_line(tmp_path: Path, gaupt: Gaupt) -> None:
    assert "did you mean afqmc?" in gaupt("score", "afqmcc", *files(tmp_path, "10")).error()
