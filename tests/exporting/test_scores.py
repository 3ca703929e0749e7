"""Scores for a card: those of this very model, or one line that says why not."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gaupt.checkpoint.format import save_checkpoint
from gaupt.checkpoint.load import LoadedModel, load_model
from gaupt.config import Config
from gaupt.errors import GauptError
from gaupt.evaluation import format as evaluation
from gaupt.evaluation.evaluate import evaluate
from gaupt.evaluation.work import HELD_OUT_TEXT as MLM
from gaupt.evaluation.work import EvaluateOptions
from gaupt.exporting import scores as module
from gaupt.exporting.hf import export
from gaupt.exporting.scores import HELD_OUT_TEXT, Anchor, Score, read_scores, scores_of
from gaupt.files import content_hash, sha256
from tests.evaluation.small import settings, write_model, write_tasks
from tests.exporting.evaluations import head_of, results, text_results, write_evaluation
from tests.exporting.folders import QUIET, write_checkpoint
from tests.model.small import FAMILY


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    scratch = tmp_path_factory.mktemp("scores")
    folder = scratch / "run" / "checkpoints" / "step-0000007"
    return load_model(write_checkpoint(folder, FAMILY["softmax_plus"], scratch).folder)


def manifest_of(loaded: LoadedModel) -> str:
    return sha256(loaded.source / "manifest.json")


def test_what_is_read_is_what_evaluations_write() -> None:
    assert (module.RESULTS, module.FORMAT, module.VERSION) == (
        evaluation.RESULTS,
        evaluation.FORMAT,
        evaluation.VERSION,
    )
    assert HELD_OUT_TEXT == MLM


def test_the_scores_of_a_model_come_with_what_it_has_to_beat(loaded: LoadedModel) -> None:
    found = scores_of(results(loaded), loaded)
    anchors = (Anchor("majority", 20.0, (4.25, 9.5)), Anchor("TF-IDF", 45.0, (4.25, 9.5)))
    assert found.scores == (
        Score("topics", "classification", "accuracy", 60.0, 1.5, 3, "dev", 1200, anchors),
    )
    assert found.model == "run" and found.averages == {"paper9": 71.5} and "3 seeds" in found.told


def test_held_out_text_has_figures_of_its_own(loaded: LoadedModel) -> None:
    bits, accuracy = scores_of(text_results(loaded), loaded).scores
    assert bits == Score("held_out.jsonl", "mlm", "bits_per_character", 4.56789, None, 1, "", 1234)
    assert (accuracy.metric, accuracy.value) == ("accuracy", 33.333)


def test_of_several_models_the_one_that_is_called_as_this_is(loaded: LoadedModel) -> None:
    many = results(loaded, "other", "run", "run (random)", "run (embeddings)")
    assert scores_of(many, loaded).scores[0].value == 50.0
    with pytest.raises(GauptError, match=r"the scores: no scores of model .*step-0000007; evaluate that"):
        scores_of(results(loaded, "one", "two"), loaded)


@pytest.mark.parametrize("change", [{"source": "step-0000008"}, {"parameters": 5}])
def test_scores_of_another_model_are_refused(change: dict[str, Any], loaded: LoadedModel) -> None:
    of_another = results(loaded)
    of_another["models"][0] |= change
    with pytest.raises(GauptError, match="no scores of model"):
        scores_of(of_another, loaded)


def test_the_record_of_an_evaluation_tells_which_weights_it_scored(
    loaded: LoadedModel, tmp_path: Path
) -> None:
    content = results(loaded, "one", "two", "two (random)")
    inputs = {"one manifest.json": "0" * 64, "two manifest.json": manifest_of(loaded)}
    folder = write_evaluation(tmp_path / "out", content, inputs)
    found = read_scores(folder, loaded)
    assert read_scores(folder / "results.json", loaded) == found
    assert [row["name"] for row in found["models"]] == ["two"]
    shown = scores_of(found, loaded)
    # No other model of the evaluation is taken for an anchor; the leads of this one were not measured.
    assert shown.scores[0].anchors == (Anchor("majority", 20.0, None), Anchor("TF-IDF", 45.0, None))
    assert shown.scores[0].value == 50.0


def test_equal_names_do_not_make_equal_weights(loaded: LoadedModel, tmp_path: Path) -> None:
    folder = write_evaluation(tmp_path / "out", results(loaded), {"run manifest.json": "0" * 64})
    with pytest.raises(GauptError, match=r"results\.json: no scores of model .*; evaluate that"):
        read_scores(folder, loaded)
    (folder / "stage.json").unlink()
    with pytest.raises(GauptError, match="no scores of model"):
        read_scores(folder, loaded)


def test_an_exported_folder_is_known_by_its_weights(loaded: LoadedModel, tmp_path: Path) -> None:
    export(loaded.source, tmp_path / "export", progress=QUIET)
    exported = load_model(tmp_path / "export")
    weights = [1, 1, content_hash(exported.source / "model.safetensors")]
    folder = write_evaluation(
        tmp_path / "out", results(exported, "export"), {"export model.safetensors": weights}
    )
    assert scores_of(read_scores(folder, exported), exported).model == "export"
    with pytest.raises(GauptError, match="no scores of model"):
        read_scores(folder, loaded)


def test_a_fine_tuned_model_has_the_score_of_its_own_run(loaded: LoadedModel, tmp_path: Path) -> None:
    head = head_of("GauptForSequenceClassification", ("a", "b"), 32)
    evaluation = write_evaluation(tmp_path / "out", results(loaded), {})
    saved = evaluation / "saved" / "run" / "topics-4"
    saved.mkdir(parents=True)
    (saved / "model.safetensors").write_bytes(b"tuned")
    tuned = replace(loaded, finetuned=head, source=saved, checkpoint=None)
    found = scores_of(read_scores(evaluation, tuned), tuned)
    assert [(score.value, score.spread, score.runs) for score in found.scores] == [(61.25, None, 1)]
    assert "the run with seed 4, which this folder holds" in found.told
    assert [anchor.lead for anchor in found.scores[0].anchors] == [None, None]
    elsewhere = tmp_path / "run" / "topics-4"
    elsewhere.mkdir(parents=True)
    (elsewhere / "model.safetensors").write_bytes(b"other")
    with pytest.raises(GauptError, match="no scores of the fine-tuned model"):
        read_scores(evaluation, replace(tuned, source=elsewhere))


@pytest.mark.parametrize(
    "change",
    [
        {"models": None},
        {"models": [{"name": "run"}]},
        {"scores": None},
        {"scores": []},
        {"scores": [{"model": "run", "task": "gone", "mean": 1.0, "sd": None, "runs": 1}]},
        {"scores": [{"model": "run", "task": "topics", "mean": "60", "sd": None, "runs": 1}]},
        {"scores": [{"model": "run", "task": "topics", "mean": float("nan"), "sd": None, "runs": 1}]},
        {"scores": [{"model": "run", "task": "topics", "mean": True, "sd": None, "runs": 1}]},
        {"scores": [{"model": "run", "task": "topics", "mean": 1.0, "sd": None, "runs": 1.5}]},
        {"tasks": [{"name": "topics"}]},
        {"tasks": [3]},
        {"comparisons": 3},
        {"averages": [{"model": "run"}]},
        {"head": None},
        {"protocol": "mlm"},
    ],
)
def test_what_is_no_results_json_is_told_in_a_line(change: dict[str, Any], loaded: LoadedModel) -> None:
    with pytest.raises(
        GauptError, match=r"^here: damaged, or no results\.json of gaupt evaluate; evaluate again$"
    ):
        scores_of(results(loaded) | change, loaded, "here")


@pytest.mark.parametrize("content", [{}, {"format": "gaupt-shards", "version": 1}, []])
def test_other_files_are_no_scores(content: Any, loaded: LoadedModel) -> None:
    with pytest.raises(GauptError, match=r"the scores: damaged, or no results\.json of gaupt evaluate"):
        scores_of(content, loaded)


def test_results_of_a_later_gaupt_are_not_guessed_at(loaded: LoadedModel) -> None:
    with pytest.raises(GauptError, match="gaupt-evaluation version '2'; this gaupt reads version 1"):
        scores_of(results(loaded) | {"version": 2}, loaded)


def test_a_changed_score_is_found_out(loaded: LoadedModel, tmp_path: Path) -> None:
    folder = write_evaluation(tmp_path / "out", results(loaded), {"run manifest.json": manifest_of(loaded)})
    file = folder / "results.json"
    file.write_text(file.read_text(encoding="utf-8").replace("60.0", "99.0"), encoding="utf-8")
    for path in (folder, file, tmp_path / "nowhere"):
        with pytest.raises(GauptError, match="is missing, damaged or no results"):
            read_scores(path, loaded)


@pytest.mark.slow
def test_a_real_evaluation_is_read(tmp_path: Path) -> None:
    run, data = write_model(tmp_path / "run"), write_tasks(tmp_path / "tasks", rows=16)
    config = Config(evaluate=settings("epochs=1", "seeds=1", "resamples=100", "probe_draws=1"))
    evaluate([run], ["eprstmt"], data, tmp_path / "tuned", config, EvaluateOptions(save=True))
    base = load_model(run)
    found = scores_of(read_scores(tmp_path / "tuned", base), base)
    assert [(each.task, each.kind, each.metric, each.runs) for each in found.scores] == [
        ("eprstmt", "classification", "accuracy", 1)
    ]
    assert [anchor.name for anchor in found.scores[0].anchors] == ["majority", "TF-IDF"]
    saved = load_model(tmp_path / "tuned" / "saved" / "run" / "eprstmt-0")
    mine = scores_of(read_scores(tmp_path / "tuned", saved), saved)
    assert mine.scores[0].value == found.scores[0].value and mine.scores[0].spread is None
    lines = [json.dumps({"text": "天地人山水风雨花鸟鱼虫木石云月日星"}, ensure_ascii=False)] * 8
    (tmp_path / "text.jsonl").write_text("\n".join(lines), encoding="utf-8")
    evaluate([run], ["mlm"], tmp_path / "text.jsonl", tmp_path / "text", config)
    text = scores_of(read_scores(tmp_path / "text", base), base)
    assert {each.task for each in text.scores} == {"text.jsonl"} and text.scores[0].rows > 0
    save_checkpoint(
        tmp_path / "other" / "checkpoints" / "step-0000001",
        {name: tensor + 1 for name, tensor in base.model.state_dict().items()},
        Config(model=base.model.config),
        base.tokenizer,
        step=1,
    )
    with pytest.raises(GauptError, match="no scores of model"):
        read_scores(tmp_path / "tuned", load_model(tmp_path / "other"))
