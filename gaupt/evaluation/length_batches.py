"""Rows of like length together, so that little of a batch is padding."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.items import Item, Tokens

POOL = 256
"""Batches that are sorted by length at once: more is less padding, fewer is more chance in what meets."""


@dataclass(frozen=True)
class Batch:
    """Sequences of several items, padded to the longest."""

    ids: Tensor
    """[rows, n]."""
    segments: Tensor | None
    """[rows, n], 0 for padding; None: there is none."""
    types: Tensor | None
    """[rows, n]; None: the encoder has one type."""
    tokens: int
    """Tokens without padding."""


def epoch_batches(items: Sequence[Item], batch_size: int, rng: np.random.Generator) -> list[list[Item]]:
    """All of ``items`` in random batches of like length."""
    order = rng.permutation(len(items))
    lengths = np.array([item.length for item in items])
    batches = []
    for start in range(0, len(items), POOL * batch_size):
        pool = order[start : start + POOL * batch_size]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        # Neighbours change places within half a batch, so that every epoch has other batches.
        pool = pool[np.argsort(np.arange(len(pool)) + rng.uniform(0, batch_size / 2, len(pool)))]
        batches += [
            [items[place] for place in pool[first : first + batch_size]]
            for first in range(0, len(pool), batch_size)
        ]
    return [batches[place] for place in rng.permutation(len(batches))]


def micro_batches(items: Sequence[Item], tokens: int) -> Iterator[list[Item]]:
    """``items``, shortest first, cut so that rows times the longest row stay within ``tokens``.

    An item's own sequences stay together, so a single item may be more.
    """
    part: list[Item] = []
    rows = 0
    for item in sorted(items, key=lambda item: item.length):
        more = len(item.sequences)
        if part and (rows + more) * item.length > tokens:
            yield part
            part, rows = [], 0
        part.append(item)
        rows += more
    if part:
        yield part


def collate(items: Sequence[Item], encoder: Encoder, device: torch.device) -> Batch:
    """The sequences of ``items`` as tensors."""
    sequences = [sequence for item in items for sequence in item.sequences]
    lengths = np.array([len(sequence.ids) for sequence in sequences])
    longest = int(lengths.max())
    ids = np.full((len(sequences), longest), encoder.pad, np.int64)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence.ids)] = sequence.ids
    there = np.arange(longest) < lengths[:, None]
    segments = None if there.all() else torch.from_numpy(there.astype(np.int64)).to(device)
    types = torch.from_numpy(_types(sequences, longest)).to(device) if encoder.two_types else None
    return Batch(torch.from_numpy(ids).to(device), segments, types, int(lengths.sum()))


def _types(sequences: Sequence[Tokens], longest: int) -> np.ndarray:
    types = np.zeros((len(sequences), longest), np.int64)
    for row, sequence in enumerate(sequences):
        types[row, sequence.second : len(sequence.ids)] = 1
    return types
