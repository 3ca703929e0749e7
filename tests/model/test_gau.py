"""The GAU of the specification in float64, one number after another, against ours: options the parity cases lack."""

import itertools
import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from gaupt.model.config import GAUConfig
from gaupt.model.family import masked_lm
from gaupt.model.gau import score_scale
from gaupt.model.masked_lm import MaskedLM
from tests.model.small import FAMILY, build, tokens

BASE = GAUConfig(
    vocab_size=53,
    hidden_size=20,
    num_layers=5,
    expanded_size=28,
    key_size=10,
    type_vocab_size=4,
    norm_eps=1e-2,
    dropout=0.0,
)
LENGTHS = (9, 1, 6)


def plain(model: MaskedLM, ids: list[int], types: list[int], start: int = 0) -> Tensor:
    """Logits [n, vocab] of one sample that begins at ``start`` of its row, token by token."""
    config, w = model.config, {name: p.detach().double() for name, p in model.named_parameters()}
    assert isinstance(config, GAUConfig)
    d, e, s, n = config.hidden_size, config.expanded_size, config.key_size, len(ids)

    def norm(x: Tensor) -> Tensor:
        return x / ((x * x).sum() / d + config.norm_eps) ** 0.5

    def turn(x: Tensor, position: int) -> Tensor:
        out = x.clone()
        for i in range(s // 2):
            angle = position * 10000 ** (-2 * i / s)
            out[2 * i] = x[2 * i] * math.cos(angle) - x[2 * i + 1] * math.sin(angle)
            out[2 * i + 1] = x[2 * i + 1] * math.cos(angle) + x[2 * i] * math.sin(angle)
        return out

    def scaled(hidden: list[Tensor], scale: Tensor) -> list[Tensor]:
        return [turn(h[2 * e :] * scale, i) for i, h in enumerate(hidden)]

    embedding, type_embedding = w["encoder.token_embedding.weight"], w["encoder.type_embedding.weight"]
    x = [norm(embedding[t] + type_embedding[k]) for t, k in zip(ids, types, strict=True)]
    for layer in range(config.num_layers):
        p = f"encoder.layers.{layer}."
        hidden = [w[f"{p}expand.weight"] @ row for row in x]
        hidden = [h / (1 + (-h).exp()) for h in hidden]
        q, k = (scaled(hidden, w[f"{p}{name}_scale"]) for name in ("query", "key"))
        mixed_chunk = config.attention == "mixed_chunk"
        if mixed_chunk:
            far_q, far_k = (scaled(hidden, w[f"{p}across_{name}_scale"]) for name in ("query", "key"))
        new = []
        for i in range(n):
            near = [
                j
                for j in range(n)
                if not mixed_chunk or (start + i) // config.chunk_size == (start + j) // config.chunk_size
            ]
            l = len(near)  # noqa: E741 (the equation's name)
            a = torch.stack([q[i] @ k[j] / math.sqrt(s) for j in near])
            if config.normalization == "squared_relu":
                a = a.clamp(min=0)
                weights = {"n^2": (a / l) ** 2, "ns": a**2 / (128 * l), "n": a**2 / l}[config.relu_scaling]
            else:
                scale = math.log(l) / math.log(512) if config.normalization == "softmax_plus" else 1.0
                weights = (a * scale).exp() / (a * scale).exp().sum()
            mixed = torch.zeros(e).double()
            for weight, j in zip(weights, near, strict=True):
                mixed += weight * hidden[j][e : 2 * e]
            for j in range(n if mixed_chunk else 0):
                mixed += far_q[i] @ far_k[j] / (n * math.sqrt(s)) * hidden[j][e : 2 * e]
            new.append(norm(x[i] + w[f"{p}contract.weight"] @ (hidden[i][:e] * mixed)))
        x = new
    return torch.stack([embedding @ row for row in x])


@pytest.mark.slow
@pytest.mark.parametrize(
    "choice",
    [
        {"normalization": "softmax_plus"},
        {"normalization": "softmax"},
        *({"normalization": "squared_relu", "relu_scaling": scaling} for scaling in ("n^2", "ns", "n")),
        # Rows of 9 or 16 tokens in chunks: with a rest, as long as one, shorter than one.
        *({"attention": "mixed_chunk", "chunk_size": size} for size in (5, 16, 17)),
        {"attention": "mixed_chunk", "chunk_size": 5, "normalization": "squared_relu"},
    ],
    ids=lambda choice: "-".join(map(str, choice.values())),
)
@pytest.mark.parametrize("packed", [False, True], ids=["padded", "packed"])
def test_logits_are_those_of_the_equations(choice: dict[str, object], packed: bool) -> None:
    torch.manual_seed(0)
    model = masked_lm(replace(BASE, **choice)).eval()  # type: ignore[arg-type]
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.5)
    samples = [(torch.randint(0, 53, (n,)), torch.randint(0, 4, (n,))) for n in LENGTHS]
    if packed:
        ids, types = (torch.cat([sample[i] for sample in samples])[None] for i in (0, 1))
        segments = torch.repeat_interleave(torch.arange(1, 4), torch.tensor(LENGTHS))[None]
    else:
        ids, types = (
            torch.nn.utils.rnn.pad_sequence([sample[i] for sample in samples], batch_first=True)
            for i in (0, 1)
        )
        segments = (torch.arange(max(LENGTHS)) < torch.tensor(LENGTHS)[:, None]).long()
    with torch.inference_mode():
        logits = model(ids, segments, types)[segments > 0]
        states = model.encode(ids, segments, types)
        firsts = {n: model.encoder(ids, segments, types, states=n) for n in (1, 4, ids.shape[1])}
    starts = (0, *itertools.accumulate(LENGTHS)) if packed else (0, 0, 0)
    expected = torch.cat(
        [plain(model, i.tolist(), t.tolist(), start) for (i, t), start in zip(samples, starts, strict=False)]
    )
    assert (logits - expected).abs().max() < 1e-5 * expected.abs().max()
    for n, first in firsts.items():  # of whatever is computed less of
        torch.testing.assert_close(first, states[:, :n], atol=1e-5, rtol=1e-4)


