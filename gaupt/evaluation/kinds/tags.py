"""Entities: a tag B, I or O for each token, read back as spans of characters."""

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
from gaupt.evaluation.metrics.entities import Entities, Span, cut_entities
from gaupt.evaluation.tasks.rows import Tagged

PER_TOKEN = True


def outputs(labels: Sequence[str]) -> tuple[str, ...]:
    """The tags: O, then B- and I- of each type."""
    return ("O", *(f"{part}-{label}" for label in labels for part in "BI"))


def encode(
    rows: Sequence[Tagged],
    labels: Sequence[str],
    encoder: Encoder,
    task: TaskConfig,
    evaluate: EvaluateConfig,
    training: bool,
) -> list[Item]:
    """One item a row; the target is a tag's place for each token between [CLS] and [SEP]."""
    tags = {tag: place for place, tag in enumerate(outputs(labels))}
    items = []
    for number, (row, text) in enumerate(zip(rows, pieces(encoder, (row.text for row in rows)), strict=True)):
        kept = text.cut(0, task.max_length - 2)
        target = None
        if row.entities is not None:
            target = [tags[tag] for tag in tag_tokens(kept.places, row.entities.spans)]
        sequence = join(encoder, kept.ids, None, task.max_length)
        items.append(Item(number, (sequence,), target, tuple(kept.places)))
    return items


def tag_tokens(places: Sequence[tuple[int, int]], spans: frozenset[Span]) -> list[str]:
    """The tag of each token; of spans that overlap, the longer one."""
    tags = ["O"] * len(places)
    for type_, start, end in sorted(spans, key=lambda span: (span[2] - span[1], span)):
        inside = [token for token, (first, stop) in enumerate(places) if first <= end and stop > start]
        for order, token in enumerate(inside):
            tags[token] = f"{'I' if order else 'B'}-{type_}"
    return tags


def loss(scores: Tensor, items: Sequence[Item]) -> tuple[Tensor, int]:
    """Summed cross entropy in nats of ``scores`` [rows, n, tags] over the tokens of the texts."""
    targets = torch.full(scores.shape[:2], -100, device=scores.device)
    for row, item in enumerate(items):
        targets[row, item.first : item.first + len(item.target)] = torch.tensor(item.target)
    count = int((targets >= 0).sum())
    return functional.cross_entropy(scores.flatten(0, 1), targets.flatten(), reduction="sum"), count


def predict(
    rows: Sequence[Tagged],
    labels: Sequence[str],
    items: Sequence[Item],
    scores: Sequence[NDArray[np.float32]],
    evaluate: EvaluateConfig,
) -> tuple[list[Entities], list[float]]:
    """The entities of each row, and the mean probability of its tokens' tags."""
    names = outputs(labels)
    found, confidence = [], []
    for item, score in zip(items, scores, strict=True):
        chances = softmax(score[: len(item.places)], axis=-1)
        spans = read_spans([names[tag] for tag in chances.argmax(-1)], item.places)
        found.append(cut_entities(rows[item.row].text, spans))
        confidence.append(float(chances.max(-1).mean()) if len(chances) else 1.0)
    return found, confidence


def read_spans(tags: Sequence[str], places: Sequence[tuple[int, int]]) -> frozenset[Span]:
    """Spans of characters: B- opens one, I- of the same type goes on, anything else closes it."""
    spans: set[Span] = set()
    open_type, start, end = "", 0, 0
    for tag, (first, stop) in zip((*tags, "O"), (*places, (0, 0)), strict=True):
        part, _, type_ = tag.partition("-")
        if part == "I" and type_ == open_type:
            end = stop
            continue
        if open_type:
            spans.add((open_type, start, end - 1))
        open_type, start, end = (type_, first, stop) if part == "B" else ("", 0, 0)
    return frozenset(spans)
