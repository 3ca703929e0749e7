"""Attention weights and their product with the values: one function, three ways to compute it.

reference   einsum in float32, the weights kept: the formula itself, which tests compare the others with.
dense       two batched matrix products around a softmax, the default. GAU has one head, so the weights
            [b, n, n] are 12 times smaller than BERT's; fused attention kernels want values as wide as the keys,
            and cutting v into e/s heads for them costs 1.85 times the products (1.6 times a training step on
            a CPU).
heads       that cut, through torch's scaled_dot_product_attention, which never holds the weights: for rows so
            long that they would not fit.
"""

import torch
from torch import Tensor
from torch.nn import functional

from gaupt.model.dropout import dropout

LARGE = 2**28
"""Weights of one call, b·m·n, from which they are not held in memory: 1 GiB in float32, in each layer."""


def attend(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, normalization: str, dropout_rate: float
) -> Tensor:
    """A v with A = softmax(q kᵀ + mask) or relu(q kᵀ + mask)²; the scale is in ``q`` already.

    Args:
        q: [b, m, s].
        k: [b, n, s].
        v: [b, n, e].
        mask: [b, m, n], 0 or -inf; None: no mask.
        normalization: "softmax", "softmax_plus" (they differ in the scale) or "squared_relu".
        dropout_rate: share of the weights set to 0.

    Returns:
        [b, m, e].
    """
    b, m, s = q.shape
    fits_heads = v.shape[-1] % s == 0 and normalization != "squared_relu"
    # The CPU's fused kernel has no dropout.
    if b * m * k.shape[1] >= LARGE and fits_heads and (q.is_cuda or dropout_rate == 0):
        return attend_by_heads(q, k, v, mask, dropout_rate)
    return attend_dense(q, k, v, mask, normalization, dropout_rate)


def attend_dense(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, normalization: str, dropout_rate: float
) -> Tensor:
    """`attend` with the weights in memory."""
    weights = attention_weights(q, k, mask, normalization).to(v.dtype)
    return torch.bmm(dropout(weights, dropout_rate, training=True), v)  # [b, m, e]


def attention_weights(q: Tensor, k: Tensor, mask: Tensor | None, normalization: str) -> Tensor:
    """A [b, m, n] of `attend`; a softmax is float32."""
    keys = k.transpose(1, 2)  # [b, s, n]
    scores = torch.bmm(q, keys) if mask is None else torch.baddbmm(mask.to(q.dtype), q, keys)  # [b, m, n]
    if normalization == "squared_relu":
        return functional.relu(scores).square()
    return torch.softmax(scores, dim=-1, dtype=torch.float32)


def attend_by_heads(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, dropout_rate: float) -> Tensor:
    """`attend` with a softmax and e/s heads of width s that share queries and keys; the weights are never held."""
    b, m, s = q.shape
    heads = v.shape[-1] // s
    values = v.view(b, v.shape[1], heads, s).transpose(1, 2)  # [b, h, n, s]
    queries, keys = (x.to(v.dtype)[:, None].expand(-1, heads, -1, -1) for x in (q, k))  # [b, h, m or n, s]
    bias = None if mask is None else mask.to(v.dtype)[:, None].expand(-1, heads, -1, -1)  # [b, h, m, n]
    out = functional.scaled_dot_product_attention(queries, keys, values, bias, dropout_rate, scale=1.0)
    return out.transpose(1, 2).reshape(b, m, heads * s)


def attend_reference(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, normalization: str) -> Tensor:
    """`attend` without dropout, as the equation reads, in float32."""
    scores = torch.einsum("bis,bjs->bij", q.float(), k.float())
    if mask is not None:
        scores = scores + mask
    weights = scores.relu() ** 2 if normalization == "squared_relu" else scores.softmax(-1)
    return torch.einsum("bij,bje->bie", weights, v.float())
