"""The model card: what the model is, and the figures of its run."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import EvalResult, ModelCard
from huggingface_hub.repocard import metadata_load
from huggingface_hub.utils import validate_repo_id

from gaupt.checkpoint.finetuned import CHOICE, READING, SEQUENCE, TOKENS
from gaupt.checkpoint.format import save_checkpoint
from gaupt.checkpoint.lineage import FROM
from gaupt.checkpoint.load import LoadedModel, load_model
from gaupt.config import ExportConfig
from gaupt.errors import GauptError
from gaupt.evaluation.tasks.task import METRICS
from gaupt.exporting.card import model_card, plain
from gaupt.exporting.hf import export
from tests.exporting.evaluations import head_of, results, task, text_results
from tests.exporting.folders import QUIET, write_checkpoint
from tests.model.small import FAMILY


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    """A checkpoint in no run."""
    scratch = tmp_path_factory.mktemp("card")
    return load_model(write_checkpoint(scratch / "step-0000007", FAMILY["softmax_plus"], scratch).folder)


def front_matter(card: str) -> dict[str, Any]:
    """What the Hub's library reads at the head of a card, and would write there."""
    data: dict[str, Any] = ModelCard(card).data.to_dict()
    return data


def section(card: str, title: str) -> str:
    """The text under a heading."""
    return card.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_the_card_states_the_figures_of_the_run(tmp_path: Path) -> None:
    run = tmp_path / "run"
    write_checkpoint(run / "checkpoints" / "step-0000007", FAMILY["softmax_plus"], tmp_path)
    lines = [
        {"step": 5, "eval_loss": 3.25, "eval_accuracy": 0.5, "eval_loss/news": 3.5, "eval_loss/a|b": 3.0},
        {"step": 7, "loss": 3.0},
    ]
    (run / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (run / "summary.json").write_text('{"steps": 7, "precision": "bfloat16"}')
    export(run, tmp_path / "export", progress=QUIET)
    card = (tmp_path / "export" / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\nlanguage: zh\n")
    assert "| steps | 7 |" in card and "| tokens seen | 700, repeated ones included |" in card
    assert "3.2500 at step 5" in card and "0.5000 at step 5" in card
    assert "| sources in the held-out text | news, a&#124;b |" in card and "| precision | bfloat16 |" in card
    assert metadata_load(tmp_path / "export" / "README.md") == front_matter(card)


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


def test_an_export_of_an_export_says_that_nothing_is_known_of_training(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "step-0000007", FAMILY["softmax_plus"], tmp_path)
    export(checkpoint.folder, tmp_path / "export", progress=QUIET)
    card = model_card(load_model(tmp_path / "export"))
    assert "## Training\n" not in card
    assert "Not recorded in the folder that this one was exported from." in section(card, "Training data")


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
    tags = front_matter(model_card(loaded))["tags"]
    assert tags == ["gaupt", loaded.model.config.architecture, "masked-lm", "chinese"]
    assert set(rows) | {"| vocabulary | 61 |", "| length | 512 |"} <= set(lines)
    assert f", {loaded.parameters:,} parameters." in model_card(loaded)


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


def test_the_front_matter_says_what_the_hub_asks_for(loaded: LoadedModel) -> None:
    assert front_matter(model_card(loaded)) == {
        "language": "zh",
        "library_name": "transformers",
        "pipeline_tag": "fill-mask",
        "mask_token": "[MASK]",
        "tags": ["gaupt", "gau", "masked-lm", "chinese"],
    }


@pytest.mark.option("export.license")
@pytest.mark.parametrize(
    ("licence", "fields", "said"),
    [
        ("apache-2.0", {"license": "apache-2.0"}, "Weights: apache-2.0, as"),
        (
            "Our *own*: v1",
            {"license": "other", "license_name": "our-own-v1"},
            r"Weights: Our \*own\*\: v1, as",
        ),
        ("", {}, "has not said under which licence"),
    ],
)
def test_the_licence_of_the_weights_is_that_which_was_said(
    licence: str, fields: dict[str, str], said: str, loaded: LoadedModel
) -> None:
    card = model_card(loaded, ExportConfig(license=licence))
    found = {name: value for name, value in front_matter(card).items() if name.startswith("license")}
    assert found == fields and said in section(card, "Licence")
    assert "The Python files in this folder are gaupt's: Apache-2.0." in section(card, "Licence")


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("junnyu/roformer_chinese_base", True),
        ("a/b.c-d_e", True),
        ("roformer_chinese_base", False),
        ("a/b/c", False),
        ("a/b--c", False),
        ("a/b.git", False),
        ("/a/b", False),
        ("a/b\nc: d", False),
        ("模型/一", False),
    ],
)
def test_a_base_model_is_named_where_the_hub_may_have_it(
    name: str, is_one: bool, loaded: LoadedModel
) -> None:
    assert loaded.checkpoint is not None
    before = {"name": "law", "weights": "f00d", FROM: {"name": "base", "weights": "f00d", "source": name}}
    went_on = replace(loaded, checkpoint=replace(loaded.checkpoint, facts={FROM: before}))
    card = model_card(went_on)
    assert front_matter(card).get("base_model") == (name if is_one else None)
    assert "They were made from law: see its licence too." in section(card, "Licence")
    if is_one:
        validate_repo_id(name)


