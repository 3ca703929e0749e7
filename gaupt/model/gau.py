"""The gated attention unit and the encoder made of it.

Gated attention: "Transformer Quality in Linear Time" (arXiv:2202.10447, section 2). The encoder, softmax_plus
and the post-norm: "Gated Attention Unit pretraining" (arXiv:2205.05842) and GAU-α, whose layers are the same.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from gaupt.model.attention import attend, attention_weights
from gaupt.model.config import GAUConfig
from gaupt.model.dropout import Dropout, dropout
from gaupt.model.encoder import Encoder, Trace
from gaupt.model.mixed_chunk import Chunks, attend_mixed, cut_chunks, mask_chunks
from gaupt.model.norm import rms_norm
from gaupt.model.rotary import angles_at, rotate
from gaupt.model.segments import additive_mask, is_exporting, padding_last, reordered, segment_lengths

LENGTH_BASE = 512
"""softmax_plus scales scores by log(l)/log(512): 1 at the length of pretraining, whatever max_length is."""
RELU_SIZE = 128
"""The s of the "ns" scaling."""


class Context(NamedTuple):
    """What all layers share in one forward pass."""

    query: tuple[Tensor, Tensor]
    """Rotary cosines and sines times the score scale, [1 or b, n, s/2]."""
    key: tuple[Tensor, Tensor]
    """Rotary cosines and sines, [n, s/2] or [b, n, s/2]."""
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
        # A number of the config itself is one that may change to torch.compile, which then fails at checkpoints.
        self.weights_dropout = config.dropout

    def forward(
        self, x: Tensor, context: Context, states: int | None = None, with_weights: bool = False
    ) -> tuple[Tensor, Tensor | None]:
        """Map ``x`` [b, n, d] to [b, n, d], or to its first ``states`` positions (not in mixed chunks).

        Beside it, where they are asked for, the attention weights [b, 1, n or states, n] (not of mixed chunks).
        """
        e, s = self.config.expanded_size, self.config.key_size
        if states is None:
            hidden = functional.silu(self.expand(x))  # [b, n, 2e + s]
            u, v, z = torch.split(hidden, [e, e, s], dim=-1)
        else:
            gates, rest = torch.split(self.expand.weight, [e, e + s])
            x, whole = x[:, :states], x
            u = functional.silu(functional.linear(x, gates))  # [b, states, e]
            v, z = torch.split(functional.silu(functional.linear(whole, rest)), [e, s], dim=-1)
        attended, weights = self.attended(z, v, context, states, with_weights)  # as u
        out = rms_norm(x + self.dropout(self.contract(u * attended)), self.config.norm_eps)
        return out, weights

    def attended(
        self, z: Tensor, v: Tensor, context: Context, states: int | None, with_weights: bool
    ) -> tuple[Tensor, Tensor | None]:
        """A v [b, n or states, e] from the shared vectors ``z`` [b, n, s] and the values ``v`` [b, n, e], and A."""
        cos, sin = context.query
        mask = None if context.mask is None else context.mask[:, :states]
        q = rotate(z[:, :states] * self.query_scale, cos[..., :states, :], sin[..., :states, :]).to(v.dtype)
        k = rotate(z * self.key_scale, *context.key).to(v.dtype)  # [b, n, s]
        normalization = self.config.normalization
        dropout_rate = self.weights_dropout if self.training else 0.0
        if context.chunks is None and with_weights:
            weights = attention_weights(q, k, mask, normalization).to(v.dtype)
            return torch.bmm(dropout(weights, dropout_rate, training=True), v), weights[:, None]
        if context.chunks is None:
            return attend(q, k, v, mask, normalization, dropout_rate), None
        root = math.sqrt(self.config.key_size)
        across_q = rotate(z * self.across_query_scale, *context.key).to(v.dtype) / root
        across_k = rotate(z * self.across_key_scale, *context.key).to(v.dtype)
        across = (across_q, across_k)
        return attend_mixed((q, k), across, v, context.chunks, normalization, dropout_rate), None


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
        positions: Tensor | None = None,
        trace: Trace | None = None,
    ) -> Tensor:
        """Encode tokens.

        Args:
            input_ids: [b, n], or vectors in place of token embeddings, [b, n, d].
            segment_ids: [b, n], 0 for padding, equal positive ids attend to one another (see
                `gaupt.model.segments`); None: every row is one segment without padding.
            token_type_ids: [b, n]; None: all 0.
            states: how many positions to give, from the first; None: all. The last layer computes no others.
            positions: [b, n], of which rotary attention takes the differences; None: 0, 1, 2, …
            trace: what else to leave. Mixed chunks have no attention weights.

        Returns:
            Hidden states [b, n or states, d].
        """
        x = self.embed(input_ids, token_type_ids)  # [b, n, d]
        if self.config.attention == "mixed_chunk":
            return self._in_chunks(x, segment_ids, positions, trace)[:, :states]
        x = self.dropout(rms_norm(x, self.config.norm_eps))
        return self.run_layers(x, self.context(x, segment_ids, positions), states=states, trace=trace)

    def _in_chunks(
        self, x: Tensor, segment_ids: Tensor | None, positions: Tensor | None, trace: Trace | None
    ) -> Tensor:
        """The states [b, n, d] of embeddings ``x`` [b, n, d] by mixed chunk attention; arguments as `forward`."""
        n, size, missing = x.shape[1], self.config.chunk_size, 0
        order = None if segment_ids is None else padding_last(segment_ids)
        if order is not None:
            positions = order if positions is None else positions.expand_as(order).gather(1, order)
            segment_ids = None if segment_ids is None else segment_ids.gather(1, order)
            x = reordered(x, order)
        if not is_exporting() and n > size and (missing := -n % size):
            if segment_ids is None:
                segment_ids = torch.ones(x.shape[:2], dtype=torch.long, device=x.device)
            segment_ids = functional.pad(segment_ids, (0, missing))
            positions = None if positions is None else functional.pad(positions, (0, missing))
            x = functional.pad(x, (0, 0, 0, missing))
        x = self.dropout(rms_norm(x, self.config.norm_eps))
        out = self.run_layers(x, self.context(x, segment_ids, positions), trace=trace)

        def as_given(states: Tensor) -> Tensor:
            states = states[:, :n]
            return states if order is None else reordered(states, order.argsort(1))

        if trace is not None:
            trace.states[:] = map(as_given, trace.states)
        return as_given(out)

    def context(self, x: Tensor, segment_ids: Tensor | None, positions: Tensor | None = None) -> Context:
        """What the layers share for rows as long as those of ``x`` [b, n, …], with these segments [b, n]."""
        n, device = x.shape[1], x.device
        mask, chunks = None, None
        if self.config.attention == "mixed_chunk":
            size = self.config.chunk_size
            if is_exporting():
                if segment_ids is None:
                    segment_ids = torch.ones(x.shape[:2], dtype=torch.long, device=device)
                chunks = mask_chunks(segment_ids, size)
            else:
                chunks = cut_chunks(segment_ids, min(n, size))
            lengths, whole = chunks.lengths, chunks.size
        else:
            mask = None if segment_ids is None else additive_mask(segment_ids)
            lengths, whole = None if segment_ids is None else segment_lengths(segment_ids), n
        if lengths is None:
            lengths = torch.full((1, 1), whole, device=device)
        # The scale rides on the queries' rotation: scores [b, n, n] need no pass of their own for it.
        scale = score_scale(lengths, self.config)[..., None]  # [b, n, 1] or [1, 1, 1]
        places = torch.arange(n, device=device) if positions is None else positions
        cos, sin = angles_at(places, self.config.key_size)
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
