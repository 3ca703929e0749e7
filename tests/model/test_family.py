"""What every member of the family promises."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gaupt.model.family import masked_lm
from gaupt.model.masked_lm import MaskedLM
from tests.model.small import FAMILY, build, tokens

EXACT = {"atol": 1e-4, "rtol": 1e-4}


@pytest.mark.option(
    "model.architecture",
    "model.version",
    "model.vocab_size",
    "model.hidden_size",
    "model.num_layers",
    "model.expanded_size",
    "model.key_size",
    "model.type_vocab_size",
    "model.feedforward_size",
)
@pytest.mark.parametrize(
    ("member", "options", "weight", "shape"),
    [
        ("softmax_plus", {}, "encoder.layers.2.query_scale", (16,)),
        ("softmax_plus", {"num_layers": 4}, "encoder.layers.3.query_scale", (16,)),
        ("softmax_plus", {"vocab_size": 70}, "encoder.token_embedding.weight", (70, 32)),
        ("softmax_plus", {"hidden_size": 40}, "encoder.token_embedding.weight", (61, 40)),
        ("softmax_plus", {"expanded_size": 64}, "encoder.layers.0.contract.weight", (32, 64)),
        ("softmax_plus", {"expanded_size": 64}, "encoder.layers.0.expand.weight", (64 + 64 + 16, 32)),
        ("softmax_plus", {"key_size": 8}, "encoder.layers.0.expand.weight", (48 + 48 + 8, 32)),
        ("softmax_plus", {"type_vocab_size": 3}, "encoder.type_embedding.weight", (3, 32)),
        ("roformer_v2", {"num_layers": 3}, "encoder.layers.2.query.weight", (32, 32)),
        ("roformer_v2", {"vocab_size": 70}, "encoder.token_embedding.weight", (70, 32)),
        ("roformer_v2", {"hidden_size": 40}, "encoder.layers.0.query.weight", (40, 40)),
        ("roformer_v2", {"feedforward_size": 96}, "encoder.layers.0.contract.weight", (32, 96)),
        ("roformer_v2", {"type_vocab_size": 3}, "encoder.type_embedding.weight", (3, 32)),
        ("roformer_v2", {"version": 1}, "encoder.layers.0.query.bias", (32,)),
    ],
)
def test_a_size_is_that_of_the_weights(
    member: str, options: dict[str, Any], weight: str, shape: tuple[int, ...]
) -> None:
    model = masked_lm(replace(FAMILY[member], **options))
    assert model.get_parameter(weight).shape == shape
    assert model(tokens(2, 5)).shape == (2, 5, options.get("vocab_size", 61))


@pytest.mark.slow
@pytest.mark.option(
    "model.num_heads",
    "model.normalization",
    "model.attention",
    "model.chunk_size",
    "model.relu_scaling",
    "model.length_floor",
    "model.norm_eps",
)
@pytest.mark.parametrize(
    ("member", "options"),
    [
        ("softmax_plus", {"normalization": "softmax"}),
        ("softmax_plus", {"normalization": "squared_relu"}),
        ("softmax_plus", {"attention": "mixed_chunk"}),
        ("softmax_plus", {"length_floor": 16}),
        ("softmax_plus", {"norm_eps": 0.1}),
        ("mixed_chunk", {"chunk_size": 3}),
        ("squared_relu", {"relu_scaling": "ns"}),
        ("squared_relu", {"relu_scaling": "n"}),
        ("roformer_v1", {"num_heads": 2}),
        ("roformer_v2", {"norm_eps": 0.1}),
    ],
)
def test_an_option_makes_other_states_of_the_same_weights(member: str, options: dict[str, Any]) -> None:
    plain = build(member)
    other = masked_lm(replace(FAMILY[member], **options)).eval()
    other.load_state_dict(plain.state_dict(), strict=False)  # mixed_chunk has more of them
    ids = tokens(2, 11)
    assert (plain.encode(ids) - other.encode(ids)).abs().max() > 1e-3


@pytest.mark.option("model.dropout")
@pytest.mark.parametrize("member", ["softmax_plus", "roformer_v1"])
def test_dropout_changes_states_in_training_alone(member: str) -> None:
    model = masked_lm(replace(FAMILY[member], dropout=0.3))
    exact, ids = masked_lm(replace(FAMILY[member], dropout=0.0)), tokens(2, 11)
    exact.load_state_dict(model.state_dict())
    assert torch.equal(model.eval().encode(ids), exact.encode(ids))
    assert not torch.equal(model.train().encode(ids), exact.train().encode(ids))


def test_padding_changes_nothing(model: MaskedLM) -> None:
    ids = tokens(1, 11)
    padded = torch.cat((ids, torch.zeros(1, 6, dtype=torch.long)), 1)
    mask = (torch.arange(17) < 11).long()[None]
    torch.testing.assert_close(model.encode(padded, mask)[:, :11], model.encode(ids), **EXACT)


def test_packed_samples_are_as_if_alone(model: MaskedLM) -> None:
    lengths = (7, 1, 9, 4)
    samples = [tokens(1, length, seed=length) for length in lengths]
    row = torch.cat([*samples, torch.zeros(1, 3, dtype=torch.long)], 1)
    segments = torch.repeat_interleave(torch.tensor([1, 2, 3, 4, 0]), torch.tensor([*lengths, 3]))[None]
    packed = model.encode(row, segments)
    if getattr(model.config, "attention", "full") == "mixed_chunk":
        pytest.skip("a sample's chunks depend on where in the row it starts")
    alone = torch.cat([model.encode(sample) for sample in samples], 1)
    torch.testing.assert_close(packed[:, : sum(lengths)], alone, **EXACT)


def test_packed_samples_have_the_gradients_they_have_alone(model: MaskedLM) -> None:
    if getattr(model.config, "attention", "full") == "mixed_chunk":
        pytest.skip("a sample's chunks depend on where in the row it starts")
    samples = [tokens(1, length, seed=length) for length in (7, 1, 9)]
    segments = torch.repeat_interleave(torch.arange(1, 4), torch.tensor([7, 1, 9]))[None]
    model(torch.cat(samples, 1), segments).square().sum().backward()
    packed = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    model.zero_grad()
    for sample in samples:
        model(sample).square().sum().backward()
    for name, gradient in packed.items():
        alone = model.get_parameter(name).grad
        assert alone is not None
        assert (alone - gradient).abs().max() < 1e-4 * gradient.abs().max() + 1e-4, name


def test_no_sample_sees_its_neighbours_in_the_row(model: MaskedLM) -> None:
    row, other = tokens(1, 20), tokens(1, 20, seed=1)
    segments = torch.repeat_interleave(torch.tensor([1, 2, 3, 0]), torch.tensor([7, 4, 6, 3]))[None]
    mixed = torch.where(segments == 2, row, other)
    kept = (segments == 2)[0]
    torch.testing.assert_close(
        model.encode(mixed, segments)[:, kept], model.encode(row, segments)[:, kept], **EXACT
    )


def test_a_row_of_padding_is_finite_and_disturbs_nobody(model: MaskedLM) -> None:
    ids = tokens(2, 8).requires_grad_(False)
    segments = torch.tensor([[1] * 8, [0] * 8])
    model.train()
    model.encoder.dropout.rate = 0.0
    hidden = model.encode(ids, segments)
    hidden.sum().backward()
    assert hidden.isfinite().all()
    assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)


def test_bfloat16_autocast_stays_close(model: MaskedLM) -> None:
    ids = tokens(2, 24)
    exact = model(ids)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rounded = model(ids)
    # 8 bits of mantissa, a few layers deep.
    assert (rounded.float() - exact).abs().max() < 0.1 * exact.abs().max()


def test_bfloat16_autocast_trains_like_float32(model: MaskedLM) -> None:
    ids, segments = tokens(2, 24), torch.tensor([[1] * 10 + [2] * 14, [1] * 20 + [0] * 4])
    gradients = []
    for enabled in (False, True):
        model.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=enabled):
            logits = model(ids, segments, positions=torch.arange(0, 40, 3))
        torch.nn.functional.cross_entropy(logits.float(), torch.arange(14)).backward()
        grads = [p.grad.flatten() for p in model.parameters() if p.grad is not None]
        assert all(grad.dtype == torch.float32 for grad in grads)
        gradients.append(torch.cat(grads))
    assert torch.cosine_similarity(*gradients, dim=0) > 0.95  # some relus lie on the other side of 0
    assert gradients[1].norm().item() == pytest.approx(gradients[0].norm().item(), rel=0.05)


def test_order_matters(model: MaskedLM) -> None:
    ids = tokens(1, 12)
    assert not torch.allclose(model.encode(ids).flip(1), model.encode(ids.flip(1)), atol=0.1)


@pytest.mark.slow
@settings(max_examples=25)
@given(cuts=st.lists(st.integers(1, 9), min_size=1, max_size=5), seed=st.integers(0, 99))
def test_any_packing_gives_the_same_states(cuts: list[int], seed: int) -> None:
    model = build("softmax_plus")
    samples = [tokens(1, length, seed=seed + i) for i, length in enumerate(cuts)]
    segments = torch.repeat_interleave(torch.arange(1, len(cuts) + 1), torch.tensor(cuts))[None]
    packed = model.encode(torch.cat(samples, 1), segments)
    torch.testing.assert_close(packed, torch.cat([model.encode(s) for s in samples], 1), **EXACT)
