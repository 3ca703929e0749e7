"""How long fine-tunings will take: what is read is counted, what has ended is not, and it is told beforehand."""

from dataclasses import replace
from pathlib import Path

import pytest

from gaupt.config import Config
from gaupt.evaluation import estimate
from gaupt.evaluation.data import TaskData
from gaupt.evaluation.estimate import FORWARD, finetuning_seconds, tokens_read
from gaupt.evaluation.evaluate import evaluate, plan
from gaupt.evaluation.items import Item, Tokens
from gaupt.evaluation.records import record_path
from gaupt.evaluation.work import EvaluateOptions, Work, look
from gaupt.progress import Progress
from tests.evaluation.small import CPU, settings, write_model

QUIET = Progress(quiet=True)


def items(count: int, length: int) -> list[Item]:
    return [Item(row, (Tokens([1] * length, length),)) for row in range(count)]


@pytest.fixture
def work(tasks: Path, tmp_path: Path) -> Work:
    """Two models on two tasks with two seeds each."""
    models = [write_model(tmp_path / name) for name in ("one", "two")]
    config = Config(evaluate=settings("epochs=1"))
    names = ["eprstmt", "afqmc"]
    return look(models, names, tasks, tmp_path / "out", config, EvaluateOptions(), QUIET)


@pytest.fixture
def data(work: Work) -> TaskData:
    """8 training rows and 4 of dev, by repetition."""
    first = work.tasks[0]
    return replace(first, train=[first.train[0]] * 8, dev=[first.dev[0]] * 4, test=[])


@pytest.mark.parametrize(
    ("options", "tokens"),
    [
        (("epochs=1",), 10 * (8 + FORWARD * 4)),
        (("epochs=3",), 10 * (24 + FORWARD * 12)),  # dev is judged after each epoch
        (("epochs=3", "select=last"), 10 * (24 + FORWARD * 4)),
        (("epochs=1", "batch_size=4", "min_updates=5"), 10 * (24 + FORWARD * 12)),  # 3 epochs of 2 updates
    ],
)
def test_epochs_and_judgements_are_counted(options: tuple[str, ...], tokens: float, data: TaskData) -> None:
    assert tokens_read(data, items(8, 10), settings(*options)) == pytest.approx(tokens)


def test_a_row_of_several_sequences_counts_them_all(data: TaskData) -> None:
    one = Tokens([1] * 10, 10)
    choices = [Item(row, (one, one, one)) for row in range(8)]
    assert tokens_read(data, choices, settings("epochs=1")) == pytest.approx(30 * (8 + FORWARD * 4))


def test_runs_that_have_ended_are_not_counted(
    work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimate, "_seconds_per_token", lambda *_: 1.0)
    monkeypatch.setattr(estimate, "tokens_read", lambda *_: 100.0)
    assert len(work.runs) == 8
    for ended, run in enumerate(work.runs):
        assert finetuning_seconds(work, tmp_path, settings(), CPU) == 100.0 * (8 - ended)
        path = record_path(tmp_path, run)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    assert finetuning_seconds(work, tmp_path, settings(), CPU) == 0


@pytest.mark.slow
def test_it_is_told_before_the_first_run_and_in_the_plan(
    tasks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, config = write_model(tmp_path / "one"), Config(evaluate=settings("epochs=1", "seeds=1"))
    call = ([model], ["eprstmt"], tasks, tmp_path / "out", config)
    planned = plan(*call)
    assert planned.details["seconds"] > 0 and planned.facts["time"].startswith("about ")
    evaluate(*call, progress=Progress())
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith("device: cpu") and told[1].startswith("time: about ")
    assert "time" not in plan(*call).facts  # complete
    assert "time" not in plan(*call[:3], tmp_path / "probe", config, EvaluateOptions(probe=True)).facts
