"""The stage: runs that end are kept, what changed is refused, what comes out is readable."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from gaupt.config import Config, load_config
from gaupt.errors import GauptError
from gaupt.evaluation import evaluate as stage
from gaupt.evaluation import results as outcomes
from gaupt.evaluation.evaluate import evaluate, plan
from gaupt.evaluation.format import read_results
from gaupt.evaluation.work import EvaluateOptions
from tests.evaluation.small import settings, write_model, write_tasks
from tests.evaluation.tasks.made import PAIRS, write_lines


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two models of equal size."""
    folder = tmp_path_factory.mktemp("models")
    return [write_model(folder / name, seed) for seed, name in enumerate(("one", "two"))]


def config(*overrides: str) -> Config:
    return Config(evaluate=settings("epochs=1", "resamples=100", "probe_draws=2", *overrides))


def run(
    models: list[Path],
    names: list[str],
    data: Path,
    output: Path,
    wanted: EvaluateOptions | None = None,
    *more: str,
) -> Any:
    return evaluate(models, names, data, output, config(*more), wanted)


@pytest.mark.slow
@pytest.mark.option("evaluate.seeds", "seed")
def test_every_model_task_and_seed_leaves_its_scores(models: list[Path], tasks: Path, tmp_path: Path) -> None:
    results = run(models, ["eprstmt", "afqmc"], tasks, tmp_path / "out")
    assert {(r["model"], r["task"], r["seed"]) for r in results["runs"] if r["model"] in ("one", "two")} == {
        (model, task, seed) for model in ("one", "two") for task in ("eprstmt", "afqmc") for seed in (0, 1)
    }
    assert read_results(tmp_path / "out") == results
    table = (tmp_path / "out" / "results.txt").read_text(encoding="utf-8")
    assert "majority" in table and "TF-IDF" in table and "less one" in table
    assert "scored on dev: afqmc; test: eprstmt" in table
    for record in results["runs"]:
        assert (tmp_path / "out" / record["predictions"]).is_file()
    assert (tmp_path / "out" / "errors.jsonl").stat().st_size


