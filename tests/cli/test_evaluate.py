import json
from pathlib import Path

import pytest

from tests.cli.conftest import Gaupt
from tests.evaluation.small import write_model, write_tasks

QUICK = ["--set", "evaluate.epochs=1", "--set", "evaluate.seeds=1", "--set", "evaluate.resamples=100"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evaluate")
    write_model(folder / "run")
    write_tasks(folder / "data", rows=16)
    return folder


def call(place: Path, output: Path, *more: object, model: str = "run", task: str = "eprstmt") -> list[object]:
    return ["evaluate", place / model, "--task", task, "--data", place / "data", "-o", output, *more]


def test_a_model_is_scored_and_the_table_printed(place: Path, tmp_path: Path, gaupt: Gaupt) -> None:
    out = gaupt(*call(place, tmp_path / "out", *QUICK)).done().out
    assert out.startswith("fine-tuning: 1 seeds") and "TF-IDF" in out
    again = gaupt(*call(place, tmp_path / "out", *QUICK, "--json")).done()
    assert json.loads(again.out)["protocol"] == "finetune"
    assert "is complete; nothing to do" in again.err


def test_a_probe_says_so(place: Path, tmp_path: Path, gaupt: Gaupt) -> None:
    out = gaupt(*call(place, tmp_path / "out", *QUICK, "--probe", "-q", "--json")).done().out
    assert json.loads(out)["protocol"] == "probe"


def test_a_dry_run_shows_the_settings(place: Path, tmp_path: Path, gaupt: Gaupt) -> None:
    shown = gaupt(*call(place, tmp_path / "out", "--dry-run", "--preset", "paper", "--random")).done().out
    assert "# runs: 6" in shown
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("model", "task", "message"),
    [
        ("none", "eprstmt", "does not exist"),
        ("run", "tnews", "no folder tnews/"),
        ("data", "eprstmt", "is not a model"),
    ],
)
def test_mistakes_are_one_line(
    place: Path, tmp_path: Path, gaupt: Gaupt, model: str, task: str, message: str
) -> None:
    assert message in gaupt(*call(place, tmp_path / "out", model=model, task=task)).error()
