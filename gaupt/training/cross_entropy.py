"""Cross entropy over a large vocabulary, a chunk of positions at a time: logits are never held whole."""

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

CHUNK = 2_048
"""Positions whose logits are held at once: 100 MB in float32 for a vocabulary of 12,000."""
IGNORED = -100
"""The label of a position that does not count."""


class CrossEntropy(NamedTuple):
    """What comes of the logits of m positions."""

    total: Tensor
    """Summed cross entropy in nats, float32; the one with a gradient."""
    losses: Tensor
    """Of each position, 0 where its label is IGNORED: float32 [m]."""
    hits: Tensor
    """Whether the label has the highest logit: bool [m]."""


def cross_entropy(
    states: Tensor, embedding: Tensor, bias: Tensor | None, labels: Tensor, precision: torch.dtype
) -> CrossEntropy:
    """Cross entropy of logits = states · embeddingᵀ + bias against ``labels``.

    The gradient is computed beside the loss, chunk by chunk, and kept in place of the logits: the same products as
    keeping them, and no memory that grows with m times the vocabulary.

    Args:
        states: [m, d].
        embedding: [vocab, d].
        bias: [vocab] or None.
        labels: int64 [m], IGNORED where nothing counts.
        precision: the number format of the matrix products; softmax and sums are in float32.
    """
    return CrossEntropy(*_CrossEntropy.apply(states, embedding, bias, labels, precision))  # type: ignore[no-untyped-call]


class _CrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        states: Tensor,
        embedding: Tensor,
        bias: Tensor | None,
        labels: Tensor,
        precision: torch.dtype,
    ) -> tuple[Tensor, Tensor, Tensor]:
        rows, table = states.to(precision), embedding.to(precision)
        added = None if bias is None else bias.to(precision)
        learned = any(ctx.needs_input_grad)
        losses = torch.empty(len(rows), device=rows.device)
        hits = torch.empty(len(rows), dtype=torch.bool, device=rows.device)
        of_states = torch.empty_like(rows) if learned else None
        of_embedding = torch.zeros_like(embedding) if learned else None
        of_bias = torch.zeros_like(bias) if learned and bias is not None else None
        for start in range(0, len(rows), CHUNK):
            part = slice(start, start + CHUNK)
            logits = functional.linear(rows[part], table, added)  # [chunk, vocab]
            counts = (labels[part] != IGNORED).float()  # [chunk]
            places = labels[part].clamp(min=0)[:, None]
            shares = functional.softmax(logits, -1, dtype=torch.float32)
            top, best = logits.max(-1, keepdim=True)
            hits[part] = best[:, 0] == labels[part]
            # log Σ exp of the logits, from the largest share: it is at least 1 / vocab, so its logarithm is exact.
            whole = top.float() - shares.gather(1, best).log()
            losses[part] = (whole - logits.gather(1, places).float())[:, 0] * counts
            if of_states is None or of_embedding is None:
                continue
            slope = shares  # of the logits: p - 1 at the label, p elsewhere; positions that do not count are below
            slope.scatter_add_(1, places, slope.new_full((), -1.0).expand(places.shape))
            if of_bias is not None:
                of_bias += counts @ slope
            slope, kept = slope.to(precision), counts[:, None].to(precision)
            of_states[part] = (slope @ table) * kept
            if precision == of_embedding.dtype:
                of_embedding.addmm_(slope.mT, rows[part] * kept)
            else:
                of_embedding += slope.mT @ (rows[part] * kept)
        ctx.save_for_backward(of_states, of_embedding, of_bias)
        ctx.kind = states.dtype
        ctx.mark_non_differentiable(losses, hits)
        return losses.sum(), losses, hits

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor, *_: Any) -> tuple[Tensor | None, ...]:
        of_states, of_embedding, of_bias = ctx.saved_tensors
        bias = None if of_bias is None else of_bias * slope
        return (of_states * slope).to(ctx.kind), of_embedding * slope, bias, None, None
