"""Classification of a text or a pair of texts, from the state of [CLS]."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import softmax
from torch import Tensor
from torch.nn import functional

from gaupt.config import EvaluateConfig, TaskConfig
from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.items import Item, join, pieces
from gaupt.evaluation.tasks.rows import Labelled

PER_TOKEN = False


def outputs(labels: Sequence[str]) -> tuple[str, ...]:
    """Names of what the head scores."""
    return tuple(labels)


def encode(
    rows: Sequence[Labelled],
    labels: Sequence[str],
    encoder: Encoder,
    task: TaskConfig,
    evaluate: EvaluateConfig,
    training: bool,
) -> list[Item]:
    """One item a row; the target is the place of the label."""
    places = {label: place for place, label in enumerate(labels)}
    columns = [pieces(encoder, column) for column in zip(*(row.texts for row in rows), strict=True)]
    items = []
    for number, (row, *texts) in enumerate(zip(rows, *columns, strict=True)):
        second = texts[1].ids if len(texts) > 1 else None
        target = None if row.label is None else places[row.label]
        items.append(Item(number, (join(encoder, texts[0].ids, second, task.max_length),), target))
    return items


def loss(scores: Tensor, items: Sequence[Item]) -> tuple[Tensor, int]:
    """Summed cross entropy in nats of ``scores`` [rows, labels], and how many items it sums."""
    targets = torch.tensor([item.target for item in items], device=scores.device)
    return functional.cross_entropy(scores, targets, reduction="sum"), len(items)


def predict(
    rows: Sequence[Labelled],
    labels: Sequence[str],
    items: Sequence[Item],
    scores: Sequence[NDArray[np.float32]],
    evaluate: EvaluateConfig,
) -> tuple[list[str], list[float]]:
    """The likeliest label of each row, and its probability."""
    chances = softmax(np.stack(scores), axis=-1).reshape(len(rows), -1)
    best = chances.argmax(-1)
    return [labels[place] for place in best], chances.max(-1).tolist()
