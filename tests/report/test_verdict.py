"""What a report opens with."""

from pathlib import Path
from typing import Any

import pytest

from gaupt.language import Wording
from gaupt.report.run import Run
from gaupt.report.verdict import verdict
from tests.report.runs import LINES, SUMMARY, made_run
from tests.report.said import EN, ZH, facts, words

CORPUS: dict[str, Any] = {
    "read": 1000,
    "kept": 900,
    "dropped": {"near_duplicate": 80, "too_short": 20},
    "bytes": {"before": 2_000_000, "after": 1_500_000},
    "chinese": {"before": 600_000, "after": 500_000},
    "sources": {"news": {}, "web": {}},
    "seconds": {"total": 12.0},
}


def evaluation(*leads: tuple[float, float], **more: Any) -> dict[str, Any]:
    """An evaluation of a task for each of ``leads``, the interval of random weights less the model."""
    tasks = [f"task{number}" for number in range(len(leads))]
    return {
        "protocol": "probe",
        "models": [{"name": "run"}],
        "tasks": [{"name": task, "metric": "accuracy"} for task in tasks],
        "scores": [{"model": "run", "task": task, "mean": 55.0, "sd": 2.5, "runs": 5} for task in tasks],
        "averages": [],
        "comparisons": [
            {"model": "run (random)", "task": task, "difference": (low + high) / 2, "low": low, "high": high}
            for task, (low, high) in zip(tasks, leads, strict=True)
        ],
    } | more


def lead(*args: Any, say: Wording = EN) -> list[str]:
    """The sentences that a report opens with."""
    markup = verdict(*args, say)
    return [words(line) for line in markup.split("<dl")[0].split("</li>")[:-1]]


def test_what_came_in_and_what_was_kept() -> None:
    assert lead([CORPUS], [], []) == [
        "900 of 1,000 documents were kept (90.0%); most went as near duplicate."
    ]
    told = facts(verdict([CORPUS], [], [], EN))
    assert told["came in"] == "1,000documents, 2.0 MB, from 2 sources"
    assert told["kept"] == "900documents, 1.5 MB, 500,000 Chinese characters"
    assert told["cleaning took"] == "12 secondsfrom files to documents"


def test_nothing_dropped_is_said_so() -> None:
    assert lead([CORPUS | {"kept": 1000, "dropped": {}}], [], []) == ["All of the 1,000 documents were kept."]


@pytest.mark.parametrize(
    ("entropy", "sentence"),
    [
        (6.25, "learned from context: its validation loss is 1.00 nats below the unigram entropy."),
        (
            5.25,
            "learned nothing from context yet: its validation loss is 0.00 nats above the unigram entropy.",
        ),
        (
            5.0,
            "learned nothing from context yet: its validation loss is 0.25 nats above the unigram entropy.",
        ),
    ],
)
def test_the_loss_is_judged_by_the_unigram_entropy(tmp_path: Path, entropy: float, sentence: str) -> None:
    run = made_run(tmp_path / "run", summary=SUMMARY | {"unigram_entropy": entropy})
    assert lead([], [run], []) == [f"The model {sentence}"]
    told = facts(verdict([], [run], [], EN))
    assert told["validation loss"] == "5.250nats a masked token, at step 30"
    assert told["unigram entropy"].startswith(f"{entropy:.3f}nats")
    assert told["training took"] == "2.1 minutesa &lt;fast&gt; CPU, 2 threads, float32"


def test_a_run_that_is_not_complete_tells_how_far_it_is(tmp_path: Path) -> None:
    assert lead([], [made_run(tmp_path / "run")], []) == ["The run is not complete: step 30 of 30,000."]
    run = made_run(tmp_path / "other")
    nameless = Run("other", run.records, run.speed, [], {}, "", {}, [])
    assert lead([], [nameless], []) == ["The run is not complete."]


