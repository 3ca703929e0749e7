"""What the encoders of the family have in common."""

import pytest
import torch

from gaupt.model.encoder import Trace
from gaupt.model.masked_lm import MaskedLM
from tests.model.small import FAMILY, MASKS, VOCAB, build, tokens


def test_token_types_default_to_zero(model: MaskedLM) -> None:
    ids = tokens(2, 5)
    torch.testing.assert_close(model(ids), model(ids, token_type_ids=torch.zeros_like(ids)))
    assert not torch.equal(model(ids), model(ids, token_type_ids=torch.ones_like(ids)))


def test_activation_checkpoints_change_no_gradient(model: MaskedLM) -> None:
    ids, segments = tokens(2, 12), torch.tensor([[1] * 5 + [2] * 7, [1] * 9 + [0] * 3])
    gradients = []
    for checkpointing in (False, True):
        model.train()
        model.encoder.gradient_checkpointing = checkpointing
        model.zero_grad()
        torch.manual_seed(1)  # the same dropout
        model(ids, segments).square().mean().backward()
        gradients.append({name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None})
    assert gradients[0].keys() == gradients[1].keys()
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], gradient, msg=name)


def test_an_embedding_is_the_sum_of_tokens_and_types(model: MaskedLM) -> None:
    encoder, ids, types = model.encoder, tokens(2, 5), tokens(2, 5, seed=1) % 2
    words, kinds = encoder.token_embedding.weight, encoder.type_embedding.weight
    assert words.shape == (VOCAB, 32) and kinds.shape == (2, 32)
    torch.testing.assert_close(encoder.embed(ids, types), words[ids] + kinds[types])
    torch.testing.assert_close(encoder.embed(ids, None), words[ids] + kinds[0])


def test_parameters_are_drawn_anew_by_the_seed(model: MaskedLM) -> None:
    encoder = model.encoder
    drawn = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        encoder.reset_parameters()
        drawn.append(torch.cat([p.detach().flatten().clone() for p in encoder.parameters()]))
    assert torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], drawn[2])


def test_layers_run_one_after_another_on_what_they_share() -> None:
    encoder = build("softmax_plus").encoder
    ids = tokens(2, 5)
    x = encoder.embed(ids, None)
    context = encoder.context(ids, None)
    expected = x
    for layer in encoder.layers:
        expected, _ = layer(expected, context)
    assert len(encoder.layers) == 3
    torch.testing.assert_close(encoder.run_layers(x, context), expected)


@pytest.mark.slow
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("states", [1, 3, 10])
def test_the_first_states_are_those_of_the_whole_row(model: MaskedLM, mask: str, states: int) -> None:
    encoder, ids, segments = model.encoder, tokens(2, 10), MASKS[mask]
    found = []
    for wanted in (None, states):
        encoder.zero_grad()
        first = encoder(ids, segments, states=wanted)[:, :states]
        first.square().sum().backward()
        found.append({"states": first.detach()} | {n: p.grad for n, p in encoder.named_parameters()})
    assert found[1]["states"].shape == (2, states, 32)
    for name, value in found[0].items():
        if value is not None:
            torch.testing.assert_close(found[1][name], value, atol=1e-4, rtol=1e-4, msg=name)


def test_the_last_layer_computes_no_more_states_than_are_wanted() -> None:
    encoder = build("softmax_plus").encoder
    seen: list[tuple[int, ...]] = []
    for layer in encoder.layers:
        layer.register_forward_hook(lambda layer, given, out: seen.append(tuple(out[0].shape)))
    encoder(tokens(2, 10), states=1)
    assert seen == [(2, 10, 32), (2, 10, 32), (2, 1, 32)]


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("checkpointing", [False, True])
def test_a_trace_has_the_states_before_and_after_each_layer(
    model: MaskedLM, mask: str, checkpointing: bool
) -> None:
    encoder, ids, trace = model.encoder, tokens(2, 10), Trace()
    encoder.gradient_checkpointing = checkpointing
    out = encoder(ids, MASKS[mask], trace=trace)
    assert len(trace.states) == len(encoder.layers) + 1 and trace.weights == []
    assert torch.equal(trace.states[-1], out) and torch.equal(out, encoder(ids, MASKS[mask]))
    assert {tuple(state.shape) for state in trace.states} == {(2, 10, 32)}


@pytest.mark.parametrize("member", [name for name in FAMILY if name != "mixed_chunk"])
@pytest.mark.parametrize("mask", ["none", "padded", "packed"])
def test_attention_weights_are_those_that_make_the_states(member: str, mask: str) -> None:
    encoder, ids, trace = build(member).encoder, tokens(2, 10), Trace(with_weights=True)
    segments = MASKS[mask]
    out = encoder(ids, segments, trace=trace)
    torch.testing.assert_close(out, encoder(ids, segments), atol=1e-5, rtol=1e-5)
    heads = 4 if member.startswith("roformer") else 1
    assert [tuple(weights.shape) for weights in trace.weights] == [(2, heads, 10, 10)] * len(encoder.layers)
    for weights in trace.weights:
        assert (weights >= 0).all()
        if not member.startswith("squared"):
            torch.testing.assert_close(weights.sum(-1), torch.ones(2, heads, 10))
        if segments is not None:
            assert not weights[(segments[:, :, None] != segments[:, None])[:, None].expand_as(weights)].any()


def test_vectors_take_the_place_of_token_embeddings(model: MaskedLM) -> None:
    ids, types = tokens(2, 10), tokens(2, 10, seed=1) % 2
    vectors = model.encoder.token_embedding(ids)
    for mask in MASKS.values():
        assert torch.equal(model.encode(vectors, mask, types), model.encode(ids, mask, types))


@pytest.mark.parametrize("mask", MASKS)
def test_positions_count_by_their_differences(model: MaskedLM, mask: str) -> None:
    encoder, ids, segments = model.encoder, tokens(2, 10), MASKS[mask]
    places = torch.arange(10).repeat(2, 1)
    plain = encoder(ids, segments)
    torch.testing.assert_close(encoder(ids, segments, positions=places), plain, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(encoder(ids, segments, positions=places + 7), plain, atol=1e-4, rtol=1e-4)
    assert not torch.allclose(encoder(ids, segments, positions=2 * places), plain, atol=1e-3)


@pytest.mark.parametrize("left", [1, 3, 6, 7, 13])
def test_padding_on_the_left_changes_no_state(model: MaskedLM, left: int) -> None:
    encoder, ids = model.encoder, tokens(2, 10)
    mask = torch.ones(2, 10, dtype=torch.long)
    alone = encoder(ids, mask)
    rows = torch.cat([tokens(2, left, seed=3), ids], 1)
    padded = torch.cat([torch.zeros(2, left, dtype=torch.long), mask], 1)
    rows[1], padded[1] = rows[1].roll(-left), padded[1].roll(-left)  # the second row on the right
    trace = Trace()
    out = encoder(rows, padded, trace=trace)
    for row, first in ((0, left), (1, 0)):
        torch.testing.assert_close(out[row, first : first + 10], alone[row], atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(trace.states[-1][row], out[row], atol=0, rtol=0)
    assert out.isfinite().all()