def test_scores_stand_in_a_table_and_in_the_model_index(loaded: LoadedModel) -> None:
    tasks = [task(), task("c3", "choice"), task('两 "x": y\n|', "pair", "macro_f1")]
    card = model_card(loaded, scores=results(loaded, "step-0000007", "other", tasks=tasks))
    rows = section(card, "Evaluation")
    assert "| task | metric | scored on | score | majority | TF-IDF |" in rows
    anchors = "20.00 (+4.25 to +9.50) | 45.00 (+4.25 to +9.50) |"
    assert f"| topics | accuracy | 1,200 rows of dev | **60.00** ± 1.50 | {anchors}" in rows
    assert "3 seeds" in rows and "Average paper9: 71.50." in rows and "other" not in rows
    data = ModelCard(card).data
    assert data.model_name == "step-0000007"
    assert data.eval_results == [
        EvalResult(
            task_type=kind,
            dataset_type=type_,
            dataset_name=name,
            dataset_split="validation",
            metric_type=metric,
            metric_value=60.0,
            metric_name=f"{called}, mean of 3 runs",
        )
        for kind, type_, name, metric, called in [
            ("text-classification", "local-topics", "topics", "accuracy", "accuracy"),
            ("multiple-choice", "local-c3", "c3", "accuracy", "accuracy"),
            ("text-classification", "local-x-y", '两 "x": y\\n|', "f1", "macro F1"),
        ]
    ]


def test_scores_on_held_out_text_are_bits_and_accuracy(loaded: LoadedModel) -> None:
    card = model_card(loaded, scores=text_results(loaded, "新闻: 一.jsonl"))
    found = ModelCard(card).data.eval_results
    assert [(each.metric_type, each.metric_value) for each in found] == [
        ("bits_per_character", 4.5679),
        ("accuracy", 33.33),
    ]
    assert {(each.task_type, each.dataset_name) for each in found} == {("fill-mask", "新闻: 一.jsonl")}
    assert "| bits a hidden character | 1,234 characters | **4.5679** |" in section(card, "Evaluation")


@pytest.mark.parametrize(("kind", "metric"), [(kind, metric) for kind in METRICS for metric in METRICS[kind]])
def test_each_metric_of_each_kind_of_task_has_a_name(kind: str, metric: str, loaded: LoadedModel) -> None:
    card = model_card(loaded, scores=results(loaded, "step-0000007", tasks=[task("t", kind, metric)]))
    (found,) = ModelCard(card).data.eval_results
    assert found.task_type != "other" and found.metric_type in ("accuracy", "f1", "exact_match", "average")


def test_without_scores_a_card_says_so(loaded: LoadedModel) -> None:
    card = model_card(loaded)
    assert "No scores on tasks" in section(card, "Evaluation")
    assert "how good it is at any task" in section(card, "Limits and biases")
    with pytest.raises(GauptError, match=r"the scores: damaged, or no results\.json"):
        model_card(loaded, scores={"accuracy": 100})


def test_the_limits_name_the_length_of_training_and_the_token_type(loaded: LoadedModel) -> None:
    limits = section(model_card(loaded), "Limits and biases")
    assert "trained on samples of at most 512 tokens" in limits
    assert "pretraining had token type 0 alone" in limits and "They are no facts" in limits


def test_a_fine_tuned_card_is_about_its_head(loaded: LoadedModel) -> None:
    labels = ("好", "a|b", *map(str, range(30)))
    card = model_card(replace(loaded, finetuned=head_of(SEQUENCE, labels, 32)))
    data = front_matter(card)
    assert data["pipeline_tag"] == "text-classification" and data["tags"] == ["gaupt", "gau", "chinese"]
    assert "mask_token" not in data
    assert "Its 32 labels: 好, a&#124;b, 0, 1," in card and "17 and 12 more." in card
    assert "AutoModelForSequenceClassification.from_pretrained" in section(card, "Use")
    assert "| steps | 7 |" in section(card, "Pretraining")
    assert "Of what it was fine-tuned on, no more than the names above" in section(card, "Training data")
    assert "fill no masks with it" in section(card, "Limits and biases")


def test_a_fine_tuned_folder_names_its_task(loaded: LoadedModel, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"exported": {"task": "topics|1"}}')
    head = head_of(TOKENS, ("O", "B-x"), 32)
    card = model_card(replace(loaded, finetuned=head, source=tmp_path, checkpoint=None))
    assert (
        "fine-tuned to label each token of a text, on the task topics&#124;1. Its 2 labels: O, B-x." in card
    )


def test_a_lost_head_is_told(loaded: LoadedModel) -> None:
    card = model_card(replace(loaded, new_head=True))
    assert front_matter(card)["pipeline_tag"] == "feature-extraction"
    assert "has no trained masked-LM head" in card and "drawn anew" in section(card, "Limits and biases")


