"""States of a frozen encoder: means over a text, and token by token."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from gaupt.device import Machine, autocast
from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.items import Item, join, pieces
from gaupt.evaluation.length_batches import collate, micro_batches

Vectors = NDArray[np.float32]


class Frozen(NamedTuple):
    """An encoder that is only read."""

    encoder: Encoder
    network: nn.Module
    machine: Machine
    tokens: int
    """Tokens of one forward pass."""


def freeze(encoder: Encoder, machine: Machine, tokens: int) -> Frozen:
    """``encoder`` on its device, without dropout."""
    return Frozen(encoder, encoder.build(0.0, 0).to(machine.device).eval(), machine, tokens)


def mean_states(frozen: Frozen, texts: Sequence[str], limit: int) -> dict[str, Vectors]:
    """For each distinct text the mean state [d] of its tokens, [CLS] and [SEP] left out."""
    distinct = list(dict.fromkeys(texts))
    items = [
        Item(row, (join(frozen.encoder, piece.ids, None, limit),))
        for row, piece in enumerate(pieces(frozen.encoder, distinct))
    ]
    return {
        distinct[row]: states.mean(0) if len(states) else np.zeros(frozen.encoder.hidden_size, np.float32)
        for row, states in token_states(frozen, items).items()
    }


@torch.inference_mode()
def token_states(frozen: Frozen, items: Sequence[Item]) -> dict[int, Vectors]:
    """The states [tokens, d] of each item's tokens between [CLS] and [SEP], by the item's row."""
    found: dict[int, Vectors] = {}
    for part in micro_batches(items, frozen.tokens):
        batch = collate(part, frozen.encoder, frozen.machine.device)
        with autocast(frozen.machine.device, frozen.machine.precision):
            hidden = frozen.network(batch.ids, batch.segments, batch.types)
        states = hidden.float().cpu().numpy()
        for place, item in enumerate(part):
            found[item.row] = states[place, 1 : len(item.sequences[0].ids) - 1].copy()
    return found
