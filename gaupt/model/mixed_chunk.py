"""Mixed chunk attention of FLASH (arXiv:2202.10447, section 3.2), not causal: cost linear in the length.

    out_i = Σ_{j in chunk of i} A_ij v_j  +  1/(l √s) q̂_i Σ_{j in segment of i} k̂_j v_jᵀ

Inside a chunk of C tokens attention is the quadratic one, with the model's normalization and l the tokens of
the segment inside the chunk. Across chunks it is linear, with queries and keys of its own from the same z.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from gaupt.model.attention import attend
from gaupt.model.segments import additive_mask, segment_lengths


class Chunks(NamedTuple):
    """How rows [b, n] fall into chunks and segments; n is a multiple of ``size``."""

    size: int
    """C."""
    mask: Tensor | None
    """[b n/C, C, C], added to the scores inside chunks; None: one segment a row, no padding."""
    lengths: Tensor | None
    """Tokens of each token's segment inside its chunk [b, n]; None: C everywhere."""
    owners: Tensor | None
    """1/l where a token of a segment with l tokens stands, else 0: [b, segments, n, 1]; None: 1/n everywhere."""


def pad_to_chunks(input_ids: Tensor, segment_ids: Tensor | None, size: int) -> tuple[Tensor, Tensor | None]:
    """Append padding so that the length [b, n] is a multiple of ``size``."""
    missing = -input_ids.shape[1] % size
    if missing == 0:
        return input_ids, segment_ids
    segment_ids = torch.ones_like(input_ids) if segment_ids is None else segment_ids
    return functional.pad(input_ids, (0, missing)), functional.pad(segment_ids, (0, missing))


def cut_chunks(segment_ids: Tensor | None, size: int) -> Chunks:
    """The chunks of rows with these segments."""
    if segment_ids is None:
        return Chunks(size, None, None, None)
    b, n = segment_ids.shape
    # Inside a chunk any ids up to C do; renumbered, since a row's may go up to n.
    local = segment_ids.reshape(-1, size)
    equal = local[:, :, None] == local[:, None, :]  # [b n/C, C, C]
    lengths = equal.sum(-1).view(b, n)
    ids = torch.arange(1, int(segment_ids.max()) + 1, device=segment_ids.device)
    own = segment_ids[:, None, :] == ids[:, None]  # [b, segments, n]
    owners = own / segment_lengths(segment_ids)[:, None, :]
    return Chunks(size, additive_mask(local), lengths, owners[..., None])


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
    if chunks.owners is None:
        return out + torch.bmm(q / v.shape[1], torch.bmm(k.transpose(1, 2), v))
    for own in chunks.owners.unbind(1):  # [b, n, 1]; one round a segment
        summed = torch.bmm((k * (own > 0)).transpose(1, 2), v)  # [b, s, e]
        out = out + torch.bmm(q * own, summed)
    return out
