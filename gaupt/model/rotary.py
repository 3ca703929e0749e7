"""Rotary position embedding (arXiv:2104.09864, equation 34), the relative positions of the whole family."""

import torch
from torch import Tensor

BASE = 10_000.0


def rotary_angles(length: int, size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosines and sines of m·θᵢ, θᵢ = 10000^(-2i/size), for positions m < ``length``: float32 [n, size/2] each.

    Computed anew in each forward: a table kept as a buffer would have to be saved, moved and bounded.
    """
    return angles_at(torch.arange(length, device=device), size)


def angles_at(positions: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """`rotary_angles` of any ``positions`` [..., n]: [..., n, size/2] each."""
    device = positions.device
    # float32 loses 1e-3 radians at position 16,384; Apple's GPUs have no float64.
    precise = torch.float32 if device.type == "mps" else torch.float64
    frequencies = BASE ** (-torch.arange(0, size, 2, dtype=precise, device=device) / size)  # [size/2]
    angles = positions.to(precise)[..., None] * frequencies  # [..., n, size/2]
    return angles.cos().float(), angles.sin().float()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn each pair (x₂ᵢ, x₂ᵢ₊₁) of ``x`` [..., n, size] by its angle.

    The first members of the pairs come out before the second ones: q·k is the same in any order that
    q and k share, and two halves are cheaper to write than interleaved pairs.
    """
    first, second = x.reshape(*x.shape[:-1], -1, 2).unbind(-1)  # [..., n, size/2] each
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)
