"""What fine-tuning puts on an encoder, and its losses; exports and evaluation use the same."""

import torch
from torch import Tensor, nn
from torch.nn import functional

IGNORED_LABEL = -100
"""A target that does not count."""


class Classifier(nn.Linear):
    """Dropout and a linear layer: [..., d] to [..., labels]; drawn as BERT's, σ = 0.02."""

    def __init__(self, hidden_size: int, labels: int, dropout: float) -> None:
        super().__init__(hidden_size, labels)
        self.dropout = nn.Dropout(dropout)

    def reset_parameters(self) -> None:
        """Draw the weights anew."""
        nn.init.normal_(self.weight, std=0.02)
        nn.init.zeros_(self.bias)

    def forward(self, hidden: Tensor) -> Tensor:
        """Scores of ``hidden``."""
        return super().forward(self.dropout(hidden))


def pool(hidden: Tensor, mask: Tensor | None, pooling: str) -> Tensor:
    """One state [b, d] of the states [b, n, d] of a row.

    ``pooling`` "cls": that of the first token; "mean": the mean over the tokens. Tokens are where ``mask`` [b, n] is
    not 0, so padding may stand on either side. Where ``hidden`` has fewer states than the mask, the first is taken.
    """
    if pooling == "cls":
        if mask is None or hidden.shape[1] == 1:
            return hidden[:, 0]
        first = (mask != 0).int().argmax(1)  # [b]
        return hidden.gather(1, first[:, None, None].expand(-1, 1, hidden.shape[2]))[:, 0]
    if mask is None:
        return hidden.mean(1)
    there = (mask != 0).to(hidden.dtype)[..., None]  # [b, n, 1]
    return (hidden * there).sum(1) / there.sum(1).clamp(min=1)


def span_loss(start: Tensor, end: Tensor, first: Tensor, last: Tensor, reduction: str = "mean") -> Tensor:
    """Cross entropy in nats of a span's first and last token, the mean of both.

    ``start`` and ``end`` [b, n] are scores; ``first`` and ``last`` [b] places, which do not count outside the row.
    """
    return (_place_loss(start, first, reduction) + _place_loss(end, last, reduction)) / 2


def choice_loss(scores: Tensor, choices: Tensor, answers: Tensor) -> Tensor:
    """Summed cross entropy in nats over groups of rows that compete with one another.

    ``scores`` [rows]; ``choices`` [groups] how many rows each group has, one after the other; ``answers`` [groups]
    the right one within its group. Groups may be of different sizes: what is not there takes no part.
    """
    widest = int(choices.max())
    places = torch.arange(widest, device=scores.device)
    there = places < choices[:, None]  # [groups, widest]
    table = torch.full(there.shape, float("-inf"), dtype=scores.dtype, device=scores.device)
    table[there] = scores
    return functional.cross_entropy(table, answers, reduction="sum")


def _place_loss(scores: Tensor, places: Tensor, reduction: str) -> Tensor:
    places = places.flatten()
    outside = (places < 0) | (places >= scores.shape[1])
    return functional.cross_entropy(scores, places.masked_fill(outside, IGNORED_LABEL), reduction=reduction)
