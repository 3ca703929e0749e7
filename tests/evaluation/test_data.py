from pathlib import Path

import pytest

from gaupt.errors import GauptError
from tests.evaluation.small import read, settings
from tests.evaluation.tasks.made import PAIRS, write_lines


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
