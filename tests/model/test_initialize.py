"""Realised standard deviations at the paper's size, as measured of the references."""

from dataclasses import replace

import pytest
import torch

from gaupt.model.config import GAUConfig, RoFormerConfig
from gaupt.model.gau import GAU
from gaupt.model.initialize import initialize
from gaupt.model.roformer import RoFormer

BASE = GAUConfig(num_layers=24, vocab_size=3000)


def _layer(config: GAUConfig) -> tuple[float, float, float]:
    """Standard deviations of W_i, W_o and the embedding, from one layer drawn as if of 24."""
    torch.manual_seed(0)
    model = GAU(replace(config, num_layers=1))
    model.apply(lambda module: initialize(module, config))
    weights = (model.layers[0].expand.weight, model.layers[0].contract.weight, model.token_embedding.weight)
    return tuple(weight.std().item() for weight in weights)  # type: ignore[return-value]


@pytest.mark.slow
@pytest.mark.option("model.init")
@pytest.mark.parametrize(
    ("init", "expected"),
    [
        ("gau_alpha", (0.0125, 0.0088, 0.0125)),
        ("paper", (0.0041, 0.0084, 0.0084)),
        ("fixed", (0.02, 0.02, 0.02)),
    ],
)
def test_standard_deviations_are_the_references(init: str, expected: tuple[float, float, float]) -> None:
    assert _layer(replace(BASE, init=init)) == pytest.approx(expected, rel=0.02)  # type: ignore[arg-type]


@pytest.mark.slow
def test_gau_alpha_weights_are_cut_at_two_deviations() -> None:
    weight = GAU(replace(BASE, num_layers=1)).layers[0].expand.weight
    assert weight.abs().max() <= 2 * 1.13684723 / 768**0.5


@pytest.mark.slow
def test_scales_start_at_one_and_biases_at_zero() -> None:
    layer = GAU(replace(BASE, num_layers=1)).layers[0]
    assert torch.equal(layer.query_scale, torch.ones(128)) and torch.equal(layer.key_scale, torch.ones(128))
    roformer = RoFormer(RoFormerConfig(version=1, num_layers=1, vocab_size=100)).layers[0]
    assert not roformer.query.bias.any() and not roformer.contract.bias.any()
    assert roformer.query.weight.std().item() == pytest.approx(0.02, rel=0.02)
