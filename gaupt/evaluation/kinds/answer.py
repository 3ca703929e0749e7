"""Reading: the piece of a passage that answers a question, its first and last token.

[CLS] question [SEP] window of the passage [SEP]; windows move on by a stride. A window without the answer points at
[CLS] in training. Networks read the passage in simplified writing, the answer is cut from the passage as it is.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gaupt.config import EvaluateConfig, TaskConfig
from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.items import Item, Pieces, join, pieces
from gaupt.evaluation.tasks.rows import Question
from gaupt.model.heads import span_loss
from gaupt.text.characters import simplified

PER_TOKEN = True
QUESTION_LENGTH = 64
"""Tokens of a question that are kept, at most; never more than half of what is read at once."""
SHIFTS = (0, -1, 1, -2, 2, -3, 3)
"""Places round ``answer_start`` where an answer is looked for: some files count one to three off."""


def outputs(labels: Sequence[str]) -> tuple[str, ...]:
    """Scores of each token as the answer's first and last."""
    return ("start", "end")


def encode(
    rows: Sequence[Question],
    labels: Sequence[str],
    encoder: Encoder,
    task: TaskConfig,
    evaluate: EvaluateConfig,
    training: bool,
) -> list[Item]:
    """The windows of each row. In training, rows whose answer is not in the passage are left out."""
    contexts = list(dict.fromkeys(row.context for row in rows))
    known = dict(zip(contexts, pieces(encoder, map(simplified, contexts)), strict=True))
    questions = pieces(encoder, (simplified(row.question) for row in rows))
    items = []
    for number, (row, question) in enumerate(zip(rows, questions, strict=True)):
        span = answer_span(row) if row.answers else None
        if training and span is None:
            continue
        asked = question.ids[: min(QUESTION_LENGTH, (task.max_length - 3) // 2)]
        for window in _windows(known[row.context], task.max_length - 3 - len(asked), evaluate.stride):
            sequence = join(encoder, asked, window.ids, task.max_length)
            target = None if span is None else _token_span(window, span, sequence.second)
            items.append(Item(number, (sequence,), target, tuple(window.places), sequence.second))
    return items


def _windows(text: Pieces, size: int, stride: int) -> Iterator[Pieces]:
    """Windows of ``size`` tokens, each moved on by ``stride``; the last one reaches the end."""
    start = 0
    while True:
        yield text.cut(start, start + size)
        if start + size >= len(text.ids):
            return
        start += min(stride, size)


def answer_span(row: Question) -> tuple[int, int] | None:
    """First character of an answer, and the one after its last; None: no answer stands in the passage."""
    for text, start in row.answers:
        for shift in SHIFTS:
            place = start + shift
            if start >= 0 and place >= 0 and row.context[place : place + len(text)] == text:
                return place, place + len(text)
    for text, _ in row.answers:
        if text and (place := row.context.find(text)) >= 0:
            return place, place + len(text)
    return None


def _token_span(window: Pieces, span: tuple[int, int], first: int) -> tuple[int, int]:
    """Places in the sequence of the answer's first and last token; (0, 0) where it is not whole in the window."""
    start, stop = span
    inside = [token for token, (a, b) in enumerate(window.places) if a < stop and b > start]
    if not inside or window.places[inside[0]][0] > start or window.places[inside[-1]][1] < stop:
        return 0, 0
    return first + inside[0], first + inside[-1]


def loss(scores: Tensor, items: Sequence[Item]) -> tuple[Tensor, int]:
    """Summed cross entropy in nats of ``scores`` [rows, n, 2], the mean of first and last token."""
    targets = torch.tensor([item.target for item in items], device=scores.device)
    start, end = scores.unbind(-1)
    lengths = torch.tensor([item.length for item in items], device=scores.device)
    padding = torch.arange(scores.shape[1], device=scores.device) >= lengths[:, None]
    start, end = (each.masked_fill(padding, float("-inf")) for each in (start, end))
    return span_loss(start, end, targets[:, 0], targets[:, 1], reduction="sum"), len(items)


def predict(
    rows: Sequence[Question],
    labels: Sequence[str],
    items: Sequence[Item],
    scores: Sequence[NDArray[np.float32]],
    evaluate: EvaluateConfig,
) -> tuple[list[str], list[float]]:
    """The answer of each row: the best span of at most ``max_answer`` tokens over its windows, and its score."""
    best = [(-np.inf, "")] * len(rows)
    for item, score in zip(items, scores, strict=True):
        value, first, last = best_span(score[: len(item.places)], evaluate.max_answer)
        if value > best[item.row][0]:
            context = rows[item.row].context
            best[item.row] = value, context[item.places[first][0] : item.places[last][1]]
    # A passage without a token has no answer to be sure of.
    return [text for _, text in best], [float(value) if np.isfinite(value) else 0.0 for value, _ in best]


def best_span(scores: NDArray[np.float32], longest: int) -> tuple[float, int, int]:
    """The highest sum of a start and an end [n, 2] at most ``longest`` tokens apart: sum, first, last."""
    if not len(scores):
        return -np.inf, 0, 0
    start, end = scores[:, 0], scores[:, 1]
    # For each start the ends within reach, as windows of a padded view.
    reach = np.lib.stride_tricks.sliding_window_view(
        np.concatenate([end, np.full(longest - 1, -np.inf, end.dtype)]), longest
    )
    sums = start[:, None] + reach
    first, further = np.unravel_index(int(sums.argmax()), sums.shape)
    return float(sums[first, further]), int(first), int(first + further)
