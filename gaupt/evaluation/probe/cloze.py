"""ChID without training: which idiom the masked LM finds likeliest in the blank."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from gaupt.device import Machine
from gaupt.evaluation.encoders import Encoder, mask_id
from gaupt.evaluation.items import Item, Tokens, pieces
from gaupt.evaluation.kinds.choice import choose
from gaupt.evaluation.length_batches import collate, micro_batches
from gaupt.evaluation.tasks.rows import Choice

BLANK_LENGTH = 64
"""Tokens round a blank that are looked at, as in every published encoding of ChID."""


@torch.inference_mode()
def fill_blanks(
    encoder: Encoder, rows: Sequence[Choice], machine: Machine, tokens: int
) -> tuple[list[int], list[list[float]]]:
    """The place chosen for each row, and each choice's log-probability in nats.

    A choice of k tokens is scored in a blank of k masks, as the sum over its tokens in one pass: choices of one
    length share it.
    """
    assert encoder.masked_lm is not None
    model = encoder.masked_lm().to(machine.device).eval()
    texts = list(dict.fromkeys(text for row in rows for text in (row.before, row.after, *row.choices)))
    known = dict(zip(texts, (piece.ids for piece in pieces(encoder, texts)), strict=True))
    scores = [np.full(len(row.choices), -np.inf) for row in rows]
    items, meant = _masked(encoder, rows, known)
    for part in micro_batches(items, tokens):
        batch = collate(part, encoder, machine.device)
        width = batch.ids.shape[1]
        places = [
            row * width + item.first + offset
            for row, item in enumerate(part)
            for offset in range(item.target)
        ]
        logits = model(batch.ids, batch.segments, batch.types, torch.tensor(places, device=machine.device))
        likely: NDArray[np.float32] = logits.float().log_softmax(-1).cpu().numpy()
        start = 0
        for item in part:
            block = likely[start : start + item.target]
            start += item.target
            for choice, ids in meant[id(item)]:
                scores[item.row][choice] = block[np.arange(len(ids)), ids].sum()
    listed = [[float(value) for value in row] for row in scores]
    return choose(rows, listed), listed


def _masked(
    encoder: Encoder, rows: Sequence[Choice], known: dict[str, list[int]]
) -> tuple[list[Item], dict[int, list[tuple[int, list[int]]]]]:
    """One item for every length of a row's choices, and the choices that it scores."""
    mask = mask_id(encoder)
    items: list[Item] = []
    meant: dict[int, list[tuple[int, list[int]]]] = {}
    for number, row in enumerate(rows):
        before, after = known[row.before], known[row.after]
        by_length: dict[int, list[tuple[int, list[int]]]] = {}
        for place, choice in enumerate(row.choices):
            by_length.setdefault(len(known[choice]), []).append((place, known[choice]))
        for length, members in by_length.items():
            room = max(0, BLANK_LENGTH - 2 - length)
            left = before[max(0, len(before) - max(room // 2, room - len(after))) :]
            ids = [encoder.cls, *left, *[mask] * length, *after[: room - len(left)], encoder.sep]
            item = Item(number, (Tokens(ids, len(ids)),), target=length, first=1 + len(left))
            items.append(item)
            meant[id(item)] = members
    return items, meant
