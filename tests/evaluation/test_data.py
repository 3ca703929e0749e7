from pathlib import Path

import pytest

from gaupt.errors import GauptError
from tests.evaluation.small import read, settings
from tests.evaluation.tasks.made import PAIRS, SQUAD, write_lines, write_value


def test_a_test_set_with_answers_is_scored_else_dev(tasks: Path) -> None:
    assert (read("eprstmt", tasks).scored_on, read("afqmc", tasks).scored_on) == ("test", "dev")
    assert len(read("eprstmt", tasks).scored) == 24


def test_a_test_set_without_answers_is_not_scored(tmp_path: Path) -> None:
    write_lines(tmp_path / "train.json", PAIRS)
    write_lines(tmp_path / "dev.json", PAIRS)
    write_lines(
        tmp_path / "test.json", [{key: row[key] for key in ("sentence1", "sentence2")} for row in PAIRS]
    )
    assert read("afqmc", tmp_path).scored_on == "dev"


def test_rows_without_agreement_are_neither_learned_nor_scored(tmp_path: Path) -> None:
    rows = [{"sentence1": "一", "sentence2": "二", "label": label} for label in ("neutral", "-")]
    write_lines(tmp_path / "train.json", rows)
    write_lines(tmp_path / "dev.json", rows)
    data = read("ocnli", tmp_path)
    assert (len(data.train), len(data.dev)) == (1, 1)


def test_a_training_file_without_labels_is_refused(tmp_path: Path) -> None:
    write_lines(tmp_path / "train.json", [{"sentence1": "一", "sentence2": "二"}])
    write_lines(tmp_path / "dev.json", PAIRS)
    with pytest.raises(GauptError, match=r"train\.json has no row with an answer; train needs labels"):
        read("afqmc", tmp_path)


@pytest.mark.option("evaluate.train_files", "evaluate.tasks.NAME.train_files")
@pytest.mark.parametrize("option", ["train_files", "tasks.afqmc.train_files"])
def test_other_files_may_be_learned_from(tmp_path: Path, option: str) -> None:
    for name, label in (("train", "1"), ("dev", "0"), ("one", "0"), ("two", "1")):
        row = {"sentence1": name, "sentence2": "二", "label": label}
        write_lines(tmp_path / f"{name}.json", [row])
    own = read("afqmc", tmp_path)
    other = read("afqmc", tmp_path, settings(f'{option}=["one.json", "two.json"]'))
    assert [row.texts[0] for row in own.train] == ["train"]
    assert [row.texts[0] for row in other.train] == ["one", "two"]
    assert own.dev == other.dev
    with pytest.raises(
        GauptError, match=r"three\.json does not exist \(evaluate\.tasks\.afqmc\.train_files\)"
    ):
        read("afqmc", tmp_path, settings(f'{option}=["three.json"]'))


def test_training_rows_may_be_fewer_the_same_ones_every_time(tasks: Path) -> None:
    some, again = (read("afqmc", tasks, settings("train_rows=10")).train for _ in range(2))
    whole = read("afqmc", tasks).train
    assert len(some) == 10
    assert some == again
    assert [row for row in whole if row in some] == list(some)
    assert len(read("afqmc", tasks, settings("train_rows=999")).train) == len(whole) == 48


def test_labels_that_a_task_leaves_open_are_those_of_its_rows(tmp_path: Path) -> None:
    for split, label in (("train", "物理"), ("dev", "化学")):
        write_lines(tmp_path / f"{split}.json", [{"content": "一", "label": label}])
    assert read("csldcp", tmp_path, settings()).labels == ("化学", "物理")


def test_a_row_keeps_its_place_in_the_file_as_its_id(tmp_path: Path) -> None:
    rows = [
        {"sentence1": "一", "sentence2": "二", "label": label} for label in ("-", "neutral", "-", "neutral")
    ]
    write_lines(tmp_path / "train.json", rows)
    write_lines(tmp_path / "dev.json", rows)
    assert [row.id for row in read("ocnli", tmp_path).dev] == ["1", "3"]


def test_a_question_that_is_scored_occurs_once(tmp_path: Path) -> None:
    twice = {"data": SQUAD["data"] * 2}
    write_value(tmp_path / "train.json", twice)  # may be learned twice
    write_value(tmp_path / "dev.json", SQUAD)
    assert len(read("cmrc2018", tmp_path).train) == 4
    write_value(tmp_path / "dev.json", twice)
    with pytest.raises(GauptError, match=r"question id 'Q0' occurs more than once in .*dev\.json"):
        read("cmrc2018", tmp_path)
