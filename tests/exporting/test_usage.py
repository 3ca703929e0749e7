"""The code that a model card shows: it runs as it stands."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gaupt.checkpoint.finetuned import CHOICE, READING, SEQUENCE, TOKENS
from gaupt.checkpoint.load import LoadedModel, load_model
from gaupt.exporting.hf import write_finetuned
from gaupt.exporting.usage import usage_of
from tests.exporting.evaluations import head_of
from tests.exporting.folders import write_checkpoint
from tests.model.small import FAMILY

LABELS = ("天气", "饮食", "出行")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    scratch = tmp_path_factory.mktemp("usage")
    return load_model(write_checkpoint(scratch / "step-0000007", FAMILY["softmax_plus"], scratch).folder)


def variants(loaded: LoadedModel) -> Iterator[tuple[str, LoadedModel]]:
    """Every kind of model, and the pipeline of the Hub that is its own."""
    yield "fill-mask", loaded
    yield "feature-extraction", replace(loaded, new_head=True)
    for architecture, labels, pipeline in (
        (TOKENS, LABELS, "token-classification"),
        (READING, ("start", "end"), "question-answering"),
        (CHOICE, ("fits",), "multiple-choice"),
    ):
        yield pipeline, replace(loaded, finetuned=head_of(architecture, labels, 32))
    for problem, labels in (
        ("single_label_classification", LABELS),
        ("multi_label_classification", LABELS),
        ("regression", LABELS[:1]),
    ):
        yield "text-classification", replace(loaded, finetuned=head_of(SEQUENCE, labels, 32, problem=problem))


def test_each_head_has_a_task_of_the_hub(loaded: LoadedModel) -> None:
    for pipeline, variant in variants(loaded):
        assert usage_of(variant).pipeline == pipeline


@pytest.mark.slow
def test_the_code_of_each_head_runs(
    loaded: LoadedModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = []
    for number, (_, variant) in enumerate(variants(loaded)):
        folder = tmp_path / f"model{number}"
        folder.mkdir()
        write_finetuned(folder, variant, "base", "a task")
        shown = usage_of(variant).shown()
        assert shown.startswith("```python\n") and shown.endswith("\n```\n")
        exec(shown.removeprefix("```python\n").removesuffix("```\n").replace('"PATH"', repr(str(folder))), {})
        said.append(capsys.readouterr().out.strip())
    fill, states, tags, answer, choice, label, fitting, rating = said
    assert fill.startswith("['") and states == ""
    assert tags.startswith("[('[CLS]', '天气'), ") and answer == "[CLS]"
    # Heads of zeros: the first of equal scores is the best, and no label is above a half.
    assert (choice, label, fitting, rating) == ("北京", "天气", "[]", "[0.0]")
