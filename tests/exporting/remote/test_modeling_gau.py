"""The models that transformers loads: encoder, heads, losses, new weights."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from gaupt.checkpoint.load import load_model
from gaupt.exporting.folder import config_values, exported_names
from gaupt.exporting.hf import export
from tests.exporting.folders import QUIET, write_checkpoint
from tests.model.small import FAMILY, build, tokens

IDS = tokens(2, 9)
MASK = torch.tensor([[1] * 9, [1] * 6 + [0] * 3])


@pytest.fixture
def modeling() -> ModuleType:
    """Imported where it is used: transformers takes two seconds."""
    from gaupt.exporting.remote import modeling_gau

    return modeling_gau


@pytest.mark.slow
@pytest.mark.parametrize(
    "member", ["softmax_plus", "squared_relu", "mixed_chunk", "roformer_v1", "roformer_v2"]
)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_an_export_computes_in_half_precision(tmp_path: Path, member: str, dtype: torch.dtype) -> None:
    from transformers import AutoModelForMaskedLM

    checkpoint = write_checkpoint(tmp_path / "step-0000007", FAMILY[member], tmp_path)
    export(checkpoint.folder, tmp_path / "export", progress=QUIET)
    # What the argument `dtype`, before transformers 5 `torch_dtype`, of from_pretrained does.
    model = AutoModelForMaskedLM.from_pretrained(tmp_path / "export", trust_remote_code=True).to(dtype)
    mask = torch.tensor([[1] * 9, [1] * 6 + [0] * 3])
    with torch.inference_mode():
        logits = model(tokens(2, 9), mask).logits
        exact = load_model(checkpoint.folder).model(tokens(2, 9), mask)
    assert logits.dtype == dtype
    torch.testing.assert_close(logits.float(), exact, atol=0.05 * float(exact.abs().max()), rtol=0)


def public(member: str, **values: object) -> Any:
    from gaupt.exporting.remote.configuration_gau import GauptConfig

    return GauptConfig.from_dict(config_values(FAMILY[member], {}) | {"classifier_dropout": 0.0, **values})


def states(model: Any) -> Tensor:
    """Hidden states of the encoder that ``model`` holds."""
    hidden: Tensor = model.model.encoder(IDS, MASK)
    return hidden


@pytest.mark.parametrize("member", FAMILY)
def test_encoder_and_masked_lm_compute_what_ours_compute(modeling: ModuleType, member: str) -> None:
    ours = build(member)
    theirs = modeling.GauptForMaskedLM(public(member)).eval()
    theirs.load_state_dict(exported_names(ours.state_dict()), strict=False)
    theirs.tie_weights()
    types = torch.ones_like(IDS)
    with torch.inference_mode():
        torch.testing.assert_close(theirs(IDS, MASK, types).logits, ours(IDS, MASK, types))
        hidden = theirs.model(IDS, MASK, types).last_hidden_state
        torch.testing.assert_close(hidden, ours.encode(IDS, MASK, types))


def test_the_masked_lms_loss_is_the_mean_over_the_labelled_tokens(modeling: ModuleType) -> None:
    model = modeling.GauptForMaskedLM(public("softmax_plus")).eval()
    labels = torch.full_like(IDS, -100)
    labels[0, 2], labels[1, 4] = 7, 11
    output = model(IDS, MASK, labels=labels)
    chosen = torch.stack([output.logits[0, 2], output.logits[1, 4]])
    torch.testing.assert_close(output.loss, functional.cross_entropy(chosen, torch.tensor([7, 11])))
    assert model(IDS, MASK).loss is None


@pytest.mark.parametrize(
    ("options", "labels"),
    [
        ({"num_labels": 1}, torch.tensor([0.5, -2.0])),
        ({"num_labels": 1}, torch.tensor([1, 0])),
        ({"num_labels": 3, "problem_type": "regression"}, torch.tensor([[0.5, 1.0, 0.0], [0.0, 0.0, 2.0]])),
    ],
    ids=["one label", "one label of whole numbers", "asked for"],
)
def test_one_label_is_a_number_to_come_close_to(
    modeling: ModuleType, options: dict[str, object], labels: Tensor
) -> None:
    model = modeling.GauptForSequenceClassification(public("softmax_plus", **options)).eval()
    output = model(IDS, MASK, labels=labels)
    expected = (output.logits - labels.float().view_as(output.logits)).square().mean()
    torch.testing.assert_close(output.loss, expected)


def test_labels_are_classes_where_they_are_integers_and_several_at_once_where_they_are_not(
    modeling: ModuleType,
) -> None:
    model = modeling.GauptForSequenceClassification(public("softmax_plus", num_labels=3)).eval()
    one = model(IDS, MASK, labels=torch.tensor([2, 0]))
    torch.testing.assert_close(one.loss, -one.logits.log_softmax(-1)[[0, 1], [2, 0]].mean())
    several = torch.tensor([[1.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    many = model(IDS, MASK, labels=several)
    signs = 2 * several - 1
    torch.testing.assert_close(many.loss, -functional.logsigmoid(signs * many.logits).mean())


def test_a_sequence_is_classified_by_its_first_state(modeling: ModuleType) -> None:
    model = modeling.GauptForSequenceClassification(public("softmax_plus", num_labels=3)).eval()
    expected = states(model)[:, 0] @ model.classifier.weight.T + model.classifier.bias
    torch.testing.assert_close(model(IDS, MASK).logits, expected)


def test_tokens_without_a_label_do_not_count(modeling: ModuleType) -> None:
    model = modeling.GauptForTokenClassification(public("softmax_plus", num_labels=3)).eval()
    labels = torch.tensor([[0, 1, 2, 0, 1, 2, 0, 1, 2], [2, 1, 0, 2, 1, 0, -100, -100, -100]])
    output = model(IDS, MASK, labels=labels)
    torch.testing.assert_close(
        output.loss, functional.cross_entropy(output.logits[MASK.bool()], labels[MASK.bool()])
    )
    torch.testing.assert_close(output.logits, model.classifier(states(model)))


@pytest.mark.parametrize("outside", [-1, 9, 400])
def test_an_answer_outside_the_row_does_not_count(modeling: ModuleType, outside: int) -> None:
    model = modeling.GauptForQuestionAnswering(public("softmax_plus")).eval()
    output = model(IDS, start_positions=torch.tensor([8, outside]), end_positions=torch.tensor([[0], [3]]))
    start = functional.cross_entropy(output.start_logits[:1], torch.tensor([8]))
    end = functional.cross_entropy(output.end_logits, torch.tensor([0, 3]))
    torch.testing.assert_close(output.loss, (start + end) / 2)
    assert model(IDS, start_positions=torch.tensor([8, 1])).loss is None


def test_every_choice_is_scored_as_a_row_of_its_own(modeling: ModuleType) -> None:
    model = modeling.GauptForMultipleChoice(public("softmax_plus")).eval()
    choices = tokens(6, 9).view(2, 3, 9)
    masks = (torch.arange(9) < torch.tensor([9, 5, 1, 2, 9, 7])[:, None]).long().view(2, 3, 9)
    logits = model(choices, masks).logits
    assert logits.shape == (2, 3)
    torch.testing.assert_close(logits[1, 2], model(choices[1:, 2:], masks[1:, 2:]).logits[0, 0])
    output = model(choices, masks, labels=torch.tensor([2, 0]))
    torch.testing.assert_close(output.loss, functional.cross_entropy(logits, torch.tensor([2, 0])))


def test_a_tuple_is_returned_where_it_is_asked_for(modeling: ModuleType) -> None:
    model = modeling.GauptForMaskedLM(public("softmax_plus")).eval()
    loss, logits = model(IDS, labels=IDS, return_dict=False)
    output = model(IDS, labels=IDS)
    assert torch.equal(loss, output.loss) and torch.equal(logits, output.logits)
    (alone,) = model(IDS, return_dict=False)
    assert torch.equal(alone, output.logits)


def test_dropout_of_the_classifier_is_for_training_alone(modeling: ModuleType) -> None:
    model = modeling.GauptForTokenClassification(public("softmax_plus", dropout=0.0, classifier_dropout=0.5))
    torch.manual_seed(0)
    assert not torch.equal(model.train()(IDS).logits, model(IDS).logits)
    assert torch.equal(model.eval()(IDS).logits, model(IDS).logits)


def test_new_weights_are_drawn_by_the_rule_of_their_model(modeling: ModuleType) -> None:
    torch.manual_seed(0)
    model = modeling.GauptForSequenceClassification(public("softmax_plus", num_labels=50, init="fixed"))
    classifier, encoder = model.classifier, model.model.encoder
    assert classifier.weight.std().item() == pytest.approx(0.02, rel=0.1) and not classifier.bias.any()
    assert encoder.layers[0].expand.weight.std().item() == pytest.approx(0.02, rel=0.1)
    assert torch.equal(encoder.layers[0].query_scale, torch.ones(16))


def test_the_vocabularys_scores_follow_the_token_embedding(modeling: ModuleType) -> None:
    model = modeling.GauptForMaskedLM(public("softmax_plus")).eval()
    assert model.get_input_embeddings() is model.model.encoder.token_embedding
    embedding = torch.nn.Embedding(61, 32)
    model.set_input_embeddings(embedding)
    assert model.model.encoder.token_embedding is embedding
    model.tie_weights()
    assert model.get_output_embeddings().weight is embedding.weight
    torch.testing.assert_close(model(IDS, MASK).logits, states(model) @ embedding.weight.T)


@pytest.mark.filterwarnings("ignore")
def test_gradient_checkpointing_can_be_turned_on_and_changes_no_gradient(modeling: ModuleType) -> None:
    model = modeling.GauptModel(public("softmax_plus", dropout=0.0)).train()
    gradients = []
    for turn_on in (False, True):
        if turn_on:
            model.gradient_checkpointing_enable()
        assert model.encoder.gradient_checkpointing is turn_on
        model.zero_grad()
        model(IDS, MASK).last_hidden_state.square().sum().backward()
        gradients.append([p.grad.clone() for p in model.parameters() if p.grad is not None])
    torch.testing.assert_close(gradients[1], gradients[0])
