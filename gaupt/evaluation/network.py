"""An encoder with a head for a task, run over batches."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gaupt.device import Machine, autocast
from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.items import Item
from gaupt.evaluation.length_batches import Batch, collate, micro_batches
from gaupt.model.heads import Classifier, pool


class Network(nn.Module):
    """States of an encoder, scored from one state a sequence or token by token."""

    def __init__(
        self, encoder: nn.Module, classifier: Classifier, per_token: bool, pooling: str = "cls"
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.classifier = classifier
        self.per_token = per_token
        self.pooling = pooling

    def forward(self, batch: Batch) -> Tensor:
        """Scores [rows, outputs], or [rows, n, outputs]."""
        states = 1 if self.pooling == "cls" and not self.per_token else None
        hidden: Tensor = self.encoder(batch.ids, batch.segments, batch.types, states)
        scores: Tensor = self.classifier(
            hidden if self.per_token else pool(hidden, batch.segments, self.pooling)
        )
        return scores


@torch.inference_mode()
def scores_of(
    network: Network, items: Sequence[Item], encoder: Encoder, machine: Machine, tokens: int
) -> list[NDArray[np.float32]]:
    """The scores of each item: [sequences, outputs], or [judged tokens, outputs]. In the order of ``items``."""
    network.eval()
    found: dict[int, NDArray[np.float32]] = {}
    places = {id(item): place for place, item in enumerate(items)}
    for part in micro_batches(items, tokens):
        batch = collate(part, encoder, machine.device)
        with autocast(machine.device, machine.precision):
            scores = network(batch)
        values = scores.float().cpu().numpy()
        row = 0
        for item in part:
            if network.per_token:
                found[places[id(item)]] = values[row, item.first : item.first + len(item.places)].copy()
            else:
                found[places[id(item)]] = values[row : row + len(item.sequences)]
            row += len(item.sequences)
    return [found[place] for place in range(len(items))]