def test_of_several_runs_the_best_is_named_and_each_has_a_tile(tmp_path: Path) -> None:
    better = [*LINES[:-1], LINES[-1] | {"eval_loss": 5.0}]
    runs = [
        made_run(tmp_path / "a", summary=SUMMARY),
        made_run(tmp_path / "b", better, SUMMARY),
        made_run(tmp_path / "c", LINES[:1]),
    ]
    assert lead([], runs, []) == ["Of 3 runs, b has the lowest validation loss, 0.2500 nats below a."]
    told = facts(verdict([], runs, [], EN))
    assert [*told] == ["b", "a"]
    assert told["b"].startswith("5.000validation loss, +1.25 nats below the unigram entropy, 2.1 minutes")
    assert lead([], runs[1:], []) == ["Of 2 runs, less than two have a validation loss to compare."]


@pytest.mark.parametrize(
    ("interval", "sentence"),
    [
        (
            (-20.0, -10.0),
            "run is better than random weights on task0: +15.0 points, 95% from +10.0 to +20.0.",
        ),
        ((10.0, 20.0), "run is worse than random weights on task0: -15.0 points, 95% from -20.0 to -10.0."),
        (
            (-10.0, 0.0),
            "run is not to be told from random weights on task0: +5.0 points, 95% from -0.0 to +10.0.",
        ),
    ],
)
def test_scores_are_judged_by_random_weights(interval: tuple[float, float], sentence: str) -> None:
    assert lead([], [], [evaluation(interval)]) == [sentence]


def test_several_tasks_are_counted() -> None:
    results = evaluation((-20.0, -10.0), (-1.0, 1.0), (5.0, 6.0))
    assert lead([], [], [results]) == ["run is better than random weights on 1 of 3 tasks."]


def test_without_random_weights_n_grams_are_the_measure() -> None:
    results = evaluation((-20.0, -10.0))
    results["comparisons"][0]["model"] = "TF-IDF"
    assert lead([], [], [results]) == [
        "run is better than TF-IDF on task0: +15.0 points, 95% from +10.0 to +20.0."
    ]
    results["comparisons"] = []
    assert lead([], [], [results]) == []


@pytest.mark.parametrize(
    ("count", "tiles"), [(8, [f"task{number}" for number in range(8)]), (9, ["mean of the tasks"])]
)
def test_of_many_tasks_the_mean_has_a_tile(count: int, tiles: list[str]) -> None:
    assert [*facts(verdict([], [], [evaluation(*[(-2.0, -1.0)] * count)], EN))] == tiles


def test_each_score_has_a_tile_with_its_spread() -> None:
    told = facts(verdict([], [], [evaluation((-20.0, -10.0))], EN))
    assert told == {"task0": "55.00± 2.50 over 5 runs, accuracy, run"}
    once = evaluation((-20.0, -10.0))
    once["scores"][0] |= {"sd": None, "runs": 1}
    assert facts(verdict([], [], [once], EN)) == {"task0": "55.00accuracy, run"}


def test_an_average_stands_for_its_tasks() -> None:
    averages = [{"average": "clue9", "model": "run", "score": 71.5, "members": [*"abcdefghi"]}]
    told = facts(verdict([], [], [evaluation((-20.0, -10.0), averages=averages)], EN))
    assert told == {"clue9": "71.50average of 9 tasks, run"}


def test_held_out_text_is_told_in_bits() -> None:
    figures = {"bits_per_character": 4.5}
    results = {
        "protocol": "mlm", "models": [{"name": "run"}], "scores": [{"model": "run", "figures": figures}],
    }  # fmt: skip
    assert lead([], [], [results]) == []
    assert facts(verdict([], [], [results], EN)) == {"held-out text": "4.500bits a hidden character, run"}


def test_it_is_said_in_chinese(tmp_path: Path) -> None:
    run = made_run(tmp_path / "run", summary=SUMMARY)
    assert lead([CORPUS], [run], [evaluation((-20.0, -10.0))], say=ZH) == [
        "1,000 篇文档保留 900 篇（90.0%）；剔除最多的原因是“近似重复”。",
        "模型学到了上下文：验证损失比一元熵低 1.00 nat。",
        "在 task0 上 run 优于随机权重：+15.0 分，95% 置信区间 +10.0 到 +20.0。",
    ]


def test_nothing_to_judge_is_nothing_said() -> None:
    assert verdict([], [], [], EN) == ""
