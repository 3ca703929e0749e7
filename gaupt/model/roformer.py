"""RoFormer versions 1 and 2, the baselines: transformers with rotary positions (arXiv:2104.09864)."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from gaupt.model.config import RoFormerConfig
from gaupt.model.dropout import Dropout, dropout
from gaupt.model.encoder import Encoder, Trace
from gaupt.model.initialize import initialize
from gaupt.model.masked_lm import VocabularyHead
from gaupt.model.norm import rms_norm
from gaupt.model.rotary import angles_at, rotary_angles, rotate
from gaupt.model.segments import same_segment


class RMSNorm(nn.Module):
    """`rms_norm` as a module, so that both versions build their norms alike."""

    def __init__(self, eps: float) -> None:
        super().__init__()
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """Normalize the last dimension of ``x``."""
        return rms_norm(x, self.eps)


class RoFormerLayer(nn.Module):
    """Attention and feed-forward, each with its residual and post-norm.

    x = norm(x + Wₒ softmax(rope(x W_q) rope(x W_k)ᵀ / √(d/h)) x W_v)      x [b, n, d], h heads
    x = norm(x + W₂ φ(x W₁))                                               φ: GELU (1) or ReLU (2)
    """

    def __init__(self, config: RoFormerConfig) -> None:
        super().__init__()
        d, bias = config.hidden_size, config.version == 1
        self.config = config
        self.query = nn.Linear(d, d, bias)
        self.key = nn.Linear(d, d, bias)
        self.value = nn.Linear(d, d, bias)
        self.attention_out = nn.Linear(d, d, bias)
        self.attention_norm = _norm(config)
        self.expand = nn.Linear(d, config.feedforward_size, bias)
        self.contract = nn.Linear(config.feedforward_size, d, bias)
        self.feedforward_norm = _norm(config)
        self.dropout = Dropout(config.dropout)
        self.weights_dropout = config.dropout  # as in GAULayer

    def forward(
        self,
        x: Tensor,
        cos: Tensor,
        sin: Tensor,
        mask: Tensor | None,
        states: int | None = None,
        with_weights: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Map ``x`` [b, n, d] to [b, n, d], or to its first ``states`` positions.

        ``cos`` and ``sin`` are [n, d/h/2], or [b, 1, n, d/h/2]; ``mask`` [b, 1, n, n] is True where attention is
        allowed. Beside it, where they are asked for, the attention weights [b, h, n or states, n].
        """
        k = rotate(self._heads(self.key(x)), cos, sin)  # [b, h, n, d/h]
        v = self._heads(self.value(x))  # [b, h, n, d/h]
        x = x[:, :states]
        q = rotate(
            self._heads(self.query(x)), cos[..., :states, :], sin[..., :states, :]
        )  # [b, h, n or states, d/h]
        mask = None if mask is None else mask[:, :, :states]
        q, k, weights = q.to(v.dtype), k.to(v.dtype), None
        rate = self.weights_dropout if self.training else 0.0
        if with_weights:
            weights = _weights(q, k, mask)
            attended = dropout(weights, rate, training=True) @ v
        else:
            attended = functional.scaled_dot_product_attention(q, k, v, mask, rate)
        attended = attended.transpose(1, 2).flatten(2)  # as x
        x = self.attention_norm(x + self.dropout(self.attention_out(attended)))
        activation = functional.gelu if self.config.version == 1 else functional.relu
        hidden = self.contract(activation(self.expand(x)))
        out: Tensor = self.feedforward_norm(x + self.dropout(hidden))
        return out, weights

    def _heads(self, x: Tensor) -> Tensor:
        b, n, d = x.shape
        heads = self.config.num_heads
        return x.view(b, n, heads, d // heads).transpose(1, 2)  # [b, h, n, d/h]


class RoFormer(Encoder):
    """The RoFormer encoder: embeddings, norm, layers. Arguments as in `GAU`."""

    config: RoFormerConfig

    def __init__(self, config: RoFormerConfig) -> None:
        super().__init__(config, lambda: RoFormerLayer(config))
        self.norm = _norm(config)
        if config.rotary_table:
            table = torch.cat(
                rotary_angles(config.max_length, head_size(config), torch.device("cpu"))[::-1], -1
            )
            self.rotary_table = nn.Parameter(
                table, requires_grad=False
            )  # [max_length, d/h], sines then cosines
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
        """Encode ``input_ids`` [b, n] to hidden states [b, n or states, d]; arguments as in `GAU.forward`."""
        x = self.dropout(self.norm(self.embed(input_ids, token_type_ids)))  # [b, n, d]
        if positions is None:
            cos, sin = self.angles(torch.arange(x.shape[1], device=x.device))  # [n, d/h/2]
        else:
            cos, sin = (each[:, None] for each in self.angles(positions))  # [b, 1, n, d/h/2]
        mask = None if segment_ids is None else same_segment(segment_ids)[:, None]  # [b, 1, n, n]
        return self.run_layers(x, cos, sin, mask, states=states, trace=trace)

    def angles(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Rotary cosines and sines of ``positions`` [..., n], [..., n, d/h/2] each.

        Raises:
            ValueError: there are more of them than the rotary table has.
            IndexError: one lies beyond it.
        """
        if not self.config.rotary_table:
            return angles_at(positions, head_size(self.config))
        if positions.shape[-1] > self.config.max_length:
            raise ValueError(
                f"input of {positions.shape[-1]} tokens, but the rotary table ends at {self.config.max_length}"
            )
        sin, cos = self.rotary_table[positions].chunk(2, dim=-1)
        return cos, sin


def head_size(config: RoFormerConfig) -> int:
    """Width of one attention head."""
    return config.hidden_size // config.num_heads


def roformer_head(config: RoFormerConfig) -> VocabularyHead:
    """The masked-LM head of the config's version."""
    if config.version == 2:
        return VocabularyHead()
    d = config.hidden_size
    transform = nn.Sequential(nn.Linear(d, d), nn.GELU(), _norm(config))
    transform.apply(lambda module: initialize(module, config))
    return VocabularyHead(transform, nn.Parameter(torch.zeros(config.vocab_size)))


def _weights(q: Tensor, k: Tensor, mask: Tensor | None) -> Tensor:
    """softmax(q kᵀ / √s) [b, h, m, n] of ``q`` [b, h, m, s] and ``k`` [b, h, n, s], where ``mask`` is True."""
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    return scores.softmax(-1, dtype=torch.float32).to(q.dtype)


def _norm(config: RoFormerConfig) -> nn.Module:
    if config.version == 1:
        return nn.LayerNorm(config.hidden_size, eps=config.norm_eps)
    return RMSNorm(config.norm_eps)
