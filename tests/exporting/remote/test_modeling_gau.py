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
    model.config.torchscript = True  # of a model that is traced, before transformers 5
    assert isinstance(model(IDS), tuple)


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


HEADS = (
    "GauptForMaskedLM",
    "GauptForSequenceClassification",
    "GauptForTokenClassification",
    "GauptForQuestionAnswering",
)


@pytest.mark.parametrize("name", ["GauptModel", *HEADS])
@pytest.mark.parametrize("member", ["softmax_plus", "roformer_v1", "mixed_chunk"])
def test_every_model_gives_its_states_where_they_are_asked_for(
    name: str, member: str, modeling: ModuleType
) -> None:
    config = public(member)
    model = getattr(modeling, name)(config).eval()
    found = model(IDS, MASK, output_hidden_states=True)
    assert len(found.hidden_states) == config.num_hidden_layers + 1 and found.attentions is None
    assert model(IDS, MASK).hidden_states is None
    assert len(model(IDS, MASK, output_hidden_states=True, return_dict=False)[-1]) == len(found.hidden_states)
    config.output_hidden_states = True
    assert model(IDS, MASK).hidden_states is not None


@pytest.mark.parametrize("name", ["GauptModel", *HEADS])
def test_every_model_gives_its_attention_weights_but_of_mixed_chunks(name: str, modeling: ModuleType) -> None:
    model = getattr(modeling, name)(public("roformer_v1")).eval()
    found = model(IDS, MASK, output_attentions=True)
    assert [tuple(weights.shape) for weights in found.attentions] == [(2, 4, 9, 9)] * 2
    assert found.hidden_states is None
    chunks = getattr(modeling, name)(public("mixed_chunk")).eval()
    with pytest.raises(ValueError, match="output_attentions: mixed chunk attention has no weights"):
        chunks(IDS, MASK, output_attentions=True)


@pytest.mark.parametrize("name", ["GauptModel", *HEADS])
def test_vectors_are_taken_in_place_of_ids_and_never_beside_them(name: str, modeling: ModuleType) -> None:
    model = getattr(modeling, name)(public("softmax_plus")).eval()
    vectors = model.get_input_embeddings()(IDS)
    assert torch.equal(model(inputs_embeds=vectors, attention_mask=MASK)[0], model(IDS, MASK)[0])
    for arguments, message in (
        ({}, "give input_ids or"),
        ({"input_ids": IDS, "inputs_embeds": vectors}, "not both"),
    ):
        with pytest.raises(ValueError, match=message):
            model(**arguments)


@pytest.mark.parametrize("name", ["GauptModel", *HEADS])
def test_arguments_of_others_are_passed_over_as_none_and_refused_as_anything_else(
    name: str, modeling: ModuleType
) -> None:
    model = getattr(modeling, name)(public("softmax_plus")).eval()
    none = dict.fromkeys(
        ("position_ids", "head_mask", "past_key_values", "encoder_hidden_states", "token_type_ids")
    )
    assert torch.equal(model(IDS, MASK, **none, use_cache=False)[0], model(IDS, MASK)[0])
    with pytest.raises(
        TypeError, match="head_mask, use_cache: no model of the GAU family takes such an argument"
    ):
        model(IDS, MASK, head_mask=MASK, use_cache=True)
    # What sentence-transformers keeps of a first call comes along with a second.
    assert torch.equal(model(IDS, MASK, sentence_embedding=MASK)[0], model(IDS, MASK)[0])


def test_losses_over_all_batches_of_an_update_add_up_to_their_mean(modeling: ModuleType) -> None:
    config = public("softmax_plus", num_labels=3)
    cases = (
        ("GauptForMaskedLM", {"labels": IDS}, IDS.numel()),
        ("GauptForTokenClassification", {"labels": IDS % 3}, IDS.numel()),
        ("GauptForSequenceClassification", {"labels": torch.tensor([2, 0])}, 2),
        (
            "GauptForQuestionAnswering",
            {name: torch.tensor([1, 4]) for name in ("start_positions", "end_positions")},
            2,
        ),
    )
    for name, labels, count in cases:
        model = getattr(modeling, name)(config).eval()
        whole = model(IDS, MASK, **labels).loss
        rows = [
            model(
                IDS[i : i + 1],
                MASK[i : i + 1],
                **{k: v[i : i + 1] for k, v in labels.items()},
                num_items_in_batch=count,
            )
            for i in range(2)
        ]
        torch.testing.assert_close(rows[0].loss + rows[1].loss, whole)


