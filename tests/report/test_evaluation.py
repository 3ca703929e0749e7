"""The evaluation part of the page."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gaupt.config import Config
from gaupt.errors import GauptError
from gaupt.evaluation.evaluate import evaluate
from gaupt.evaluation.format import read_results
from gaupt.evaluation.results import format_cell
from gaupt.evaluation.work import EvaluateOptions
from gaupt.language import Wording
from gaupt.report.evaluation import SHOWN_LABELS, evaluation_section
from tests.evaluation.small import settings, write_model, write_tasks
from tests.report.said import EN, ZH, rows


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


def section_of(folder: Path, say: Wording = EN) -> str:
    return evaluation_section(folder.name, read_results(folder), folder, say)[1]


@pytest.fixture(scope="module")
def fine_tuned(place: Path) -> Path:
    return scored(place, place / "scores", ["eprstmt", "cluener"], published=True)


@pytest.mark.slow
def test_scores_are_those_of_the_file(fine_tuned: Path) -> None:
    table = rows(section_of(fine_tuned), "Scores, mean ± standard deviation over the runs")
    results = read_results(fine_tuned)
    told = {(task[0], model): cell for task in table[1:] for model, cell in zip(table[0], task, strict=True)}
    for row in results["scores"]:
        assert told[row["task"], row["model"]] == format_cell(row)
    assert {row[0]: row[-1] for row in table[1:]} == {
        task["name"]: str(task["scored_rows"]) for task in results["tasks"]
    }


@pytest.mark.slow
def test_differences_are_told_and_drawn_with_their_intervals(fine_tuned: Path) -> None:
    section = section_of(fine_tuned)
    compared = [row for row in read_results(fine_tuned)["comparisons"] if "low" in row]
    table = rows(section, "Less run, by paired bootstrap; the line is zero")[1:]
    assert [row[2:4] for row in table] == [
        [f"{row['difference']:+.2f}", f"{row['low']:+.2f} … {row['high']:+.2f}"] for row in compared
    ]
    drawn = re.findall(r"--zero:([\d.]+)%.*?left:([\d.]+)%;width:([\d.]+)%", section)
    assert len(drawn) == len(compared)
    for (zero, left, width), row in zip(drawn, compared, strict=True):
        reached = float(left) <= float(zero) + 0.1 and float(zero) - 0.1 <= float(left) + float(width)
        assert reached == (row["low"] <= 0 <= row["high"])


@pytest.mark.slow
def test_curves_confusions_published_scores_and_mistakes_are_shown(fine_tuned: Path) -> None:
    section = section_of(fine_tuned)
    assert '<figcaption>eprstmt on dev <span class="note">score</span>' in section
    assert "fine-tuning: 1 seed, mean" in section
    assert rows(section, "Published scores on dev, not measured here")[0] == ["model", "eprstmt", "cluener"]
    assert "run: its most confident mistakes" in section
    run = next(run for run in read_results(fine_tuned)["runs"] if run.get("confusion"))
    (right, *labels), *counts = rows(section, f"run, seed {run['seed']}: what was taken for what")
    assert right == "right ╲ predicted"
    assert {
        (row[0], label): int(count)
        for row in counts
        for label, count in zip(labels, row[1:], strict=True)
        if count != "0"
    } == {(a, b): count for a, row in run["confusion"].items() for b, count in row.items() if count}


@pytest.mark.slow
def test_texts_of_tasks_are_marked_as_chinese_on_a_page_in_english(fine_tuned: Path) -> None:
    assert '<td><span lang="zh"' in section_of(fine_tuned)


@pytest.mark.slow
def test_everything_is_said_in_chinese(fine_tuned: Path) -> None:
    section = section_of(fine_tuned, ZH)
    assert rows(section, "得分，多次的均值 ± 标准差")[0][:3] == ["任务", "run", "多数类"]
    assert "最自信的错误" in section


@pytest.mark.slow
def test_answers_to_a_question_are_listed_once_each(place: Path, tmp_path: Path) -> None:
    folder = scored(place, tmp_path / "reading", ["cmrc2018"])
    mistake = {"task": "cmrc2018", "model": "run", "text": "哪里", "predicted": "山", "confidence": 1.0}
    (folder / "errors.jsonl").write_text(json.dumps(mistake | {"gold": ["河水", "河水", "河"]}))
    assert ["哪里", "河水 / 河", "山", "1"] in rows(section_of(folder), "run: its most confident mistakes")


@pytest.mark.slow
def test_a_probe_has_no_curves(place: Path, tmp_path: Path) -> None:
    assert "<svg" not in section_of(scored(place, tmp_path / "probe", ["eprstmt"], probe=True))


def test_held_out_text_is_a_table(place: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("天地人山水风雨花鸟，鱼虫木石云月日星。\n" * 3, encoding="utf-8")
    evaluate([place / "run"], ["mlm"], text, tmp_path / "mlm", Config(evaluate=settings()))
    assert "bits per character" in rows(section_of(tmp_path / "mlm"), "Hidden characters")[0]


@pytest.mark.parametrize("content", [None, "{broken"])
def test_mistakes_that_are_damaged_are_one_line(content: str | None, tmp_path: Path) -> None:
    if content:
        (tmp_path / "errors.jsonl").write_text(content)
    with pytest.raises(
        GauptError, match=r"errors\.jsonl is missing or damaged; evaluate again with --overwrite"
    ):
        evaluation_section("e", {"head": "", "protocol": "finetune"}, tmp_path, EN)


def test_many_labels_are_shown_by_their_commonest_confusions(place: Path, tmp_path: Path) -> None:
    labels = [f"类{number}" for number in range(SHOWN_LABELS + 1)]
    confusion = {label: {label: 5, labels[0]: number} for number, label in enumerate(labels)}
    results = {
        "head": "", "protocol": "finetune", "tasks": [{"name": "t", "scored_rows": 1}], "models": [{"name": "run"}],
        "scores": [], "averages": [], "comparisons": [],
        "runs": [{"model": "run", "task": "t", "seed": 0, "confusion": confusion}],
    }  # fmt: skip
    (tmp_path / "errors.jsonl").touch()
    shown = rows(evaluation_section("e", results, tmp_path, EN)[1], "run, seed 0: the commonest confusions")
    assert len(shown) == 1 + SHOWN_LABELS and shown[1] == [labels[-1], labels[0], str(SHOWN_LABELS)]
