from pathlib import Path

import pytest

from gaupt.errors import GauptError
from gaupt.evaluation.tasks.own import read_own_task
from tests.evaluation.tasks.made import write_lines

FILES = '[files]\ntrain = "train.jsonl"\ndev = "dev.jsonl"\n'


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text + FILES, encoding="utf-8")
    return path


def test_a_dozen_lines_make_a_task(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        'kind = "pair"\nfields = ["q", "t"]\nlabel = "rel"\nlabels = ["no", "yes"]\nmetric = "macro_f1"\n',
    )
    task = read_own_task(path)
    rows = task.read(write_lines(tmp_path / "train.jsonl", [{"q": "一", "t": "二", "rel": "yes"}]))
    assert (task.name, task.kind, task.headline) == ("mine", "pair", "macro_f1")
    assert (rows[0].texts, rows[0].label) == (("一", "二"), "yes")
    assert task.files["train"] == (("train.jsonl",),)
    assert task.root == tmp_path


def test_labels_left_out_are_those_of_the_data(tmp_path: Path) -> None:
    assert read_own_task(write(tmp_path, 'kind = "classification"\nfields = ["text"]\n')).labels is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('kind = "ranking"\n', "kind: 'ranking' is not one of classification, pair"),
        ('kind = "pair"\nfields = ["a"]\n', "takes 2 names in fields, found 1"),
        ('kind = "spans"\n', "needs labels"),
        ('kind = "reading"\nmetric = "accuracy"\n', "is judged by average or em or f1"),
        ('kind = "reading"\ncolour = 1\n', "colour: unknown, expected one of kind, name"),
        ("kind = \n", "is not valid TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(GauptError, match=rf"mine\.toml.*{message}"):
        read_own_task(write(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match=r"cannot read .*none\.toml"):
        read_own_task(tmp_path / "none.toml")
