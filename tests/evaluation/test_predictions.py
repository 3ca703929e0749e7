from pathlib import Path

import pytest

from gaupt.errors import GauptError
from gaupt.evaluation.metrics.entities import NOTHING, cut_entities
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
        ((5, 5, 6), [("6", "1"), ("5", "0"), ("5", "1"), ("7", "0")], ["0", "1", "1"]),  # also among others
        ((7, 9), [("9", "1"), ("7", "0"), ("9", "1")], ["0", "1"]),  # said twice alike
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


def test_a_repeated_row_without_a_prediction_is_named(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="1 of 3 rows have none, the first is id 5"):
        align(AFQMC, rows(tmp_path, 5, 5, 6), [("5", "0"), ("6", "1")], "p.json")


def test_predictions_that_contradict_one_another_are_refused(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match=r"p\.json has 2 predictions for id 7 that differ"):
        align(AFQMC, rows(tmp_path, 7, 9), [("7", "0"), ("9", "1"), ("7", "1")], "p.json")


@pytest.mark.parametrize("value", [0.5, True, "x", None, float("inf"), [1]])
def test_a_place_is_a_whole_number(tmp_path: Path, value: object) -> None:
    gold = TASKS["c3"].read(write_value(tmp_path / "c3.json", C3))
    assert align(TASKS["c3"], gold, [("0", "1"), ("1", 2.0)], "p.json") == [1, 2]
    with pytest.raises(GauptError, match=r"p\.json, id 1: .* is no prediction of c3"):
        align(TASKS["c3"], gold, [("0", 0), ("1", value)], "p.json")


@pytest.mark.parametrize("value", [5, None, True, "x", [1], [{"id": 0}]])
@pytest.mark.parametrize(
    ("task", "layout"), [("afqmc", r'\{"id": …, "label": …\} for each row'), ("cmrc2018", '"answer", …')]
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, task: str, layout: str, value: object) -> None:
    with pytest.raises(GauptError, match=rf"p\.json, row 1: expected .*{layout}"):
        read_predictions(TASKS[task], write_value(tmp_path / "p.json", value))


@pytest.mark.parametrize("text", ["", "[]", " \n"])
def test_an_empty_file_is_refused_and_an_object_without_answers_is_not(tmp_path: Path, text: str) -> None:
    path = tmp_path / "p.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(GauptError, match=r"p\.json is empty"):
        read_predictions(TASKS["cmrc2018"], path)
    assert read_predictions(TASKS["cmrc2018"], write_value(path, {})) == []


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
        ("cluener", ENTITIES, True, [cut_entities("温格执教阿森纳", {("name", 0, 1)}), NOTHING]),
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
