"""The model card: what the model is, and the figures of its run."""

import json
from pathlib import Path

import pytest

from gaupt.checkpoint.format import save_checkpoint
from gaupt.checkpoint.lineage import FROM
from gaupt.checkpoint.load import load_model
from gaupt.exporting.card import model_card, plain
from gaupt.exporting.hf import export
from tests.exporting.folders import QUIET, write_checkpoint
from tests.model.small import FAMILY


def test_the_card_states_the_figures_of_the_run(tmp_path: Path) -> None:
    run = tmp_path / "run"
    write_checkpoint(run / "checkpoints" / "step-0000007", FAMILY["softmax_plus"], tmp_path)
    lines = [{"step": 5, "eval_loss": 3.25, "eval_accuracy": 0.5}, {"step": 7, "loss": 3.0}]
    (run / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    export(run, tmp_path / "export", progress=QUIET)
    card = (tmp_path / "export" / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\nlanguage: zh\n")
    assert "| steps | 7 |" in card and "| tokens seen | 700 |" in card
    assert "3.2500 at step 5" in card and "0.5000 at step 5" in card


def test_the_card_of_a_checkpoint_quotes_no_score_of_a_later_step(tmp_path: Path) -> None:
    run = tmp_path / "run"
    checkpoint = write_checkpoint(run / "checkpoints" / "step-0000007", FAMILY["softmax_plus"], tmp_path)
    scores = {4: 3.4, 7: 3.7, 8: 3.8}
    lines = [{"step": step, "eval_loss": loss, "eval_accuracy": 0.5} for step, loss in scores.items()]
    metrics = run / "metrics.jsonl"
    metrics.write_text("".join(json.dumps(line) + "\n" for line in lines))
    card = model_card(load_model(checkpoint.folder))
    assert "3.7000 at step 7" in card and "at step 4" not in card and "at step 8" not in card
    metrics.write_text(json.dumps(lines[-1]) + "\n")
    assert "held-out" not in model_card(load_model(checkpoint.folder))


def test_a_checkpoint_outside_a_run_has_figures_without_scores(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "alone", FAMILY["softmax_plus"], tmp_path)
    card = model_card(load_model(checkpoint.folder))
    assert "| peak learning rate | 0.0003 |" in card and "held-out" not in card


def test_an_imported_model_says_from_where_and_nothing_of_training(tmp_path: Path) -> None:
    trained = write_checkpoint(tmp_path / "step-0000007", FAMILY["softmax_plus"], tmp_path)
    facts = {"source": "chinese_GAU-alpha"}
    imported = save_checkpoint(
        tmp_path / "imported", trained.weights(), trained.config, trained.tokenizer, facts=facts
    )
    card = model_card(load_model(imported.folder))
    assert "| imported from | chinese_GAU-alpha |" in card and "| steps |" not in card


@pytest.mark.parametrize("step", [0, 7])
def test_a_model_that_went_on_from_another_says_from_which(step: int, tmp_path: Path) -> None:
    trained = write_checkpoint(tmp_path / "step-0000007", FAMILY["softmax_plus"], tmp_path)
    facts = {"tokens": 9, FROM: {"name": "base", "step": 300, "weights": "f00d"}}
    saved = save_checkpoint(
        tmp_path / "law", trained.weights(), trained.config, trained.tokenizer, step=step, facts=facts
    )
    card = model_card(load_model(saved.folder))
    assert "| continued from | base at step 300 |" in card and ("| steps | 7 |" in card) == (step == 7)


def test_an_export_of_an_export_says_nothing_of_training(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "step-0000007", FAMILY["softmax_plus"], tmp_path)
    export(checkpoint.folder, tmp_path / "export", progress=QUIET)
    assert "## Training" not in model_card(load_model(tmp_path / "export"))


@pytest.mark.parametrize(
    ("member", "title", "rows"),
    [
        (
            "squared_relu",
            "# GAU, 3 layers, hidden size 32",
            ["| key size | 16 |", "| attention normalization | squared_relu |"],
        ),
        (
            "roformer_v1",
            "# RoFormerV1, 2 layers, hidden size 32",
            ["| heads | 4 |", "| feed-forward size | 64 |"],
        ),
    ],
)
def test_the_architecture_is_stated(member: str, title: str, rows: list[str], tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "step-0000007", FAMILY[member], tmp_path)
    loaded = load_model(checkpoint.folder)
    lines = model_card(loaded).splitlines()
    assert title in lines
    assert f"tags: [gaupt, {loaded.model.config.architecture}, masked-lm, chinese]" in lines
    assert set(rows) | {"| vocabulary | 61 |", "| length | 512 |"} <= set(lines)
    assert f": {loaded.parameters:,} parameters." in model_card(loaded)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("chinese_GAU-alpha 2", "chinese_GAU-alpha 2"),
        ("[news](x)|_a_", "\\[news\\](x)&#124;\\_a\\_"),
        ("<script>&", "&lt;script&gt;&amp;"),
        ("`a`\n---\x1b", "\\`a\\`\\\\n---\\\\x1b"),
        ("http://www.x", "http\\://www\\.x"),
    ],
)
def test_names_of_others_are_no_markup_in_a_card(name: str, shown: str, tmp_path: Path) -> None:
    assert plain(name) == shown
    trained = write_checkpoint(tmp_path / "step-0000007", FAMILY["softmax_plus"], tmp_path)
    imported = save_checkpoint(
        tmp_path / "imported", trained.weights(), trained.config, trained.tokenizer, facts={"source": name}
    )
    assert f"| imported from | {shown} |" in model_card(load_model(imported.folder)).splitlines()
