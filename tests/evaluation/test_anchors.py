from pathlib import Path

from gaupt.evaluation.anchors import majority
from tests.evaluation.small import read
from tests.evaluation.tasks.made import write_lines


def test_the_commonest_label_of_the_training_rows_is_the_floor(tmp_path: Path) -> None:
    rows = [{"sentence1": "一", "sentence2": "二", "label": label} for label in "110"]
    write_lines(tmp_path / "train.json", rows)
    write_lines(tmp_path / "dev.json", rows[1:])
    (judged,) = majority(read("afqmc", tmp_path))
    assert list(judged.predicted) == ["1", "1"]
    assert judged.scored.headline == 50


def test_choices_have_a_commonest_place_and_spans_nothing(tasks: Path) -> None:
    assert 40 <= majority(read("c3", tasks))[0].scored.headline <= 60
    assert majority(read("cluener", tasks)) == []
