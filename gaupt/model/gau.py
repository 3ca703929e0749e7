"""The gated attention unit and the encoder made of it.

Gated attention: "Transformer Quality in Linear Time" (arXiv:2202.10447, section 2). The encoder, softmax_plus
and the post-norm: "Gated Attention Unit pretraining" (arXiv:2205.05842) and GAU-α, whose layers are the same.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from gaupt.model.attention import attend
from gaupt.model.config import GAUConfig
from gaupt.model.dropout import Dropout
from gaupt.model.encoder import Encoder
from gaupt.model.mixed_chunk import Chunks, attend_mixed, cut_chunks, pad_to_chunks
from gaupt.model.norm import rms_norm
from gaupt.model.rotary import rotary_angles, rotate
from gaupt.model.segments import additive_mask, segment_lengths

LENGTH_BASE = 512
"""softmax_plus scales scores by log(l)/log(512): 1 at the length of pretraining, whatever max_length is."""
RELU_SIZE = 128
"""The s of the "ns" scaling."""


class Context(NamedTuple):
    """What all layers share in one forward pass."""

    query: tuple[Tensor, Tensor]
    """Rotary cosines and sines times the score scale, [n, s/2] or [b, n, s/2]."""
    key: tuple[Tensor, Tensor]
    """Rotary cosines and sines, [n, s/2]."""
    mask: Tensor | None
    """[b, n, n], added to the scores of full attention."""
    chunks: Chunks | None
    """For mixed chunk attention."""


class GAULayer(nn.Module):
    """One gated attention unit with its residual and post-norm.

    u, v, z = split(silu(x Wᵢᵀ))               x [b, n, d], u and v [b, n, e], z [b, n, s]
    q, k    = rope(z ⊙ γq), rope(z ⊙ γk)
    A       = weights(q kᵀ)                    [b, n, n], see `attend`
    x       = rms(x + Wₒ(u ⊙ A v))
    """

    def __init__(self, config: GAUConfig) -> None:
        super().__init__()
        d, e, s = config.hidden_size, config.expanded_size, config.key_size
        self.config = config
        self.expand = nn.Linear(d, 2 * e + s, bias=False)
        self.query_scale = nn.Parameter(torch.ones(s))
        self.key_scale = nn.Parameter(torch.ones(s))
        self.contract = nn.Linear(e, d, bias=False)
        if config.attention == "mixed_chunk":
            self.across_query_scale = nn.Parameter(torch.ones(s))
            self.across_key_scale = nn.Parameter(torch.ones(s))
        self.dropout = Dropout(config.dropout)

    def forward(self, x: Tensor, context: Context, states: int | None = None) -> Tensor:
        """Map ``x`` [b, n, d] to [b, n, d], or to its first ``states`` positions (not in mixed chunks)."""
        e, s = self.config.expanded_size, self.config.key_size
        if states is None:
            hidden = functional.silu(self.expand(x))  # [b, n, 2e + s]
            u, v, z = torch.split(hidden, [e, e, s], dim=-1)
        else:
            gates, rest = torch.split(self.expand.weight, [e, e + s])
            x, whole = x[:, :states], x
            u = functional.silu(functional.linear(x, gates))  # [b, states, e]
            v, z = torch.split(functional.silu(functional.linear(whole, rest)), [e, s], dim=-1)
        attended = self.attended(z, v, context, states)  # as u
        return rms_norm(x + self.dropout(self.contract(u * attended)), self.config.norm_eps)

    def attended(self, z: Tensor, v: Tensor, context: Context, states: int | None) -> Tensor:
        """A v [b, n or states, e] from the shared vectors ``z`` [b, n, s] and the values ``v`` [b, n, e]."""
        cos, sin = context.query
        mask = None if context.mask is None else context.mask[:, :states]
        q = rotate(z[:, :states] * self.query_scale, cos[..., :states, :], sin[..., :states, :]).to(v.dtype)
        k = rotate(z * self.key_scale, *context.key).to(v.dtype)  # [b, n, s]
        normalization = self.config.normalization
        dropout_rate = self.config.dropout if self.training else 0.0
        if context.chunks is None:
            return attend(q, k, v, mask, normalization, dropout_rate)
        root = math.sqrt(self.config.key_size)
        across_q = rotate(z * self.across_query_scale, *context.key).to(v.dtype) / root
        across_k = rotate(z * self.across_key_scale, *context.key).to(v.dtype)
        return attend_mixed((q, k), (across_q, across_k), v, context.chunks, normalization, dropout_rate)


class GAU(Encoder):
    """The GAU encoder of arXiv:2205.05842: embeddings, RMS norm, layers; no bias and no final norm."""

    config: GAUConfig

    def __init__(self, config: GAUConfig) -> None:
        super().__init__(config, lambda: GAULayer(config))
        self.reset_parameters()

    def forward(
        self,
        input_ids: Tensor,
        segment_ids: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        states: int | None = None,
    ) -> Tensor:
        """Encode tokens.

        Args:
            input_ids: [b, n].
            segment_ids: [b, n], 0 for padding, equal positive ids attend to one another (see
                `gaupt.model.segments`); None: every row is one segment without padding.
            token_type_ids: [b, n]; None: all 0.
            states: how many positions to give, from the first; None: all. The last layer computes no others.

        Returns:
            Hidden states [b, n or states, d].
        """
        n, chunk = input_ids.shape[1], self.config.chunk_size
        if self.config.attention == "mixed_chunk" and n > chunk:
            input_ids, segment_ids = pad_to_chunks(input_ids, segment_ids, chunk)
            if token_type_ids is not None:
                token_type_ids = functional.pad(token_type_ids, (0, input_ids.shape[1] - n))
        context = self.context(input_ids, segment_ids)
        x = self.dropout(rms_norm(self.embed(input_ids, token_type_ids), self.config.norm_eps))  # [b, n, d]
        last = states if context.chunks is None else None
        return self.run_layers(x, context, states=last)[:, : n if states is None else states]

    def context(self, input_ids: Tensor, segment_ids: Tensor | None) -> Context:
        """What the layers share for rows as long as ``input_ids`` [b, n] with these segments [b, n]."""
        n, device = input_ids.shape[1], input_ids.device
        mask, chunks = None, None
        if self.config.attention == "mixed_chunk":
            chunks = cut_chunks(segment_ids, min(n, self.config.chunk_size))
            lengths, whole = chunks.lengths, chunks.size
        else:
            mask = None if segment_ids is None else additive_mask(segment_ids)
            lengths, whole = None if segment_ids is None else segment_lengths(segment_ids), n
        if lengths is None:
            lengths = torch.full((1, 1), whole, device=device)
        # The scale rides on the queries' rotation: scores [b, n, n] need no pass of their own for it.
        scale = score_scale(lengths, self.config)[..., None]  # [b, n, 1] or [1, 1, 1]
        cos, sin = rotary_angles(n, self.config.key_size, device)
        return Context((cos * scale, sin * scale), (cos, sin), mask, chunks)


def score_scale(lengths: Tensor, config: GAUConfig) -> Tensor:
    """What q kᵀ is multiplied by before it becomes weights, from each query's segment length l.

    softmax_plus: log(l)/log(512)/√s (arXiv:2205.05842, equation 4); softmax: 1/√s;
    squared_relu: a/l or a/√(128 l) with a = q kᵀ/√s, whose squared relus are the "n^2" and "ns" scalings in the
    code of arXiv:2205.05842 after arXiv:2202.10447; its s is 128 even where the key size is not; or a/√l, the one
    scaling ("n") in GAU-α's code.
    """
    l = lengths.float()  # noqa: E741 (the equation's name)
    root = math.sqrt(config.key_size)
    if config.normalization == "softmax_plus":
        return l.clamp(min=config.length_floor).log() / (math.log(LENGTH_BASE) * root)
    if config.normalization == "softmax":
        return torch.full_like(l, 1 / root)
    if config.relu_scaling == "n^2":
        return 1 / (l * root)
    return (RELU_SIZE * l if config.relu_scaling == "ns" else l).rsqrt() / root
