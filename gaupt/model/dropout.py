"""Dropout that a CPU can afford, and that does not depend on which rows a batch is cut into."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

_CALLS = 1 << 16
"""More calls of `dropout` than a layer has."""
_MIX = 0x9E3779B97F4A7C15
"""2^64 over the golden ratio: neighbouring places get seeds far apart."""
_EACH = 0x0101010101010101
"""Times a byte: that byte in each of a word's eight."""


@dataclass
class _Draws:
    """The keys of the rows in work, and the place of the next call."""

    rows: Sequence[int]
    place: int = 0


_draws: _Draws | None = None


@contextmanager
def dropout_of_rows(keys: Sequence[int]) -> Iterator[None]:
    """Inside, row i of each tensor draws from ``keys[i]``: the same whatever rows are computed beside it.

    So a batch may be cut into micro-batches as memory allows, and drops the same. On a CPU, uncompiled; elsewhere
    torch draws for the whole tensor.
    """
    global _draws
    before, _draws = _draws, _Draws(keys)
    try:
        yield
    finally:
        _draws = before


def begin_layer(number: int) -> None:
    """Say which layer's dropout follows, so that one computed again (gradient checkpointing) drops the same."""
    if not torch.compiler.is_compiling() and _draws is not None:
        _draws.place = number * _CALLS


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
    rows = 1 if _draws is None else len(_draws.rows)
    size = x.numel() // rows
    kept = bytes_from(_random_words(rows, size), dropped)[:, :size].reshape(x.shape)
    return x * kept.to(x.dtype).mul_(256 / (256 - dropped))


def bytes_from(words: Tensor, least: int) -> Tensor:
    """1 for each byte of ``words`` that is at least ``least`` (1 to 255), 0 for others: int64 [rows, n] to uint8
    [rows, 8n]. ``words`` are overwritten.

    Eight bytes at a time, in a fraction of the time of comparing each: the sum of a byte's lower seven bits and
    what they lack to reach the bound has its top bit set where they reach it.
    """
    top = words.clone()
    words.bitwise_and_(0x7F * _EACH)
    if least <= 128:
        words.add_((128 - least) * _EACH).bitwise_or_(top)
    else:
        words.add_((256 - least) * _EACH).bitwise_and_(top)
    return words.bitwise_right_shift_(7).bitwise_and_(_EACH).view(torch.uint8)


def _random_words(rows: int, size: int) -> Tensor:
    """At least ``size`` random bytes for each of ``rows``, eight in a word: int64 [rows, words]."""
    bits = torch.empty(rows, (size + 7) // 8, dtype=torch.int64)
    if _draws is None:
        bits.random_(-(2**63), None)
    else:
        generator = torch.Generator()
        for row, key in zip(bits, _draws.rows, strict=True):
            generator.manual_seed((key + _draws.place * _MIX) % 2**63)
            row.random_(-(2**63), None, generator=generator)
        _draws.place += 1
    return bits


class Dropout(nn.Module):
    """`dropout` as a module."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        """Drop parts of ``x`` in training."""
        return dropout(x, self.rate, self.training)
