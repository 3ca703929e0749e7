"""Mixed chunk attention against its formula, written with the full n × n weights."""

import math

import pytest
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from gaupt.model.mixed_chunk import attend_mixed, cut_chunks
from gaupt.model.segments import same_segment
from tests.model.small import build, tokens

ROWS = {
    "whole": None,
    "padded": torch.tensor([[1] * 12, [1] * 8 + [0] * 4]),
    "packed": torch.tensor([[1] * 3 + [2] * 9, [1] * 5 + [2] * 1 + [3] * 4 + [0] * 2]),
    "scattered": torch.tensor([[1, 2, 1, 0, 2, 2, 3, 1, 3, 0, 0, 1], [2] * 4 + [1] * 8]),
    "padding": torch.tensor([[0] * 12, [1] * 12]),
}


@pytest.mark.parametrize("normalization", ["softmax", "squared_relu"])
@pytest.mark.parametrize("segments", ROWS.values(), ids=ROWS)
def test_it_is_the_formula(segments: Tensor | None, normalization: str) -> None:
    torch.manual_seed(0)
    size, n = 4, 12
    q, k, across_q, across_k = (torch.randn(2, n, 8, requires_grad=True) for _ in range(4))
    v = torch.randn(2, n, 24, requires_grad=True)
    inputs = (q, k, across_q, across_k, v)
    out = attend_mixed((q, k), (across_q, across_k), v, cut_chunks(segments, size), normalization, 0.0)

    same = torch.ones(2, n, n, dtype=torch.bool) if segments is None else same_segment(segments)
    chunk = torch.arange(n) // size
    near = same & (chunk[:, None] == chunk[None, :])
    scores = (q @ k.transpose(1, 2)).masked_fill(~near, -math.inf)
    weights = scores.softmax(-1) if normalization == "softmax" else scores.relu() ** 2
    real = torch.ones(2, n) if segments is None else (segments > 0).float()
    far = same * real[:, :, None] / same.sum(-1, keepdim=True)
    expected = weights @ v + (far * (across_q @ across_k.transpose(1, 2))) @ v
    torch.testing.assert_close(out, expected, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(gradients(out, inputs), gradients(expected, inputs), atol=1e-4, rtol=1e-4)


def gradients(out: Tensor, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Those of a weighted sum of ``out``."""
    weights = torch.linspace(-1, 1, out.numel()).view_as(out)
    return torch.autograd.grad((out * weights).sum(), inputs)


@pytest.mark.slow
def test_packed_rows_cost_no_more_than_whole_ones() -> None:
    model = build("mixed_chunk")
    row = tokens(2, 60)
    packed = torch.repeat_interleave(torch.arange(1, 11), 6).expand(2, 60)
    counts = []
    for segments in (None, packed):
        with FlopCounterMode(display=False) as counter:
            model.encode(row, segments)
        counts.append(counter.get_total_flops())
    assert counts[0] == counts[1]


def test_tokens_of_other_chunks_are_seen() -> None:
    model = build("mixed_chunk")
    row = tokens(1, 18)
    changed = row.clone()
    changed[0, 17] = (row[0, 17] + 1) % 61
    assert not torch.allclose(model.encode(row)[0, 0], model.encode(changed)[0, 0], atol=1e-5)


@pytest.mark.parametrize("length", [5, 6, 13])
def test_any_length_runs_and_padding_to_whole_chunks_is_not_seen(length: int) -> None:
    model = build("mixed_chunk")
    row = tokens(2, length)
    mask = torch.ones_like(row)
    torch.testing.assert_close(model.encode(row, mask), model.encode(row), atol=1e-4, rtol=1e-4)
    assert model.encode(row).shape == (2, length, 32)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(torch.compiler, "is_exporting"), reason="torch before 2.7 does not tell")
@pytest.mark.parametrize(("masked", "strict"), [(True, True), (True, False), (False, False)])
def test_one_exported_graph_has_the_states_of_rows_of_every_length_and_packing(
    masked: bool, strict: bool
) -> None:
    model = build("mixed_chunk", layers=1)
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length")
    example = (tokens(2, 8), torch.ones(2, 8, dtype=torch.long))[: 1 + masked]
    shapes = ({0: batch, 1: length},) * len(example)
    graph = torch.export.export(model.encoder, example, dynamic_shapes=shapes, strict=strict).module()
    draws = torch.Generator().manual_seed(1)
    for rows, n in ((1, 3), (2, 6), (2, 7), (3, 12), (2, 20)):
        segments = torch.randint(0, 3, (rows, n), generator=draws)
        given = (tokens(rows, n), segments)[: 1 + masked]
        real = segments > 0 if masked else slice(None)
        torch.testing.assert_close(graph(*given)[real], model.encoder(*given)[real], atol=1e-5, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("length", [5, 12])
def test_rows_of_whole_chunks_without_a_mask_are_compiled_as_one_graph(length: int) -> None:
    model, rows = build("mixed_chunk", layers=1), tokens(2, length)
    compiled = torch.compile(model.encoder, fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(rows), model.encoder(rows), atol=1e-5, rtol=1e-5)
