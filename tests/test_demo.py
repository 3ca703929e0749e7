import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from gaupt.config import Config, load_config
from gaupt.demo import EXAMPLES, describe, plan, run_demo, sample_documents, sample_task, verdict
from gaupt.evaluation.tasks.own import read_own_task
from gaupt.files import read_zst
from tests.conftest import TINY


@pytest.mark.slow
def test_the_plan_takes_the_demo_preset_and_writes_nothing(tmp_path: Path) -> None:
    planned = plan(tmp_path / "demo")
    assert planned.config == load_config("demo")
    assert planned.facts["run"] == f"{tmp_path / 'demo' / 'run'}: 300 steps of 4,096 tokens"
    assert planned.facts["files"] > 100
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Config, dict[str, Any]]:
    output, config = tmp_path_factory.mktemp("demo") / "demo", load_config("demo", overrides=TINY)
    return output, config, run_demo(output, config, workers=1)


@pytest.mark.slow
def test_it_leaves_the_whole_chain_and_says_where(shown: tuple[Path, Config, dict[str, Any]]) -> None:
    output, _, result = shown
    assert all(Path(path).exists() for path in result["paths"].values())
    assert {path.name for path in output.iterdir()} == {"prepared", "run", "export", "scores", "report.html"}
    text = describe(result, output)
    assert "documents: 225 of 231 kept" in text and "run:       6 steps" in text
    assert "verdict:   " in text and "random weights" in text
    assert all(example in text for example in EXAMPLES)
    assert all(path in text for path in result["paths"].values())


@pytest.mark.slow
def test_a_second_call_says_the_same(shown: tuple[Path, Config, dict[str, Any]]) -> None:
    output, config, result = shown
    assert json.dumps(run_demo(output, config, workers=1)) == json.dumps(result)


@pytest.mark.slow
def test_a_copy_elsewhere_is_the_same_and_no_file_says_where_it_was(
    shown: tuple[Path, Config, dict[str, Any]], tmp_path: Path
) -> None:
    output, config, result = shown
    copy = shutil.copytree(output, tmp_path / "elsewhere", copy_function=shutil.copy)  # with new time stamps
    again = run_demo(copy, config, workers=1)
    assert again["predictions"] == result["predictions"]
    compared = 0
    for path in sorted(path for path in copy.rglob("*") if path.is_file() and "events" not in path.parts):
        data = (output / path.relative_to(copy)).read_bytes()
        assert path.read_bytes() == data or path.name in (".lock", "report.html"), path
        text = b"".join(read_zst(path)) if path.suffix == ".zst" else data
        assert str(output).encode() not in text and str(sample_documents()).encode() not in text, path
        compared += 1
    assert compared > 40


@pytest.mark.parametrize(
    ("shift", "told"), [(-9.0, "better than"), (0.0, "not to be told from"), (9.0, "worse than")]
)
def test_the_verdict_is_what_the_interval_allows(shift: float, told: str) -> None:
    scores = {"run": 60.0, "run (random)": 60.0 + shift, "TF-IDF": 70.0, "majority": 16.7}
    probed = {
        "models": [{"name": "run"}],
        "tasks": [{"scored_rows": 120}],
        "scores": [{"model": model, "mean": mean} for model, mean in scores.items()],
        "comparisons": [{"model": "run (random)", "difference": shift, "low": shift - 5, "high": shift + 5}],
    }
    assert verdict(probed).startswith(
        f"verdict:   {told} random weights: 60.0% against {60 + shift:.1f}% of 120"
    )


def test_the_samples_task_has_as_many_sentences_of_each_topic() -> None:
    task = read_own_task(sample_task())
    counts = {
        split: Counter(row.label for row in task.read(sample_task().parent / files[0][0]))
        for split, files in task.files.items()
    }
    assert {split: set(found.values()) for split, found in counts.items()} == {
        "train": {30},
        "dev": {10},
        "test": {20},
    }
    assert set(counts["train"]) == set(task.labels or ())
