"""The linear part of mixed chunk attention where rows hold several segments."""

import torch
from torch import Tensor


# Else torch.compile would make a graph of its own for each way to pack a row.
@torch.compiler.disable  # type: ignore[untyped-decorator]
def attend_across(
    q: Tensor, k: Tensor, v: Tensor, sizes: list[int], order: Tensor | None, share: Tensor
) -> Tensor:
    """The second sum of `gaupt.model.mixed_chunk`: as many products as segments, however many rows they share.

    Args:
        q, k: q̂ and k̂ [b, n, s], 1/√s in q̂.
        v: [b, n, e].
        sizes, order, share: as in `gaupt.model.mixed_chunk.Segments`.

    Returns:
        [b, n, e].
    """
    flat = [x.flatten(0, 1) for x in (q, k, v)]  # [b n, ·]
    if order is not None:
        flat = [x.index_select(0, order) for x in flat]
    flat[0] = (flat[0] * share).to(v.dtype)
    parts = zip(*(torch.split(x, sizes) for x in flat), strict=True)
    out = torch.cat([q_part @ (k_part.T @ v_part) for q_part, k_part, v_part in parts])  # [b n, e]
    if order is not None:
        out = torch.empty_like(out).index_copy(0, order, out)
    return out.view(v.shape)
