"""Counts and formulas of the comparison, against the paper's table and against what torch counts."""

from dataclasses import replace

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from gaupt.bench.contestants import (
    classifier_parameters,
    contestants,
    forward_flops,
    head_flops,
    ours,
)
from gaupt.model.config import GAUConfig, ModelConfig, RoFormerConfig
from gaupt.model.family import masked_lm

GAU = GAUConfig()
V1 = RoFormerConfig(version=1, vocab_size=50_000, max_length=1536)
V2 = RoFormerConfig(version=2)


@pytest.mark.parametrize(
    ("config", "published"), [(GAU, 96_519_170), (V2, 94_777_090), (V1, 124_147_970)], ids=["GAU", "V2", "V1"]
)
def test_parameters_are_those_of_the_papers_table(config: ModelConfig, published: int) -> None:
    assert classifier_parameters(ours("", config)) == published


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


def test_bench_counts_each_with_its_published_vocabulary() -> None:
    counted = {
        c.name: classifier_parameters(c) for c in contestants(layers=24, vocab_size=12_000, longest=2048)
    }
    assert counted["GAU-24"] == 96_519_170
    assert counted["RoFormerV1-12"] == 124_147_970
    assert counted["RoFormerV2-12"] == 94_777_090
    if "transformers RoFormerV1-12" in counted:
        assert counted["transformers RoFormerV1-12"] == 124_147_970
        assert counted["transformers BERT-12"] == 102_269_186


def test_transformers_models_take_part_where_it_is_installed() -> None:
    pytest.importorskip("transformers")
    names = [contestant.name for contestant in contestants(layers=2, vocab_size=100, longest=32)]
    assert "transformers RoFormerV1-1" in names and "transformers BERT-1" in names
