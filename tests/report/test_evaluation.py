"""The evaluation part of the page."""

import json
from pathlib import Path
from typing import Any

import pytest

from gaupt.config import Config
from gaupt.evaluation.evaluate import evaluate
from gaupt.evaluation.work import EvaluateOptions
from gaupt.report.evaluation import evaluation_section
from gaupt.report.page import write_report
from tests.evaluation.small import settings, write_model, write_tasks


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_model(folder / "run")
    write_tasks(folder / "data", rows=16)
    return folder


def scored(place: Path, output: Path, tasks: list[str], **wanted: Any) -> Path:
    config = Config(evaluate=settings("epochs=2", "seeds=1", "resamples=100"))
    evaluate([place / "run"], tasks, place / "data", output, config, EvaluateOptions(**wanted))
    return output


@pytest.mark.slow
def test_scores_differences_curves_confusions_and_mistakes_are_shown(place: Path, tmp_path: Path) -> None:
    section = evaluation_section(scored(place, tmp_path / "scores", ["eprstmt", "cluener"], published=True))
    shown = (
        "Evaluation: scores",
        "TF-IDF",
        "less run",
        "eprstmt on dev",
        "right ╲ predicted",
        "confident mistakes",
    )
    assert [part for part in shown if part not in section] == []
    assert "<svg" in section
    assert "fine-tuning: 1 seed, mean" in section


@pytest.mark.slow
def test_answers_to_a_question_are_listed_once_each(place: Path, tmp_path: Path) -> None:
    folder = scored(place, tmp_path / "reading", ["cmrc2018"])
    mistake = {"task": "cmrc2018", "model": "run", "text": "哪里", "predicted": "山", "confidence": 1.0}
    (folder / "errors.jsonl").write_text(json.dumps(mistake | {"gold": ["河水", "河水", "河"]}))
    assert "<td>河水 / 河</td>" in evaluation_section(folder)


@pytest.mark.slow
def test_a_probe_has_no_curves(place: Path, tmp_path: Path) -> None:
    assert "<svg" not in evaluation_section(scored(place, tmp_path / "probe", ["eprstmt"], probe=True))


def test_held_out_text_is_a_table(place: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("天地人山水风雨花鸟，鱼虫木石云月日星。\n" * 3, encoding="utf-8")
    evaluate([place / "run"], ["mlm"], text, tmp_path / "mlm", Config(evaluate=settings()))
    write_report([tmp_path / "mlm"], tmp_path / "page.html")
    assert "bits per character" in (tmp_path / "page.html").read_text(encoding="utf-8")
