"""Mixed chunk attention of FLASH (arXiv:2202.10447, section 3.2), not causal: cost linear in the length.

    out_i = Σ_{j in chunk of i} A_ij v_j  +  1/(l √s) q̂_i Σ_{j in segment of i} k̂_j v_jᵀ

Inside a chunk of C tokens attention is the quadratic one, with the model's normalization and l the tokens of
the segment inside the chunk. Across chunks it is linear, with queries and keys of its own from the same z.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from gaupt.model.attention import attend
from gaupt.model.segments import additive_mask, as_mask, same_segment, segment_lengths


class Segments(NamedTuple):
    """The segments of all rows [b, n] one after another, each row's padding after its last."""

    sizes: list[int]
    """Tokens of each."""
    order: Tensor | None
    """Flat places of their tokens [b n]; None: they lie in this order already, as packing leaves them."""
    share: Tensor
    """1/l for the l tokens of a segment, 0 for padding: [b n, 1], in this order."""


class Chunks(NamedTuple):
    """How rows [b, n] fall into chunks and segments; n is a multiple of ``size``."""

    size: int
    """C, or n where a mask keeps the chunks of a row apart."""
    mask: Tensor | None
    """[b n/C, C, C], added to the scores inside chunks; None: one segment a row, no padding."""
    lengths: Tensor | None
    """Tokens of each token's segment inside its chunk [b, n]; None: C everywhere."""
    segments: Segments | Tensor | None
    """Or 1/l where a query sees a key, l the tokens of their segment, else 0: [b, n, n]. None: one segment a row."""


def cut_chunks(segment_ids: Tensor | None, size: int) -> Chunks:
    """The chunks of rows with these segments."""
    if segment_ids is None:
        return Chunks(size, None, None, None)
    b, n = segment_ids.shape
    # Inside a chunk any ids up to C do; renumbered, since a row's may go up to n.
    local = segment_ids.reshape(-1, size)
    equal = local[:, :, None] == local[:, None, :]  # [b n/C, C, C]
    lengths = equal.sum(-1).view(b, n)
    return Chunks(size, additive_mask(local), lengths, _segments(segment_ids))


def mask_chunks(segment_ids: Tensor, size: int) -> Chunks:
    """The same for rows of any length n, by masks alone: at a quadratic cost, nothing depends on what stands in a row.

    That is what ``torch.export`` asks, whose graph serves all rows and lengths.
    """
    n = segment_ids.shape[1]
    same = same_segment(segment_ids)
    number = torch.arange(n, device=segment_ids.device) // size
    near = same & (number[:, None] == number)  # [b, n, n]
    return Chunks(n, as_mask(near), near.sum(-1), same * _shares(segment_ids)[..., None])


def _segments(segment_ids: Tensor) -> Segments:
    b, n = segment_ids.shape
    ids = torch.where(segment_ids == 0, n + 1, segment_ids.long())
    ids = (ids + (n + 2) * torch.arange(b, device=ids.device)[:, None]).flatten()
    share = _shares(segment_ids).view(-1, 1)
    order = ids.argsort(stable=True)
    counts = ids.bincount()
    sizes = counts[counts > 0].tolist()
    if torch.equal(order, torch.arange(b * n, device=order.device)):
        return Segments(sizes, None, share)
    return Segments(sizes, order, share[order])


def _shares(segment_ids: Tensor) -> Tensor:
    """1/l for the l tokens of a segment, 0 for padding: [b, n]."""
    return (segment_ids > 0) / segment_lengths(segment_ids)


def attend_mixed(
    local: tuple[Tensor, Tensor],
    across: tuple[Tensor, Tensor],
    v: Tensor,
    chunks: Chunks,
    normalization: str,
    dropout_rate: float,
) -> Tensor:
    """The two sums above.

    Args:
        local: q and k [b, n, s], the score scale in q.
        across: q̂ and k̂ [b, n, s], 1/√s in q̂.
        v: [b, n, e].

    Returns:
        [b, n, e].
    """
    size = chunks.size
    q, k, values = (x.reshape(-1, size, x.shape[-1]) for x in (*local, v))  # [b n/C, C, ·]
    out = attend(q, k, values, chunks.mask, normalization, dropout_rate).view_as(v)
    q, k = across
    if chunks.segments is None:
        return out + torch.bmm(q / v.shape[1], torch.bmm(k.transpose(1, 2), v))
    if isinstance(chunks.segments, Tensor):
        return out + torch.bmm((torch.bmm(q, k.transpose(1, 2)) * chunks.segments).to(v.dtype), v)
    # It loads torch's compiler: a second that who has other models, or rows of one segment, need not wait.
    from gaupt.model.across_chunks import attend_across

    far: Tensor = attend_across(q, k, v, *chunks.segments)
    return out + far
