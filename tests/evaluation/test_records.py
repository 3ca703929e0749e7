import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.finetune import Judged
from gaupt.evaluation.metrics.entities import NOTHING
from gaupt.evaluation.records import (
    MOST_ERRORS,
    Run,
    errors_lines,
    file_name,
    parts_of,
    read_record,
    write_record,
)
from gaupt.evaluation.score import score_file, score_rows
from tests.evaluation.small import read


def judged(tasks: Path, predicted: list, task: str = "afqmc") -> tuple:
    data = read(task, tasks)
    confidence = [place / 100 for place in range(len(predicted))]
    return data, Judged(score_rows(data.task, data.scored, predicted), predicted, confidence)


def test_what_has_ended_is_read_back(tmp_path: Path, tasks: Path) -> None:
    run = Run("a/b (random)", "afqmc", 3)
    assert read_record(tmp_path, run) is None
    data, result = judged(tasks, ["1"] * 24)
    record = write_record(tmp_path, run, data, result, {"epoch": 2})
    assert read_record(tmp_path, run) == record
    assert (record["score"], record["epoch"], record["scored_on"]) == (result.scored.headline, 2, "dev")
    assert parts_of([record]).shape == (1, 24, 2)
    assert parts_of([record])[0].sum(0)[0] / 24 * 100 == pytest.approx(record["score"])


def test_predictions_are_in_the_layout_of_a_submission(tmp_path: Path, tasks: Path) -> None:
    data, result = judged(tasks, ["1"] * 24)
    record = write_record(tmp_path, Run("a", "afqmc", 0), data, result, {})
    scored = score_file("afqmc", tasks / "afqmc" / "dev.json", tmp_path / record["predictions"])
    assert scored["accuracy"] == record["score"]


def test_mistakes_are_listed_the_most_confident_first(tmp_path: Path, tasks: Path) -> None:
    data, result = judged(tasks, ["1"] * 24)
    record = write_record(tmp_path, Run("a", "afqmc", 0), data, result, {})
    confidence = [error["confidence"] for error in record["errors"]]
    assert confidence == sorted(confidence, reverse=True)
    assert {(error["gold"], error["predicted"]) for error in record["errors"]} == {("0", "1")}
    lines = [json.loads(line) for line in errors_lines([record, record]).splitlines()]
    assert len(lines) == len(record["errors"]) <= MOST_ERRORS
    assert lines[0]["model"] == "a" and "｜" in lines[0]["text"]


def test_labels_are_counted_against_each_other(tmp_path: Path, tasks: Path) -> None:
    data, result = judged(tasks, ["1"] * 24)
    confusion = write_record(tmp_path, Run("a", "afqmc", 0), data, result, {})["confusion"]
    assert sum(count for row in confusion.values() for count in row.values()) == 24
    assert all(set(row) == {"1"} for row in confusion.values())


@pytest.mark.parametrize(
    ("task", "value"), [("cluener", NOTHING), ("c3", 0), ("chid", 0), ("cmrc2018", "河天")]
)
def test_mistakes_of_every_kind_are_readable(
    tmp_path: Path, tasks: Path, task: str, value: object, encoder: Encoder
) -> None:
    count = len(read(task, tasks).scored)
    data, result = judged(tasks, [value] * count, task)
    errors = write_record(tmp_path, Run("a", task, 0), data, result, {})["errors"]
    assert errors
    assert {"row", "confidence", "gold", "predicted", "text"} == set(errors[0])


def test_names_of_models_become_names_of_files() -> None:
    assert file_name("run-1.5_天") == "run-1.5_天"
    assert re.fullmatch(r"runs-a-random-[0-9a-f]{8}", file_name("runs/a (random)"))
    assert re.fullmatch(r"[0-9a-f]{8}", file_name("///"))


@pytest.mark.slow
@given(st.text(), st.text())
def test_no_two_names_share_a_file(one: str, other: str) -> None:
    assert (file_name(one) == file_name(other)) == (one == other)
    assert "/" not in file_name(one) and not file_name(one).startswith(".")
