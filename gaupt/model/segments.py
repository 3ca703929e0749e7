"""Segments: which tokens of a row belong together.

``segment_ids`` [b, n] is 0 for padding and 1, 2, 3, … (at most n) for the samples packed into a row; tokens
attend to the tokens of their own segment only. An ordinary 0/1 attention mask is a valid ``segment_ids``.
Padding attends to padding: every row of attention weights has at least one key (itself), so a row of
nothing but padding gives finite numbers like any other, without a special case.

Packed rows need no position reset: rotary positions enter attention only as differences m - n, and those
are the same inside a segment wherever it starts.
"""

import torch
from torch import Tensor


def is_exporting() -> bool:
    """Whether ``torch.export`` makes a graph, whose shape may hang on no value. Always False before torch 2.7."""
    return getattr(torch.compiler, "is_exporting", bool)()


def same_segment(segment_ids: Tensor) -> Tensor:
    """True where query i may see key j: bool [b, n, n] from ``segment_ids`` [b, n]."""
    return segment_ids[:, :, None] == segment_ids[:, None, :]


def segment_lengths(segment_ids: Tensor) -> Tensor:
    """Tokens in each token's own segment: int64 [b, n]. Linear in n."""
    b, n = segment_ids.shape
    ids = segment_ids.long()
    ones = torch.ones_like(ids)
    counts = torch.zeros(b, n + 1, dtype=torch.long, device=ids.device).scatter_add(1, ids, ones)
    return counts.gather(1, ids)


def additive_mask(segment_ids: Tensor) -> Tensor:
    """0 where attention is allowed, -inf elsewhere: float32 [b, n, n], to be added to the scores."""
    return as_mask(same_segment(segment_ids))


def as_mask(allowed: Tensor) -> Tensor:
    """``allowed``, bool of any shape, as what is added to scores: 0 or -inf."""
    return torch.where(allowed, torch.zeros((), device=allowed.device), float("-inf"))


def padding_last(segment_ids: Tensor) -> Tensor | None:
    """Places [b, n] that put each row's tokens first, in their order, and its padding behind them.

    None where it stands there already, which a graph cannot know.
    """
    padding = (segment_ids == 0).to(torch.uint8)
    if not is_exporting() and not bool((padding[:, :-1] > padding[:, 1:]).any()):
        return None
    return padding.sort(dim=1, stable=True).indices


def reordered(x: Tensor, order: Tensor) -> Tensor:
    """``x`` [b, n, d] with the states of each row at ``order`` [b, n]."""
    return x.gather(1, order[..., None].expand(-1, -1, x.shape[2]))
