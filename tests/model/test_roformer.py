"""The RoFormers in float64, one number after another, against ours."""

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from gaupt.model.config import RoFormerConfig
from gaupt.model.family import masked_lm
from gaupt.model.masked_lm import MaskedLM
from gaupt.model.roformer import RMSNorm, RoFormer, head_size, roformer_head
from gaupt.model.rotary import rotary_angles

BASE = RoFormerConfig(
    version=1, vocab_size=31, hidden_size=12, num_layers=2, num_heads=3, feedforward_size=20, type_vocab_size=3,
    max_length=16, norm_eps=1e-2, dropout=0.0,
)  # fmt: skip
LENGTHS = (7, 1, 4)


def plain(model: MaskedLM, ids: list[int], types: list[int]) -> Tensor:
    """Logits [n, vocab] of one sample without padding, head by head and token by token."""
    config, w = model.config, {name: p.detach().double() for name, p in model.named_parameters()}
    assert isinstance(config, RoFormerConfig)
    first, heads, size, n = config.version == 1, config.num_heads, head_size(config), len(ids)

    def norm(x: Tensor, name: str) -> Tensor:
        if first:
            scaled = (x - x.mean()) / (x.var(unbiased=False) + config.norm_eps) ** 0.5
            return scaled * w[f"{name}.weight"] + w[f"{name}.bias"]
        return x / ((x * x).mean() + config.norm_eps) ** 0.5

    def linear(x: Tensor, name: str) -> Tensor:
        return w[f"{name}.weight"] @ x + (w[f"{name}.bias"] if first else 0.0)

    def gelu(x: Tensor) -> Tensor:
        return x * (1 + torch.erf(x / math.sqrt(2))) / 2

    def turn(x: Tensor, position: int) -> Tensor:
        out = x.clone()
        for i in range(size // 2):
            angle = position * 10000 ** (-2 * i / size)
            out[2 * i] = x[2 * i] * math.cos(angle) - x[2 * i + 1] * math.sin(angle)
            out[2 * i + 1] = x[2 * i + 1] * math.cos(angle) + x[2 * i] * math.sin(angle)
        return out

    embedding, type_embedding = w["encoder.token_embedding.weight"], w["encoder.type_embedding.weight"]
    x = [norm(embedding[t] + type_embedding[k], "encoder.norm") for t, k in zip(ids, types, strict=True)]
    for layer in range(config.num_layers):
        p = f"encoder.layers.{layer}"
        q, k, v = (
            [linear(row, f"{p}.{name}").view(heads, size) for row in x] for name in ("query", "key", "value")
        )
        new = []
        for i in range(n):
            mixed = []
            for h in range(heads):
                scores = torch.stack(
                    [turn(q[i][h], i) @ turn(k[j][h], j) / math.sqrt(size) for j in range(n)]
                )
                weights = scores.exp() / scores.exp().sum()
                mixed.append(sum((weights[j] * v[j][h] for j in range(n)), torch.zeros(size).double()))
            row = norm(x[i] + linear(torch.cat(mixed), f"{p}.attention_out"), f"{p}.attention_norm")
            hidden = linear(row, f"{p}.expand")
            hidden = gelu(hidden) if first else hidden.clamp(min=0)
            new.append(norm(row + linear(hidden, f"{p}.contract"), f"{p}.feedforward_norm"))
        x = new
    if first:
        x = [norm(gelu(linear(row, "head.transform.0")), "head.transform.2") for row in x]
    return torch.stack([embedding @ row + (w["head.bias"] if first else 0.0) for row in x])


@pytest.mark.slow
@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("packed", [False, True], ids=["padded", "packed"])
def test_logits_are_those_of_the_equations(version: int, packed: bool) -> None:
    torch.manual_seed(0)
    model = masked_lm(replace(BASE, version=version)).eval()  # type: ignore[arg-type]
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.5)
    samples = [(torch.randint(0, 31, (n,)), torch.randint(0, 3, (n,))) for n in LENGTHS]
    if packed:
        ids, types = (torch.cat([sample[i] for sample in samples])[None] for i in (0, 1))
        segments = torch.repeat_interleave(torch.arange(1, 4), torch.tensor(LENGTHS))[None]
    else:
        ids, types = (
            nn.utils.rnn.pad_sequence([sample[i] for sample in samples], batch_first=True) for i in (0, 1)
        )
        segments = (torch.arange(max(LENGTHS)) < torch.tensor(LENGTHS)[:, None]).long()
    with torch.inference_mode():
        logits = model(ids, segments, types)[segments > 0]
    expected = torch.cat([plain(model, i.tolist(), t.tolist()) for i, t in samples])
    assert (logits - expected).abs().max() < 1e-5 * expected.abs().max()


@pytest.mark.option("model.rotary_table")
def test_a_stored_table_is_used_where_the_config_says_so() -> None:
    torch.manual_seed(0)
    encoder = RoFormer(replace(BASE, rotary_table=True)).eval()
    for layer in encoder.layers:
        layer.query.weight.data *= 50  # attention must matter
        layer.key.weight.data *= 50
        layer.value.weight.data *= 50
    ids = torch.arange(9)[None]
    cos, sin = rotary_angles(16, 4, torch.device("cpu"))
    torch.testing.assert_close(encoder.rotary_table.data, torch.cat((sin, cos), -1))
    by_formula = RoFormer(BASE).eval()
    by_formula.load_state_dict({n: t for n, t in encoder.state_dict().items() if n != "rotary_table"})
    torch.testing.assert_close(encoder(ids), by_formula(ids))
    encoder.rotary_table.data += 0.5
    assert not torch.allclose(encoder(ids), by_formula(ids), atol=1e-3)
    assert not encoder.rotary_table.requires_grad


@pytest.mark.option("model.max_length")
def test_a_stored_table_ends_and_the_formula_does_not() -> None:
    table, formula = RoFormer(replace(BASE, rotary_table=True)), RoFormer(BASE)
    assert table(torch.ones(1, 16, dtype=torch.long)).shape == (1, 16, 12)
    with pytest.raises(ValueError, match="input of 17 tokens, but the rotary table ends at 16"):
        table(torch.ones(1, 17, dtype=torch.long))
    assert formula(torch.ones(1, 17, dtype=torch.long)).shape == (1, 17, 12)


def test_version_1_has_biases_gains_and_a_transform_and_version_2_none() -> None:
    first, second = (masked_lm(replace(BASE, version=version)) for version in (1, 2))  # type: ignore[arg-type]
    vectors = [name for name, p in first.named_parameters() if p.dim() == 1]
    assert len(vectors) == 2 * (6 + 2 + 2) + 2 + 3 + 1  # layers, embedding norm, transform, bias
    assert all(parameter.dim() == 2 for parameter in second.parameters())
    assert second.head.transform is None and second.head.bias is None
    assert roformer_head(BASE).transform is not None


def test_a_norm_is_told_by_the_version() -> None:
    assert isinstance(RoFormer(BASE).norm, nn.LayerNorm)
    norm = RoFormer(replace(BASE, version=2)).norm
    assert isinstance(norm, RMSNorm) and norm.eps == 1e-2