@pytest.mark.parametrize("member", ["softmax_plus", "roformer_v1", "roformer_v2"])
@pytest.mark.parametrize("rows", [57, 70])
@pytest.mark.filterwarnings("ignore")
def test_a_resized_vocabulary_keeps_the_scores_of_old_tokens(
    member: str, rows: int, modeling: ModuleType, tmp_path: Path
) -> None:
    model = modeling.GauptForMaskedLM(public(member)).eval()
    ids = IDS % 50
    before = model(ids).logits
    model.resize_token_embeddings(rows)
    after = model(ids, labels=ids)
    kept = min(rows, before.shape[-1])
    torch.testing.assert_close(after.logits[..., :kept], before[..., :kept])
    assert after.logits.shape[-1] == rows == model.config.vocab_size
    model.save_pretrained(tmp_path / "saved")
    again = modeling.GauptForMaskedLM.from_pretrained(tmp_path / "saved").eval()
    assert torch.equal(again(ids).logits, model(ids).logits)


def test_no_weight_is_read_outside_of_its_module(modeling: ModuleType) -> None:
    """As where accelerate keeps weights away until a module is called, and takes them away after."""
    model = modeling.GauptForMaskedLM(public("roformer_v1")).eval()
    expected = model(IDS, MASK).logits
    kept = {name: parameter.data for name, parameter in model.named_parameters(remove_duplicate=False)}

    def away(name: str, module: torch.nn.Module) -> None:
        for own, parameter in module.named_parameters(recurse=False):
            parameter.data = torch.full_like(kept[f"{name}.{own}"], float("nan"))

    def back(name: str, module: torch.nn.Module) -> None:
        for own, parameter in module.named_parameters(recurse=False):
            parameter.data = kept[f"{name}.{own}"]

    for name, module in model.named_modules():
        away(name, module)
        module.register_forward_pre_hook(lambda module, given, name=name: back(name, module))
        module.register_forward_hook(lambda module, given, out, name=name: away(name, module))
    assert torch.equal(model(IDS, MASK).logits, expected)


def test_tools_find_the_layers_and_the_decoder(modeling: ModuleType) -> None:
    for member, layer in (("softmax_plus", "GAULayer"), ("roformer_v2", "RoFormerLayer")):
        model = modeling.GauptForMaskedLM(public(member))
        assert set(model._no_split_modules) == {layer}
        assert {type(each).__name__ for each in model.model.encoder.layers} == {layer}
        assert model.get_output_embeddings().weight is model.get_input_embeddings().weight
        assert model.config.tie_word_embeddings


@pytest.mark.parametrize("pooling", ["cls", "mean"])
@pytest.mark.parametrize("member", ["softmax_plus", "mixed_chunk"])
def test_padding_on_the_left_changes_no_score_of_a_text(
    pooling: str, member: str, modeling: ModuleType
) -> None:
    model = modeling.GauptForSequenceClassification(
        public(member, classifier_pooling=pooling, num_labels=3)
    ).eval()
    left = torch.cat([torch.zeros(2, 5, dtype=torch.long), IDS], 1)
    mask = torch.cat([torch.zeros(2, 5, dtype=torch.long), torch.ones_like(IDS)], 1)
    torch.testing.assert_close(model(left, mask).logits, model(IDS).logits, atol=1e-5, rtol=1e-5)
    for kind in (mask.bool(), mask.float()):
        torch.testing.assert_close(model(left, kind).logits, model(left, mask).logits)
