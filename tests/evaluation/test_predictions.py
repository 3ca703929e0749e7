from pathlib import Path

import pytest

from gaupt.errors import GauptError
from gaupt.evaluation.predictions import align, read_predictions, submission_text
from gaupt.evaluation.tasks.registry import TASKS
from tests.evaluation.tasks.made import (
    C3,
    ENTITIES,
    FEW_SHOT_IDIOMS,
    IDIOM_ANSWERS,
    IDIOMS,
    SQUAD,
    write_lines,
    write_value,
)

AFQMC = TASKS["afqmc"]


def rows(tmp_path: Path, *ids: int | None) -> list:
    lines = [
        {"sentence1": "一", "sentence2": "二", "label": "0", **({} if i is None else {"id": i})} for i in ids
    ]
    return list(AFQMC.read(write_lines(tmp_path / "gold.json", lines)))


@pytest.mark.parametrize(
    ("ids", "given", "expected"),
    [
        ((7, 9), [("9", "1"), ("7", "0")], ["0", "1"]),  # by the rows' own ids
        ((None, None), [("1", "1"), ("0", "0")], ["0", "1"]),  # by position
        ((7, 9), [("0", "0"), ("1", "1")], ["0", "1"]),  # by position, where own ids do not occur
        ((7, 7), [("7", "0"), ("7", "1")], ["0", "1"]),  # in order, where ids repeat
    ],
)
def test_predictions_find_their_rows(tmp_path: Path, ids: tuple, given: list, expected: list[str]) -> None:
    assert align(AFQMC, rows(tmp_path, *ids), given, "p.json") == expected


def test_a_row_without_a_prediction_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        GauptError, match=r"p\.json lacks predictions: 1 of 2 rows have none, the first is id 9"
    ):
        align(AFQMC, rows(tmp_path, 7, 9), [("7", "0")], "p.json")
    with pytest.raises(GauptError, match="the first is id 1"):
        align(AFQMC, rows(tmp_path, None, None), [("0", "0")], "p.json")


def test_a_label_of_another_task_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="label '100' is not one of afqmc's: 0, 1"):
        align(AFQMC, rows(tmp_path, 7), [("7", 100)], "p.json")


def test_what_is_no_submission_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="row 1: expected"):
        read_predictions(AFQMC, write_lines(tmp_path / "p.json", [{"label": "0"}, {"label": "1"}]))


def test_questions_may_be_left_out(tmp_path: Path) -> None:
    cmrc = TASKS["cmrc2018"]
    questions = cmrc.read(write_value(tmp_path / "dev.json", SQUAD))
    assert align(cmrc, questions, [("Q1", None)], "p.json") == [None, "None"]


@pytest.mark.parametrize(
    ("task", "value", "lines", "predicted"),
    [
        ("c3", C3, False, [1, 0]),
        ("chid", FEW_SHOT_IDIOMS, True, [1]),
        ("chid", IDIOMS, True, [2, 0, 1]),
        ("cluener", ENTITIES, True, [frozenset({("name", 0, 1)}), frozenset()]),
        ("cmrc2018", SQUAD, False, ["九十", "1932年"]),
    ],
)
def test_a_submission_reads_back(
    tmp_path: Path, task: str, value: list, lines: bool, predicted: list
) -> None:
    gold = (write_lines if lines else write_value)(tmp_path / "dev.json", value)
    if value is IDIOMS:
        write_value(tmp_path / "dev_answer.json", IDIOM_ANSWERS)
    rows = TASKS[task].read(gold)
    path = tmp_path / "p.json"
    path.write_text(submission_text(TASKS[task], rows, predicted), encoding="utf-8")
    assert align(TASKS[task], rows, read_predictions(TASKS[task], path), "p.json") == predicted
