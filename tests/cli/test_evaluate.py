import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Gaupt
from tests.evaluation.small import write_model, write_tasks
from tests.evaluation.tasks.made import write_lines
from tests.evaluation.test_encoders import write_bert

QUICK = ["--set", "evaluate.epochs=1", "--set", "evaluate.seeds=1", "--set", "evaluate.resamples=100"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evaluate")
    write_model(folder / "run")
    write_tasks(folder / "data", rows=16)
    return folder


def call(place: Path, output: Path, *more: object, model: str = "run", task: str = "eprstmt") -> list[object]:
    return ["evaluate", place / model, "--task", task, "--data", place / "data", "-o", output, *more]


@pytest.mark.slow
def test_a_model_is_scored_and_the_table_printed(place: Path, tmp_path: Path, gaupt: Gaupt) -> None:
    out = gaupt(*call(place, tmp_path / "out", *QUICK)).done().out
    assert out.startswith("fine-tuning: 1 seed,") and "TF-IDF" in out
    again = gaupt(*call(place, tmp_path / "out", *QUICK, "--json")).done()
    assert json.loads(again.out)["protocol"] == "finetune"
    assert "is complete; nothing to do" in again.err


@pytest.mark.slow
def test_a_probe_says_so(place: Path, tmp_path: Path, gaupt: Gaupt) -> None:
    out = gaupt(*call(place, tmp_path / "out", *QUICK, "--probe", "-q", "--json")).done().out
    assert json.loads(out)["protocol"] == "probe"


@pytest.mark.slow
def test_a_dry_run_shows_the_settings(place: Path, tmp_path: Path, gaupt: Gaupt) -> None:
    shown = gaupt(*call(place, tmp_path / "out", "--dry-run", "--preset", "paper", "--random")).done().out
    assert re.search(r"^runs: +6$", shown, re.M)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("model", "task", "message"),
    [
        ("none", "eprstmt", "does not exist"),
        ("run", "tnews", "no folder tnews/"),
        ("data", "eprstmt", "is not a run of gaupt pretrain, a checkpoint or"),
    ],
)
def test_mistakes_are_one_line(
    place: Path, tmp_path: Path, gaupt: Gaupt, model: str, task: str, message: str
) -> None:
    assert message in gaupt(*call(place, tmp_path / "out", model=model, task=task)).error()


def test_a_wrong_label_in_a_file_is_named(place: Path, tmp_path: Path, gaupt: Gaupt) -> None:
    data = write_tasks(tmp_path / "data", rows=8)
    rows = [{"sentence1": "天", "sentence2": "地", "label": "maybe"}]
    write_lines(data / "afqmc" / "train.json", rows)
    error = gaupt(
        "evaluate", place / "run", "--task", "afqmc", "--data", data, "-o", tmp_path / "out"
    ).error()
    assert "afqmc/train.json, row 1: label 'maybe' is not one of 0, 1" in error


def test_a_dev_file_without_answers_is_named(place: Path, tmp_path: Path, gaupt: Gaupt) -> None:
    data = write_tasks(tmp_path / "data", rows=8)
    write_lines(data / "afqmc" / "dev.json", [{"sentence1": "天", "sentence2": "地"}])
    error = gaupt(
        "evaluate", place / "run", "--task", "afqmc", "--data", data, "-o", tmp_path / "out"
    ).error()
    assert "dev.json has no row with an answer; dev needs labels" in error


@pytest.mark.slow
def test_a_vocabulary_without_mask_is_named(tmp_path: Path, gaupt: Gaupt) -> None:
    bert = write_bert(tmp_path / "bert", mask=False)
    (tmp_path / "text.txt").write_text("天地人山水天地人。\n", encoding="utf-8")
    called = ("evaluate", bert, "--task", "mlm", "--data", tmp_path / "text.txt", "-o", tmp_path / "out")
    assert "has no [MASK], which a masked LM is asked with" in gaupt(*called).error()


def test_help_names_the_kinds_of_model(gaupt: Gaupt) -> None:
    assert "encoder folders of transformers" in " ".join(gaupt("evaluate", "--help").done().out.split())
