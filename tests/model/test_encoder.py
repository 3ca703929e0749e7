"""What the encoders of the family have in common."""

import pytest
import torch

from gaupt.model.masked_lm import MaskedLM
from tests.model.small import MASKS, VOCAB, build, tokens


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
