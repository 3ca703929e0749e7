"""The plain GAU of benchmarks/seed_style.py is the same function as ours, or the comparison says nothing."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
import torch

from gaupt.model.config import GAUConfig
from gaupt.model.family import masked_lm

CONFIG = GAUConfig(vocab_size=50, hidden_size=24, num_layers=3, expanded_size=32, key_size=8)


@pytest.fixture
def script() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "seed_style.py"
    spec = importlib.util.spec_from_file_location("seed_style", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_both_ways_give_the_same_loss_and_see_the_same_tokens(script: ModuleType) -> None:
    torch.manual_seed(0)
    ours, plain = masked_lm(CONFIG).eval(), script.PlainGAU(CONFIG).eval()
    with torch.no_grad():
        plain.embedding.weight.copy_(ours.encoder.token_embedding.weight)
        plain.types.weight.copy_(ours.encoder.type_embedding.weight)
        for mine, other in zip(ours.encoder.layers, plain.layers, strict=True):
            other.i_dense.weight.copy_(mine.expand.weight * 20)
            mine.expand.weight.mul_(20)
            other.o_dense.weight.copy_(mine.contract.weight)
            mine.query_scale.normal_()
            mine.key_scale.normal_()
            other.gamma.copy_(torch.stack((mine.query_scale, mine.key_scale)))
    ids = torch.randint(5, 50, (2, 20))
    segments = torch.tensor([[1] * 9 + [2] * 4 + [3] * 7, [1] * 16 + [2] * 2 + [0] * 2])
    labels = torch.where((torch.rand(2, 20) < 0.4) & (segments > 0), ids, -100)
    positions = (labels.flatten() >= 0).nonzero()[:, 0]
    logits = ours(ids, segments, positions=positions)
    expected = torch.nn.functional.cross_entropy(logits, labels.flatten()[positions], reduction="sum")
    total, seen = 0.0, 0
    for rows, mask, wanted in script.unpack(ids, segments, labels, 0, rows=3):
        out = plain(rows, mask).flatten(0, 1)
        total += torch.nn.functional.cross_entropy(out, wanted.flatten(), reduction="sum").item()
        seen += int(mask.sum())
    assert seen == int((segments > 0).sum())
    assert total == pytest.approx(expected.item(), rel=1e-4)