@pytest.mark.parametrize(
    ("member", "author"), [("softmax_plus", "Liu, Zhenjie"), ("roformer_v2", "Su, Jianlin")]
)
def test_the_paper_of_the_architecture_is_cited(member: str, author: str, tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "step-0000007", FAMILY[member], tmp_path)
    assert f"author = {{{author}" in section(model_card(load_model(checkpoint.folder)), "Citation")


CORPUS: dict[str, Any] = {
    "read": 1000,
    "kept": 900,
    "dropped": {"near_duplicate": 80, "too_short": 20},
    "bytes": 2_000_000,
    "chinese": 600_000,
    "sources": {
        "web|1": {"documents": 600, "bytes": 1_500_000},
        "news": {"documents": 300, "bytes": 500_000},
    },
    "more_sources": 0,
}


def of_corpus(loaded: LoadedModel, **more: Any) -> LoadedModel:
    """The model as if its run had known of a corpus."""
    assert loaded.checkpoint is not None
    facts = {**loaded.checkpoint.facts, "corpus": CORPUS | more}
    return replace(loaded, checkpoint=replace(loaded.checkpoint, facts=facts))


def test_the_corpus_is_told_as_its_cleaning_reported_it(loaded: LoadedModel) -> None:
    data = section(model_card(of_corpus(loaded)), "Training data")
    assert "| documents | 900, of 1,000 that came in |" in data
    assert "| Chinese characters | 600,000 |" in data and "| text | 2.0 MB |" in data
    assert "| dropped documents | near duplicate 80, too short 20 |" in data
    assert "| source | documents | share of the text |\n| --- | ---: | ---: |\n" in data
    assert "| web&#124;1 | 600 | 75.0% |\n| news | 300 | 25.0% |\n" in data
    assert "not known here: of what years these texts are, and under which licence." in data
    assert "how many documents these were" in section(model_card(loaded), "Training data")


def test_of_many_sources_the_largest_are_named_and_the_others_counted(loaded: LoadedModel) -> None:
    sources = {f"s{number}": {"documents": 1, "bytes": 1} for number in range(22)}
    data = section(model_card(of_corpus(loaded, sources=sources, more_sources=5)), "Training data")
    assert "| s19 |" in data and "| s20 |" not in data and "| 7 more | | |" in data
    assert "more |" not in section(model_card(of_corpus(loaded)), "Training data")


def test_a_corpus_of_which_nothing_was_dropped_says_nothing_of_it(loaded: LoadedModel) -> None:
    assert "dropped documents" not in model_card(of_corpus(loaded, dropped={}))


def test_a_card_in_chinese_says_the_same(loaded: LoadedModel) -> None:
    scores = results(loaded, "step-0000007", tasks=[task()])
    known = of_corpus(loaded)
    english, chinese = (model_card(known, scores=scores, language=language) for language in ("en", "zh"))
    headings = ["结构", "训练数据", "训练", "评测", "用法", "局限与偏差", "许可", "引用"]
    assert re.findall("^## (.*)", chinese, re.M) == headings
    assert front_matter(chinese) == front_matter(english)
    assert "# GAU，3 层，隐藏维度 32" in chinese
    assert "| 文档数 | 900（读入 1,000） |" in section(chinese, "训练数据")
    assert "| 剔除的文档 | 近似重复 80、过短 20 |" in section(chinese, "训练数据")
    assert "| topics | 准确率 | dev 集 1,200 条 | **60.00** ± 1.50 |" in section(chinese, "评测")
    assert numbers(chinese) == numbers(english)


def numbers(card: str) -> list[str]:
    """The numbers of a card, wherever in a line a language puts them."""
    return sorted(re.findall(r"\d[\d,.]*\d|\d", card))


@pytest.mark.parametrize("architecture", [SEQUENCE, TOKENS, CHOICE, READING])
@pytest.mark.parametrize("member", ["softmax_plus", "mixed_chunk", "roformer_v1"])
def test_no_english_sentence_is_left_in_a_chinese_card(
    architecture: str, member: str, tmp_path: Path
) -> None:
    loaded = load_model(write_checkpoint(tmp_path / "step-0000007", FAMILY[member], tmp_path).folder)
    for each in (
        loaded,
        replace(loaded, new_head=True),
        replace(loaded, finetuned=head_of(architecture, ("好",), 32)),
    ):
        card = model_card(each, language="zh")
        prose = re.sub(r"(?s)^---.*?---\n|```.*?```|`[^`]*`|\[[^]]*\]\([^)]*\)", "", card)
        assert re.findall(r"[A-Za-z]+ [a-z]+ [a-z]+", prose) == []


def test_the_card_is_short(loaded: LoadedModel) -> None:
    choice = replace(loaded, finetuned=head_of(CHOICE, ("fits",), 32))
    for card in (model_card(loaded), model_card(choice)):
        assert len(card.splitlines()) < 130
