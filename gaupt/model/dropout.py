"""Dropout that a CPU can afford."""

import torch
from torch import Tensor, nn
from torch.nn import functional


def dropout(x: Tensor, rate: float, training: bool) -> Tensor:
    """Zero a share ``rate`` of ``x`` in training and scale up the rest, so that the mean stays.

    On a CPU, torch draws one number for each element, one after another, which is 4% of a training step of the
    base model. There we draw 64 bits for every 8 elements instead: the rate is rounded to the nearest 1/256.
    """
    if not training or rate == 0.0:
        return x
    dropped = round(rate * 256)
    if x.device.type != "cpu" or torch.compiler.is_compiling() or not 0 < dropped < 256:
        return functional.dropout(x, rate)
    bits = torch.empty((x.numel() + 7) // 8, dtype=torch.int64).random_(-(2**63), None)
    kept = bits.view(torch.uint8)[: x.numel()].view(x.shape) >= dropped
    return x * kept.to(x.dtype).mul_(256 / (256 - dropped))


class Dropout(nn.Module):
    """`dropout` as a module."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        """Drop parts of ``x`` in training."""
        return dropout(x, self.rate, self.training)