@pytest.mark.slow
@pytest.mark.option("evaluate.resamples")
def test_differences_are_resampled_as_often_as_asked_for(
    models: list[Path], tasks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = outcomes.resampled_differences, set()

    def resampled_differences(*given: Any, **more: Any) -> Any:
        drawn = real(*given, **more)
        asked.add(len(drawn))
        return drawn

    monkeypatch.setattr(outcomes, "resampled_differences", resampled_differences)
    for number in (100, 101):
        run(models, ["eprstmt"], tasks, tmp_path / str(number), None, "seeds=1", f"resamples={number}")
    assert asked == {100, 101}


@pytest.mark.slow
@pytest.mark.option("evaluate.precision")
def test_the_precision_is_the_one_asked_for(models: list[Path], tasks: Path, tmp_path: Path) -> None:
    for precision in ("float32", "bfloat16"):
        planned = plan(
            models, ["eprstmt"], tasks, tmp_path / "o", config(f"precision={precision}"), device="cpu"
        )
        assert precision in planned.facts["device"]


@pytest.mark.slow
def test_an_interrupted_evaluation_goes_on_with_the_next_run(
    models: list[Path], tasks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(models[:1], ["eprstmt"], tasks, tmp_path / "whole")
    done: list[int] = []
    plain = stage.finetune

    def interrupted(*arguments: Any) -> Any:
        if len(done) == 1:
            raise KeyboardInterrupt
        done.append(1)
        return plain(*arguments)

    monkeypatch.setattr(stage, "finetune", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(models[:1], ["eprstmt"], tasks, tmp_path / "out")
    calls: list[int] = []
    monkeypatch.setattr(stage, "finetune", lambda *arguments: calls.append(1) or plain(*arguments))
    again = run(models[:1], ["eprstmt"], tasks, tmp_path / "out")
    assert len(calls) == 1
    assert again["scores"] == whole["scores"]
    # And a complete one is not made again.
    assert run(models[:1], ["eprstmt"], tasks, tmp_path / "out") == again
    assert len(calls) == 1


@pytest.mark.slow
def test_other_settings_are_refused_unless_overwritten(
    models: list[Path], tasks: Path, tmp_path: Path
) -> None:
    run(models[:1], ["eprstmt"], tasks, tmp_path, None, "seeds=1")
    with pytest.raises(GauptError, match=r"evaluate\.lr 0\.003 -> 0\.01"):
        run(models[:1], ["eprstmt"], tasks, tmp_path, None, "seeds=1", "lr=0.01")
    results = evaluate(models[:1], ["eprstmt"], tasks, tmp_path, config("seeds=1", "lr=0.01"), overwrite=True)
    assert results["config"]["lr"] == 0.01


@pytest.mark.slow
@pytest.mark.parametrize("names", [["eprstmt", "afqmc"], ["chid"], ["cluener"]])
def test_a_probe_has_its_anchors_beside_it(
    models: list[Path], tasks: Path, tmp_path: Path, names: list[str]
) -> None:
    results = run(models[:1], names, tasks, tmp_path, EvaluateOptions(probe=True))
    found = {row["model"] for row in results["scores"]}
    tried = {"one", "one (embeddings)", "one (random)"}
    expected = {
        "eprstmt": {*tried, "majority", "TF-IDF"},
        "chid": {"one", "one (random)", "majority", "TF-IDF"},
    }
    assert found == expected.get(names[0], tried)
    assert results["head"].startswith("probe: frozen encoder")
    # Read back rather than made again, it is the same.
    (tmp_path / "results.json").unlink()
    assert run(models[:1], names, tasks, tmp_path, EvaluateOptions(probe=True)) == results


@pytest.mark.slow
def test_random_weights_are_fine_tuned_when_asked_for(
    models: list[Path], tasks: Path, tmp_path: Path
) -> None:
    results = run(models[:1], ["eprstmt"], tasks, tmp_path, EvaluateOptions(random=True), "seeds=1")
    assert [row["model"] for row in results["scores"]][:2] == ["one", "one (random)"]
    assert any(row["model"] == "one (random)" for row in results["comparisons"])


@pytest.mark.slow
def test_held_out_text_compares_models(models: list[Path], tmp_path: Path) -> None:
    text = tmp_path / "held-out.txt"
    text.write_text("天地人山水风雨花鸟，鱼虫木石云月日星。\n" * 3, encoding="utf-8")
    results = run(models, ["mlm"], text, tmp_path / "out")
    assert [row["model"] for row in results["scores"]] == ["one", "two"]
    assert all(0 < row["figures"]["bits_per_character"] < 20 for row in results["scores"])
    assert run(models, ["mlm"], text, tmp_path / "again")["scores"] == results["scores"]
    assert "bits/character" in (tmp_path / "out" / "results.txt").read_text(encoding="utf-8")
    with pytest.raises(GauptError, match="evaluate the other tasks by themselves"):
        run(models, ["mlm", "afqmc"], text, tmp_path / "both")


@pytest.mark.slow
def test_submission_and_saved_models_are_kept_when_asked_for(models: list[Path], tmp_path: Path) -> None:
    data = write_tasks(tmp_path / "data", rows=16)
    write_lines(data / "afqmc" / "test.json", [{**row, "id": n} for n, row in enumerate(PAIRS)])
    for row in (hidden := [dict(row) for row in PAIRS]):
        del row["label"]
    write_lines(data / "afqmc" / "test.json", [{**row, "id": n} for n, row in enumerate(hidden)])
    run(models[:1], ["afqmc"], data, tmp_path / "out", EvaluateOptions(submission=True, save=True), "seeds=1")
    with zipfile.ZipFile(tmp_path / "out" / "submission" / "one.zip") as archive:
        lines = [json.loads(line) for line in archive.read("afqmc_predict.json").decode().splitlines()]
    assert [line["id"] for line in lines] == ["0", "1"]
    assert {line["label"] for line in lines} <= {"0", "1"}
    saved = json.loads((tmp_path / "out" / "saved" / "one" / "afqmc-0" / "config.json").read_text())
    assert saved["id2label"] == {"0": "0", "1": "1"}


@pytest.mark.slow
def test_published_rows_are_shown_beside_and_marked(models: list[Path], tasks: Path, tmp_path: Path) -> None:
    results = run(models[:1], ["afqmc"], tasks, tmp_path, EvaluateOptions(published=True), "seeds=1")
    assert any(row["model"] == "GAU-α" for row in results["published"])
    assert "published on dev" in (tmp_path / "results.txt").read_text(encoding="utf-8")


def test_an_own_task_is_a_dozen_lines_beside_its_files(models: list[Path], tmp_path: Path) -> None:
    rows = [{"t": "天地好", "rel": "yes"}, {"t": "山水坏", "rel": "no"}] * 8
    for split in ("train", "dev"):
        write_lines(tmp_path / f"{split}.jsonl", rows)
    (tmp_path / "mine.toml").write_text(
        'kind = "classification"\nfields = ["t"]\nlabel = "rel"\n[files]\ntrain = "train.jsonl"\ndev = "dev.jsonl"\n',
        encoding="utf-8",
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    results = run(models[:1], [str(tmp_path / "mine.toml")], elsewhere, tmp_path / "out", None, "seeds=1")
    assert results["tasks"][0]["labels"] == ["no", "yes"]
    assert results["scores"][0]["task"] == "mine"


@pytest.mark.slow
def test_a_plan_says_what_would_be_done_and_writes_nothing(
    models: list[Path], tasks: Path, tmp_path: Path
) -> None:
    planned = plan(models, ["eprstmt"], tasks, tmp_path / "out", config(), EvaluateOptions(random=True))
    assert planned.facts["runs"] == 8
    assert planned.facts["eprstmt"] == "48 train, 24 dev, scored on 24 of test"
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_config_that_is_written_is_the_one_that_was_used(
    models: list[Path], tasks: Path, tmp_path: Path
) -> None:
    run(models[:1], ["eprstmt"], tasks, tmp_path, None, "seeds=1")
    assert load_config(file=tmp_path / "config.toml").evaluate == config("seeds=1").evaluate
