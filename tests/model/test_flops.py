"""The formulas, against what torch counts."""

from dataclasses import replace

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from gaupt.model.config import GAUConfig, ModelConfig, RoFormerConfig
from gaupt.model.family import masked_lm
from gaupt.model.flops import forward_flops, head_flops, training_flops

GAU = GAUConfig()
V1 = RoFormerConfig(version=1, vocab_size=50_000, max_length=1536)
V2 = RoFormerConfig(version=2)


@pytest.mark.slow
@pytest.mark.parametrize("config", [GAU, V1, V2], ids=["GAU", "V1", "V2"])
@pytest.mark.parametrize("length", [64, 256])
def test_the_formula_is_what_torch_counts(config: ModelConfig, length: int) -> None:
    config = replace(config, num_layers=2, vocab_size=1000)
    model = masked_lm(config).eval()
    counter = FlopCounterMode(display=False)
    # The counter knows the plain products of attention, not the CPU's fused kernel.
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), counter:
        model(torch.ones(1, length, dtype=torch.long))
    assert counter.get_total_flops() == length * (forward_flops(config, length) + head_flops(config))


def test_mixed_chunks_cost_as_much_for_each_token_however_long_the_text() -> None:
    config = replace(GAU, attention="mixed_chunk")
    assert forward_flops(config, 16_384) == forward_flops(config, 1024) < forward_flops(GAU, 1024)


@pytest.mark.slow
@pytest.mark.parametrize("config", [GAU, V2], ids=["GAU", "V2"])
def test_training_is_three_times_the_forward_pass(config: ModelConfig) -> None:
    config = replace(config, num_layers=2, vocab_size=1000)
    model = masked_lm(config)
    counter = FlopCounterMode(display=False)
    with sdpa_kernel(SDPBackend.MATH), counter:
        model(torch.ones(1, 64, dtype=torch.long), positions=torch.arange(10)).sum().backward()
    assert counter.get_total_flops() == training_flops(config, 64, tokens=64, predicted=10)
