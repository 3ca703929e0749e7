"""What the table says, and what it refuses to average."""

from typing import Any

import numpy as np
import pytest

from gaupt.evaluation.results import averages, compare, format_results, summarize_scores
from gaupt.evaluation.tasks.registry import AVERAGES


def record(score: float, hits: list[int], **figures: float) -> dict[str, Any]:
    return {"score": score, "figures": figures, "parts": [[hit, 1] for hit in hits]}


GROUPS = {"afqmc": ("0", "1", "2", "3"), "tnews": ("0", "1", "2", "3")}
RATIOS = {"afqmc": True, "tnews": True}
RECORDS = {
    ("a", "afqmc"): [record(75, [1, 1, 1, 0]), record(50, [1, 1, 0, 0])],
    ("b", "afqmc"): [record(25, [1, 0, 0, 0])],
    ("a", "tnews"): [record(100, [1, 1, 1, 1])],
    ("b", "tnews"): [record(100, [1, 1, 1, 1])],
}


def test_cells_are_mean_spread_and_best() -> None:
    first = summarize_scores(RECORDS)[0]
    assert (first["mean"], first["best"], first["runs"]) == (62.5, 75, 2)
    assert first["sd"] == pytest.approx(17.6777, abs=1e-4)
    assert summarize_scores(RECORDS)[1]["sd"] is None  # one run has no spread


def test_models_are_compared_with_the_first_task_by_task_and_over_all() -> None:
    rows = compare(RECORDS, GROUPS, RATIOS, "a", 500, 0)
    assert [(row["model"], row["task"]) for row in rows] == [
        ("b", "afqmc"),
        ("b", "tnews"),
        ("b", "mean of the tasks"),
    ]
    assert [row["difference"] for row in rows] == [-37.5, 0, -18.75]
    assert rows[0]["low"] < rows[0]["difference"] < rows[0]["high"]
    assert rows[0]["p_holm"] >= rows[0]["p"]
    assert rows[1]["mcnemar_p"] == 1
    assert "mcnemar_p" not in rows[0]  # several runs of one of them


def test_a_headline_that_is_no_ratio_has_no_interval() -> None:
    rows = compare(RECORDS, GROUPS, RATIOS | {"tnews": False}, "a", 500, 0)
    assert "low" not in rows[1]
    assert len(rows) == 2


def test_an_average_needs_all_its_members() -> None:
    members = AVERAGES["paper9"].members
    records = {("a", task): [record(60, [1], em=40.0, average=50.0)] for task in members}
    found = {row["average"]: row for row in averages(records, dict.fromkeys(members, False))}
    assert set(found) == {"paper9", "cls6"}
    assert found["paper9"]["score"] == 50  # every task has the figure here
    del records["a", "c3"]
    assert {row["average"] for row in averages(records, dict.fromkeys(members, False))} == {"cls6"}


def test_an_average_of_clue_is_not_over_fewclues_files_nor_over_own_tasks() -> None:
    members = AVERAGES["cls6"].members
    records = {("a", task): [record(60, [1])] for task in (*members, *AVERAGES["fewclue9"].members)}
    plain = dict.fromkeys((task for _, task in records), False)
    assert {row["average"] for row in averages(records, plain)} == {"cls6", "cls7", "fewclue9"}
    assert {row["average"] for row in averages(records, plain | {"tnews": True})} == {"fewclue9"}
    own = {task: few for task, few in plain.items() if task != "tnews"}
    assert averages(records, own) == []


def test_draws_of_a_probe_are_the_same_rows_for_all_models() -> None:
    hits = [[1, 1, 1, 1, 0, 0], [0, 1, 0, 0, 0, 0], [1, 1, 1, 0, 1, 1]]  # equal models, uneven draws
    records = {(model, "afqmc"): [record(50, each) for each in hits] for model in "ab"}
    groups, ratios = {"afqmc": tuple("012345")}, {"afqmc": True}
    (row,) = compare(records, groups, ratios, "a", 500, 0, draw_runs=False)
    assert (row["low"], row["high"]) == (0, 0)
    (row,) = compare(records, groups, ratios, "a", 500, 0)  # seeds of fine-tunings are no pairs
    assert row["low"] < 0 < row["high"]


def test_tasks_are_resampled_each_by_itself() -> None:
    names = ("afqmc", "tnews", "csl", "ocnli")
    hits = [1, 1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 1]
    records = {("a", task): [record(60, hits)] for task in names}
    records |= {("b", task): [record(40, hits[::-1])] for task in names}
    groups, ratios = dict.fromkeys(names, tuple(map(str, range(12)))), dict.fromkeys(names, True)
    *single, mean = compare(records, groups, ratios, "a", 2000, 0)
    # Four equal and independent tasks: half the width of one.
    widths = [row["high"] - row["low"] for row in single]
    assert mean["high"] - mean["low"] == pytest.approx(np.mean(widths) / 2, rel=0.2)


def test_the_figure_of_cmrc_that_enters_is_the_averages() -> None:
    members = AVERAGES["clue10"].members
    records = {("a", task): [record(60, [1])] for task in members}
    records["a", "cmrc2018"] = [record(70, [1], em=60.0, f1=80.0, average=70.0)]
    found = {row["average"]: row for row in averages(records, dict.fromkeys(members, False))}
    assert found["paper9"]["score"] == pytest.approx((60 * 8 + 70) / 9)
    assert found["clue10"]["score"] == 60
    assert (found["paper9"]["cmrc2018"], found["clue10"]["cmrc2018"]) == ("(EM+F1)/2", "EM")


def test_the_table_shows_models_differences_and_what_is_published() -> None:
    results = {
        "protocol": "finetune",
        "head": "the head",
        "tasks": [{"name": "afqmc"}, {"name": "tnews"}],
        "scores": summarize_scores(RECORDS),
        "comparisons": compare(RECORDS, GROUPS, RATIOS, "a", 500, 0),
        "averages": [{"average": "cls6", "model": "a", "score": 61.5, "members": ["x"] * 6, "cmrc2018": ""}],
        "published": [{"model": "BERT", "source": "a paper", "scores": {"tnews": 56.8}}],
    }
    lines = format_results(results).splitlines()
    assert lines[0] == "the head"
    assert lines[2].split() == ["a", "b"]
    assert lines[3].split() == ["afqmc", "62.50", "±", "17.68", "25.00"]
    assert "published on dev, not measured here: a paper" in lines
    assert ["BERT", "–", "56.80"] in [line.split() for line in lines]
    assert any("less a, 95% by paired bootstrap" in line for line in lines)
    assert lines[-1] == "average cls6 of a: 61.50 (6 tasks)"


def test_names_in_the_table_are_one_line_and_steer_nothing() -> None:
    name = "[/t]\x1b\n|"
    results = {
        "protocol": "finetune",
        "head": f"scored on {name}",
        "tasks": [{"name": name}],
        "scores": [{"model": name, "task": name, "runs": 1, "mean": 50.0, "sd": None}],
        "comparisons": [],
        "averages": [{"average": "cls6", "model": name, "score": 61.5, "members": ["x"], "cmrc2018": ""}],
    }
    lines = format_results(results).splitlines()
    assert len(lines) == 5 and sum("[/t]\\x1b\\n|" in line for line in lines) == 4
