"""The training part of a report: curves, closing figures, guesses."""

import json
import re
from pathlib import Path

import pytest

from gaupt.config import Config, to_toml
from gaupt.files import write_json
from gaupt.report.training import fill_section, training_section

LINES = [
    {"step": 10, "loss": 7.0, "accuracy": 0.1, "lr": 1e-4, "tokens_per_second": 900.0, "grad_norm": 2.0},
    {"step": 20, "loss": 6.0, "accuracy": 0.2, "lr": 2e-4, "tokens_per_second": 1000.0},
    {"step": 20, "eval_loss": 6.5, "eval_accuracy": 0.15},
    {"step": 30, "loss": 5.0, "accuracy": 0.3, "lr": 1e-4, "tokens_per_second": 950.0},
]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a run that is not complete."""
    folder = tmp_path / "run <1>"
    folder.mkdir()
    (folder / "config.toml").write_text(to_toml(Config(seed=5)), encoding="utf-8")
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in LINES))
    return folder


def points(section: str) -> list[int]:
    """How many points each line of the section's charts has."""
    return [len(found.split()) for found in re.findall(r'<polyline points="([^"]*)"', section)]


def test_curves_are_drawn_from_the_lines_that_hold_them(run: Path) -> None:
    section = training_section(run)
    titles = re.findall("<figcaption>(.*?)</figcaption>", section)
    assert titles == ["Masked-LM loss", "Masked accuracy", "Learning rate", "Gradient norm", "Speed"]
    # training and validation of loss and of accuracy, the learning rate, the norm, the speed
    assert points(section) == [3, 1, 3, 1, 3, 1, 3]
    assert "Model-FLOPs utilization: nothing logged yet." in section


def test_a_run_that_is_not_complete_says_so_and_shows_its_config(run: Path) -> None:
    section = training_section(run)
    assert "<h2>Pretraining: run &lt;1&gt;</h2>" in section
    assert "The run is not complete." in section
    assert "<summary>Config</summary><pre>seed = 5\n" in section


def test_closing_figures_and_the_unigram_entropy_come_with_the_summary(run: Path) -> None:
    write_json(run / "summary.json", {"steps": 30, "tokens": 12_345, "unigram_entropy": 5.5})
    section = training_section(run)
    assert "not complete" not in section
    assert "<td>tokens</td><td>12,345</td>" in section
    # The entropy is a dashed line from the first step to the last.
    assert section.count("stroke-dasharray") == 1 and points(section)[:3] == [3, 1, 2]


def test_a_run_that_logged_nothing_has_no_curve(run: Path) -> None:
    (run / "metrics.jsonl").unlink()
    assert training_section(run).count("nothing logged yet") == 6


def test_speed_is_read_from_its_own_file(run: Path) -> None:
    lines = [{"step": step, "tokens_per_second": 900.0, "mfu": 0.5} for step in (10, 20)]
    (run / "metrics.jsonl").write_text('{"step": 10, "loss": 7.0}\n')
    (run / "speed.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    section = training_section(run)
    assert re.findall("<figcaption>(.*?)</figcaption>", section)[-2:] == ["Speed", "Model-FLOPs utilization"]
    assert points(section) == [1, 2, 2]


def test_damaged_files_are_left_out_and_named(run: Path) -> None:
    for name in ("metrics.jsonl", "speed.jsonl", "spikes.jsonl"):
        with (run / name).open("ab") as file:
            file.write(b'{"step": "\xff"}\n')
    (run / "summary.json").write_text('{"steps": 3')
    section = training_section(run)
    assert points(section) == [3, 1, 3, 1, 3, 1, 3]
    named = re.findall(r'<p class="note">[^<]*/([^/<]*) (?:is|are) damaged and left out</p>', section)
    assert named == ["metrics.jsonl, line 5", "speed.jsonl, line 1", "spikes.jsonl, line 1", "summary.json"]


def test_losses_by_source_are_a_table_and_no_facts(run: Path) -> None:
    assert "by source" not in training_section(run)
    scores = [{"eval_loss/news": 6.0, "eval_loss/<b>": 7.0}, {"eval_loss/news": 5.1234, "eval_loss/<b>": 5.5}]
    with (run / "metrics.jsonl").open("a") as file:
        for step, score in zip((20, 30), scores, strict=True):
            file.write(json.dumps({"step": step, "eval_loss": 6.0, **score}) + "\n")
    write_json(run / "summary.json", {"steps": 30, "unigram_entropy": 5.5, **scores[1]})
    section = training_section(run)
    assert "eval loss/" not in section
    rows = re.findall("<tr>(.*?)</tr>", section[section.index("by source") :])
    assert re.findall(">([^<]+)</th>", rows[0]) == ["source", "step 20", "step 30"]
    assert [re.findall(">([^<]+)</td>", row) for row in rows[1:3]] == [
        ["&lt;b&gt;", "7", "5.5"],
        ["news", "6", "5.123"],
    ]


def test_spikes_are_listed_with_the_worst_text(run: Path) -> None:
    assert "far above" not in training_section(run)
    document = {"loss": 9.5, "source": "web", "text": "<i>乱码"}
    spikes = [
        {"step": 12, "batch": 12, "loss": 8.0, "median": 6.0, "documents": [document]},
        {"step": 14, "batch": 14, "loss": None, "median": None, "documents": [document | {"loss": None}]},
    ]
    (run / "spikes.jsonl").write_text("".join(json.dumps(spike) + "\n" for spike in spikes))
    section = training_section(run)
    assert "<td>8.000</td><td>6.000</td><td>web</td><td>9.500</td><td>&lt;i&gt;乱码</td>" in section
    assert "<td>not finite</td><td></td><td>web</td><td>not finite</td>" in section
    (run / "spikes.jsonl").write_text((json.dumps(spikes[0]) + "\n") * 12)
    section = training_section(run)
    assert "12, of which the last 10" in section and section.count("<td>8.000</td>") == 10


def test_no_guesses_are_a_table_without_rows() -> None:
    assert "<td>" not in fill_section([])


def test_guesses_stand_in_cells_of_their_own() -> None:
    guesses = [{"token": "，", "probability": 0.5}, {"token": "<b>", "probability": 0.25}]
    section = fill_section(
        [{"text": "天[MASK]", "masks": [guesses]}, {"text": "[MASK]", "masks": [guesses[:1]]}]
    )
    assert "<td>， 50.0%</td><td>&lt;b&gt; 25.0%</td>" in section
    assert section.count("<td>， 50.0%</td><td></td>") == 1
