"""The training part of a report: curves, closing figures, comparisons, guesses."""

import json
import re
from pathlib import Path

import pytest

from gaupt.config import Config
from gaupt.report.run import read_run
from gaupt.report.training import comparison_section, fill_section, training_section
from tests.report.runs import LINES, SPEED, SUMMARY, made_run, write_lines, write_run
from tests.report.said import EN, ZH, facts, rows, words


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a run that is not complete."""
    return write_run(tmp_path / "run <1>")


def section_of(run: Path) -> str:
    return training_section(read_run(run, run.name), EN)[1]


def titles(section: str) -> list[str]:
    return [words(found) for found in re.findall("<figcaption>(.*?) <span", section)]


def test_curves_are_drawn_from_the_lines_that_hold_them(run: Path) -> None:
    section = section_of(run)
    assert titles(section) == [
        "Masked-LM loss",
        "Masked accuracy",
        "Learning rate",
        "Gradient norm",
        "Throughput",
    ]
    loss = rows(section, "Masked-LM loss")
    assert loss == [
        ["step", "training", "validation"],
        ["10", "7", ""],
        ["20", "6", "6.5"],
        ["30", "5", "5.25"],
    ]
    assert rows(section, "Throughput")[1:] == [["10", "910"], ["20", "920"], ["30", "930"]]


def test_every_figure_of_the_files_is_in_the_tables(run: Path) -> None:
    section = section_of(run)
    for key, title in (("loss", "Masked-LM loss"), ("accuracy", "Masked accuracy"), ("lr", "Learning rate")):
        told = {int(row[0]): float(row[1]) for row in rows(section, title)[1:] if row[1]}
        assert told == {line["step"]: line[key] for line in LINES if key in line}


def test_a_run_that_is_not_complete_says_so_and_shows_its_config(run: Path) -> None:
    title, section = training_section(read_run(run, run.name), EN)
    assert title == "Pretraining: run <1>"
    assert "The run is not complete." in section
    assert "<summary>Config</summary><pre>seed = 5\n" in section


def test_closing_figures_are_told_in_words(tmp_path: Path) -> None:
    told = facts(section_of(write_run(tmp_path / "run", summary=SUMMARY)))
    assert told == {
        "unigram entropy": "6.2500",
        "steps": "30",
        "tokens": "12,345",
        "parameters": "1,000,000",
        "machine": "a &lt;fast&gt; CPU, 2 threads, float32",
        "time": "2.1 minutes",
        "tokens a second": "99",
        "utilization": "50.0%",
        "peak": "1 TFLOP/s",
        "the peak is that of": "data sheet",
        "peak memory": "2.0 MB",
        "of the time": "loader 12.5%",
    }


def test_a_summary_of_another_gaupt_is_told_as_far_as_it_goes(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", summary={"steps": 30, "unigram_entropy": 5.5})
    assert facts(section_of(run)) == {"unigram entropy": "5.5000", "steps": "30"}


def test_the_unigram_entropy_is_a_dashed_line_from_the_first_step_to_the_last(tmp_path: Path) -> None:
    section = section_of(write_run(tmp_path / "run", summary=SUMMARY))
    assert '<li class="c0 dashed">unigram entropy</li>' in section
    assert [row[3] for row in rows(section, "Masked-LM loss")] == ["unigram entropy", "6.25", "", "6.25"]


def test_a_run_that_logged_nothing_has_no_curve(run: Path) -> None:
    (run / "metrics.jsonl").unlink()
    (run / "speed.jsonl").unlink()
    section = section_of(run)
    assert titles(section) == [] and section.count("nothing logged") == 1


def test_damaged_files_are_left_out_and_named(run: Path) -> None:
    for name in ("metrics.jsonl", "speed.jsonl", "spikes.jsonl"):
        with (run / name).open("ab") as file:
            file.write(b'{"step": "\xff"}\n')
    (run / "summary.json").write_text('{"steps": 3')
    section = section_of(run)
    assert len(rows(section, "Masked-LM loss")) == 4
    named = re.findall(r'<p class="note">[^<]*/([^/<]*) (?:is|are) damaged and left out</p>', section)
    assert named == ["metrics.jsonl, line 6", "speed.jsonl, line 4", "spikes.jsonl, line 1", "summary.json"]


def test_losses_by_source_are_curves_and_a_table_the_highest_first(run: Path) -> None:
    assert "by source" not in section_of(run)
    scores = [{"eval_loss/news": 6.0, "eval_loss/<b>": 7.0}, {"eval_loss/news": 5.1234, "eval_loss/<b>": 5.5}]
    lines = [{"step": step, **score} for step, score in zip((20, 30), scores, strict=True)]
    write_lines(run / "metrics.jsonl", [*LINES, *lines])
    section = section_of(run)
    assert rows(section, "Validation loss by source, nats a masked token") == [
        ["source", "step 20", "step 30"],
        ["&lt;b&gt;", "7", "5.5"],
        ["news", "6", "5.123"],
    ]
    assert rows(section, "Validation loss by source, the highest")[1:] == [
        ["20", "7", "6"],
        ["30", "5.5", "5.1234"],
    ]
    write_lines(run / "metrics.jsonl", [*LINES, lines[0]])
    assert "the highest" not in section_of(run)


def test_spikes_are_listed_with_the_worst_text(run: Path) -> None:
    assert "Spikes" not in section_of(run)
    document = {"loss": 9.5, "source": "web", "text": "<i>乱码"}
    spikes = [
        {"step": 12, "batch": 12, "loss": 8.0, "median": 6.0, "documents": [document]},
        {"step": 14, "batch": 14, "loss": None, "median": None, "documents": [document | {"loss": None}]},
    ]
    write_lines(run / "spikes.jsonl", spikes)
    shown = rows(section_of(run), "Losses far above those before them: 2, of which the last 2")
    assert shown[1:] == [
        ["12", "8.000", "6.000", "web", "9.500", "&lt;i&gt;乱码"],
        ["14", "not finite", "", "web", "not finite", "&lt;i&gt;乱码"],
    ]
    write_lines(run / "spikes.jsonl", [spikes[0]] * 12)
    assert len(rows(section_of(run), "Losses far above those before them: 12, of which the last 10")) == 11


def test_runs_are_compared_by_figures_options_and_curves(tmp_path: Path) -> None:
    better = [*LINES[:-1], LINES[-1] | {"eval_loss": 5.0}]
    runs = [
        made_run(tmp_path / "a", summary=SUMMARY),
        made_run(tmp_path / "b", better, SUMMARY | {"unigram_entropy": 6.0}, Config(seed=6)),
        made_run(tmp_path / "c"),
    ]
    title, section = comparison_section(runs, EN)
    assert title == "Comparison of runs"
    figures = {row[0]: row[1:] for row in rows(section, "Figures")}
    assert figures[""] == ["a", "b", "c"]
    assert figures["validation loss"] == ["5.2500", "5.0000", "5.2500"]
    assert figures["below the unigram entropy by"] == ["1.0000", "1.0000", "–"]
    assert figures["tokens"] == ["12,345", "12,345", "–"]
    assert rows(section, "What their configs differ in") == [
        ["option", "a", "b", "c"],
        ["seed", "5", "6", "5"],
    ]
    header, *lines = rows(section, "Masked-LM loss")
    names = [f"{run}, {kind}" for run in "abc" for kind in ("validation", "training")]
    assert header == ["step", *names, "unigram entropy", "unigram entropy"]
    assert lines[-1][1:7] == ["5.25", "5", "5", "5", "5.25", "5"]
    assert rows(section, "Throughput")[0] == ["step", "a", "b", "c"]


def test_the_lines_of_a_run_have_one_color_and_training_is_dashed(tmp_path: Path) -> None:
    runs = [made_run(tmp_path / name) for name in "ab"]
    legend = re.findall(r'<li class="([^"]*)">([^<]*)', comparison_section(runs, EN)[1])[:4]
    assert legend == [
        ("c1", "a, validation"), ("c1 dashed", "a, training"), ("c2", "b, validation"), ("c2 dashed", "b, training"),
    ]  # fmt: skip


def test_runs_of_one_config_have_no_options_to_compare(tmp_path: Path) -> None:
    runs = [made_run(tmp_path / name) for name in "ab"]
    assert "Their configs do not differ." in comparison_section(runs, EN)[1]


def test_compared_runs_leave_their_curves_to_the_comparison(tmp_path: Path) -> None:
    assert titles(training_section(made_run(tmp_path / "a"), EN, curves=False)[1]) == []


def test_muon_has_a_second_rate(tmp_path: Path) -> None:
    lines = [line | {"matrix_lr": 1e-3} if "lr" in line else line for line in LINES]
    assert rows(section_of(write_run(tmp_path / "run", lines)), "Learning rate")[0] == [
        "step",
        "lr",
        "matrix_lr",
    ]


def test_it_is_said_in_chinese(tmp_path: Path) -> None:
    title, section = training_section(made_run(tmp_path / "run", summary=SUMMARY), ZH)
    assert title == "预训练：run"
    assert facts(section)["用时"] == "2.1 分钟"
    assert rows(section, "掩码语言模型损失")[0] == ["步", "训练", "验证", "一元熵"]


def test_no_guesses_are_a_table_without_rows() -> None:
    assert "<td>" not in fill_section([], EN)[1]


def test_guesses_stand_in_cells_of_their_own() -> None:
    guesses = [{"token": "，", "probability": 0.5}, {"token": "<b>", "probability": 0.25}]
    _, section = fill_section(
        [{"text": "天[MASK]", "masks": [guesses]}, {"text": "[MASK]", "masks": [guesses[:1]]}], EN
    )
    table = rows(section, "What the model puts in the place of [MASK], likeliest first")
    assert table == [
        ["text", "guess 1", "guess 2"],
        ["天[MASK]", "， 50.0%", "&lt;b&gt; 25.0%"],
        ["[MASK]", "， 50.0%", ""],
    ]


def test_speed_of_the_files_is_what_is_told(run: Path) -> None:
    told = {int(row[0]): float(row[1]) for row in rows(section_of(run), "Throughput")[1:]}
    assert told == {line["step"]: line["tokens_per_second"] for line in map(dict, SPEED)}
    assert json.loads((run / "speed.jsonl").read_text().splitlines()[0])["tokens_per_second"] == told[10]