LENGTHS_OF_SCALES = torch.tensor([[1, 2, 9, 16, 512, 4096]])


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({"normalization": "softmax"}, lambda n: 1 / math.sqrt(10)),
        ({"normalization": "softmax_plus"}, lambda n: math.log(n) / math.log(512) / math.sqrt(10)),
        (
            {"normalization": "softmax_plus", "length_floor": 16},
            lambda n: math.log(max(n, 16)) / math.log(512) / math.sqrt(10),
        ),
        ({"normalization": "softmax", "length_floor": 16}, lambda n: 1 / math.sqrt(10)),
        ({"normalization": "squared_relu", "relu_scaling": "n^2"}, lambda n: 1 / (n * math.sqrt(10))),
        ({"normalization": "squared_relu", "relu_scaling": "ns"}, lambda n: 1 / math.sqrt(10 * 128 * n)),
        ({"normalization": "squared_relu", "relu_scaling": "n"}, lambda n: 1 / math.sqrt(10 * n)),
    ],
)
def test_scores_are_scaled_by_the_length_of_the_querys_segment(
    choice: dict[str, object], expected: Callable[[int], float]
) -> None:
    scale = score_scale(LENGTHS_OF_SCALES, replace(BASE, max_length=99, **choice))  # type: ignore[arg-type]
    torch.testing.assert_close(scale[0], torch.tensor([expected(n) for n in LENGTHS_OF_SCALES[0].tolist()]))


@pytest.mark.parametrize("packed", [False, True], ids=["whole", "packed"])
def test_a_segment_shorter_than_the_length_floor_attends_as_if_it_were_as_long(packed: bool) -> None:
    """Documented of `model.length_floor`: softmax_plus takes lengths below it as it."""
    models = {}
    for floor in (1, 9, 10, 16):
        models[floor] = masked_lm(replace(FAMILY["softmax_plus"], length_floor=floor)).eval()  # type: ignore[call-arg]
        models[floor].load_state_dict(build("softmax_plus").state_dict())
    ids = tokens(1, 18) if packed else tokens(1, 9)
    segments = torch.tensor([[1] * 9 + [2] * 9]) if packed else None
    states = {floor: model.encode(ids, segments) for floor, model in models.items()}
    torch.testing.assert_close(states[9], states[1], atol=0, rtol=0)
    for floor in (10, 16):
        assert (states[floor] - states[1]).abs().max() > 1e-3


def test_a_layer_has_no_bias_and_the_encoder_no_final_norm() -> None:
    names = {name for name, _ in build("softmax_plus", layers=1).encoder.named_parameters()}
    layer = {f"layers.0.{name}" for name in ("expand.weight", "contract.weight", "query_scale", "key_scale")}
    assert names == layer | {"token_embedding.weight", "type_embedding.weight"}


def test_dropout_falls_on_embeddings_on_weights_and_on_the_layers_output() -> None:
    """With one of the three left alone, training still differs from evaluation."""
    ids = tokens(1, 9)
    for keep in ("embeddings", "weights", "output"):
        model = build("softmax_plus", layers=1)
        layer = model.encoder.layers[0]
        model.encoder.dropout.rate = 0.5 if keep == "embeddings" else 0.0
        layer.dropout.rate = 0.5 if keep == "output" else 0.0
        layer.weights_dropout = 0.5 if keep == "weights" else 0.0
        exact = model.encode(ids)
        torch.manual_seed(0)
        assert not torch.equal(model.train().encode(ids), exact), keep
        assert torch.equal(model.eval().encode(ids), exact), keep
