"""One of several texts: answers of C3 to a passage and a question, idioms of ChID in a blank.

Each choice is a sequence of its own, scored from its [CLS]; what is not there takes no part. Idioms of one line are
then matched one to one.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import softmax
from torch import Tensor

from gaupt.config import EvaluateConfig, TaskConfig
from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.items import Item, Tokens, join, pieces
from gaupt.evaluation.metrics.assignment import assign_lines
from gaupt.evaluation.tasks.rows import Choice
from gaupt.model.heads import choice_loss

PER_TOKEN = False


def outputs(labels: Sequence[str]) -> tuple[str, ...]:
    """One score a sequence."""
    return ("fits",)


def encode(
    rows: Sequence[Choice],
    labels: Sequence[str],
    encoder: Encoder,
    task: TaskConfig,
    evaluate: EvaluateConfig,
    training: bool,
) -> list[Item]:
    """One item a row with a sequence a choice; passages are tokenized once for all their choices."""
    texts = list(dict.fromkeys(text for row in rows for text in (row.before, row.after, *row.choices)))
    known = dict(zip(texts, (piece.ids for piece in pieces(encoder, texts)), strict=True))
    items = []
    for number, row in enumerate(rows):
        before, after = known[row.before], known[row.after]
        sequences = tuple(
            _in_blank(encoder, before, known[choice], after, task.max_length)
            if row.blank
            else _after_question(encoder, before, after, known[choice], task.max_length)
            for choice in row.choices
        )
        items.append(Item(number, sequences, row.answer))
    return items


def _in_blank(encoder: Encoder, before: list[int], choice: list[int], after: list[int], limit: int) -> Tokens:
    """[CLS] idiom [SEP] text with the idiom in its blank [SEP], the blank in the middle of what fits."""
    room = max(0, limit - 3 - 2 * len(choice))
    left = max(room // 2, room - len(after))
    text = [*before[max(0, len(before) - left) :], *choice]
    return join(encoder, choice, [*text, *after[: room + len(choice) - len(text)]], limit)


def _after_question(
    encoder: Encoder, passage: list[int], question: list[int], choice: list[int], limit: int
) -> Tokens:
    """[CLS] passage [SEP] question [SEP] choice [SEP]; the passage gives way."""
    tail = [*question, encoder.sep, *choice][: limit - 3]
    return join(encoder, passage[: max(0, limit - 3 - len(tail))], tail, limit)


def loss(scores: Tensor, items: Sequence[Item]) -> tuple[Tensor, int]:
    """Summed cross entropy in nats of ``scores`` [sequences, 1] among each item's choices."""
    choices = torch.tensor([len(item.sequences) for item in items], device=scores.device)
    answers = torch.tensor([item.target for item in items], device=scores.device)
    return choice_loss(scores[:, 0], choices, answers), len(items)


def predict(
    rows: Sequence[Choice],
    labels: Sequence[str],
    items: Sequence[Item],
    scores: Sequence[NDArray[np.float32]],
    evaluate: EvaluateConfig,
) -> tuple[list[int], list[float]]:
    """The chosen place of each row, and its probability among the row's choices."""
    chances = [softmax(score.reshape(-1)) for score in scores]
    return choose(rows, [np.log(chance + 1e-30).tolist() for chance in chances]), [
        float(chance.max()) for chance in chances
    ]


def choose(rows: Sequence[Choice], scores: Sequence[Sequence[float]]) -> list[int]:
    """The best place of each row: one to one within a line of blanks, else by itself."""
    if rows and rows[0].blank:
        return assign_lines(scores, [row.group for row in rows])
    return [int(np.argmax(score)) for score in scores]
