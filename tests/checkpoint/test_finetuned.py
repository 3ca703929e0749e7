import pytest
import torch

from gaupt.checkpoint.finetuned import CHOICE, READING, SEQUENCE, TOKENS, FineTuned, split_finetuned

HEAD = {"weight": torch.ones(2, 3), "bias": torch.zeros(2)}


def test_a_head_survives_being_written_and_read() -> None:
    head = FineTuned("GauptForSequenceClassification", ("no", "yes"), HEAD)
    weights = {"model.x": torch.ones(1)} | {f"classifier.{name}": tensor for name, tensor in HEAD.items()}
    plain, found = split_finetuned(head.config_values(), weights)
    assert list(plain) == ["model.x"]
    assert found is not None
    assert (found.architecture, found.labels, list(found.weights)) == (
        head.architecture,
        head.labels,
        ["weight", "bias"],
    )


def test_a_head_on_the_mean_of_states_says_so() -> None:
    head = FineTuned("GauptForSequenceClassification", ("no", "yes"), HEAD, "mean")
    values = head.config_values()
    assert values["classifier_pooling"] == "mean"
    found = split_finetuned(values, {f"classifier.{name}": tensor for name, tensor in HEAD.items()})[1]
    assert found is not None and found.pooling == "mean"


def test_spans_and_choices_have_no_names_of_labels() -> None:
    values = FineTuned("GauptForQuestionAnswering", ("start", "end"), HEAD).config_values()
    assert values == {"architectures": ["GauptForQuestionAnswering"]}


def test_a_masked_lm_has_no_such_head() -> None:
    weights = {"model.x": torch.ones(1)}
    assert split_finetuned({"architectures": ["GauptForMaskedLM"]}, weights) == (weights, None)
    assert split_finetuned({}, weights) == (weights, None)


@pytest.mark.parametrize(
    ("values", "weights", "message"),
    [
        ({"architectures": {}}, HEAD, None),
        ({"architectures": {"a": 1}}, HEAD, "architectures is no list"),
        ({"architectures": [SEQUENCE], "id2label": [1]}, HEAD, "id2label is no table"),
        ({"architectures": [SEQUENCE]}, {"weight": HEAD["weight"]}, "a head has a weight"),
        ({"architectures": [SEQUENCE]}, HEAD | {"bias": torch.tensor(1.0)}, "a head has a weight"),
        ({"architectures": [SEQUENCE]}, HEAD | {"bias": torch.ones(3)}, "for 2 labels, its bias for 3"),
        ({"architectures": [SEQUENCE], "classifier_pooling": "max"}, HEAD, "classifier_pooling = 'max'"),
    ],
)
def test_what_is_no_head_is_refused(
    values: dict[str, object], weights: dict[str, torch.Tensor], message: str | None
) -> None:
    named = {f"classifier.{name}": tensor for name, tensor in weights.items()}
    if message is None:
        assert split_finetuned(values, named)[1] is None
        return
    with pytest.raises(ValueError, match=message):
        split_finetuned(values, named)


@pytest.mark.parametrize("architecture", [SEQUENCE, TOKENS, READING])
def test_a_head_is_read_under_the_name_that_it_is_written_by(architecture: str) -> None:
    head = FineTuned(architecture, ("0", "1"), HEAD)
    written = head.exported_weights()
    assert {name.split(".")[0] for name in written} == {
        "qa_outputs" if architecture == READING else "classifier"
    }
    found = split_finetuned(head.config_values(), written)[1]
    assert found is not None and found.weights.keys() == HEAD.keys() and found.architecture == architecture


def test_a_reading_head_of_earlier_exports_is_read() -> None:
    weights = {f"classifier.{name}": tensor for name, tensor in HEAD.items()}
    plain, found = split_finetuned({"architectures": [READING]}, weights)
    assert not plain and found is not None and found.weights.keys() == HEAD.keys()


@pytest.mark.parametrize(
    ("said", "labels", "problem"),
    [
        ("multi_label_classification", 2, "multi_label_classification"),
        (None, 2, "single_label_classification"),
        (None, 1, "regression"),
    ],
)
def test_what_scores_are_for_is_as_transformers_says_or_guesses(
    said: str | None, labels: int, problem: str
) -> None:
    weights = {"classifier.weight": torch.ones(labels, 3), "classifier.bias": torch.zeros(labels)}
    found = split_finetuned({"architectures": [SEQUENCE], "problem_type": said}, weights)[1]
    assert found is not None and found.config_values()["problem_type"] == problem


@pytest.mark.parametrize(
    ("values", "head", "message"),
    [
        ({"architectures": [READING]}, 3, "has 2 outputs, not 3"),
        ({"architectures": [CHOICE]}, 2, "has 1 outputs, not 2"),
        ({"architectures": [SEQUENCE], "problem_type": "poetry"}, 2, "problem_type = 'poetry' is not one of"),
        ({"architectures": [SEQUENCE], "id2label": {"0": "a", "1": "a"}}, 2, "calls two labels by one name"),
    ],
)
def test_a_head_of_another_task_is_refused(values: dict[str, object], head: int, message: str) -> None:
    weights = {"weight": torch.ones(head, 3), "bias": torch.zeros(head)}
    named = FineTuned(str(values["architectures"][0]), (), weights).exported_weights()  # type: ignore[index]
    with pytest.raises(ValueError, match=message):
        split_finetuned(values, named)


def test_a_head_that_is_no_number_is_refused() -> None:
    weights = {"classifier.weight": torch.ones(2, 3), "classifier.bias": torch.tensor([0.0, float("nan")])}
    with pytest.raises(ValueError, match="the head holds what is no number"):
        split_finetuned({"architectures": [SEQUENCE]}, weights)
