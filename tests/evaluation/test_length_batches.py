"""Batches of like length."""

import numpy as np
import pytest
import torch

from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.items import Item, Tokens
from gaupt.evaluation.length_batches import collate, epoch_batches, micro_batches

CPU = torch.device("cpu")


def items(*lengths: int) -> list[Item]:
    return [Item(row, (Tokens([5] * length, length),)) for row, length in enumerate(lengths)]


def drawn(count: int, seed: int = 0) -> list[Item]:
    return items(*np.random.default_rng(seed).integers(5, 120, count).tolist())


def test_an_epoch_is_every_item_once() -> None:
    batches = epoch_batches(drawn(100), 8, np.random.default_rng(0))
    assert sorted(item.row for batch in batches for item in batch) == list(range(100))
    assert [len(batch) for batch in batches].count(8) == 12


def test_epochs_differ_and_repeat_by_their_seed() -> None:
    rows = drawn(100)
    first, second, again = (
        [[item.row for item in batch] for batch in epoch_batches(rows, 8, rng)]
        for rng in map(np.random.default_rng, (0, 1, 0))
    )
    assert first == again
    assert {frozenset(batch) for batch in first} != {frozenset(batch) for batch in second}


@pytest.mark.slow
def test_padding_stays_under_a_tenth(encoder: Encoder) -> None:
    rows = drawn(2000)
    tokens = places = 0
    for batch in epoch_batches(rows, 32, np.random.default_rng(0)):
        for part in micro_batches(batch, 8192):
            made = collate(part, encoder, CPU)
            tokens, places = tokens + made.tokens, places + made.ids.numel()
    assert 0 < 1 - tokens / places < 0.1


@pytest.mark.parametrize(("budget", "sizes"), [(40, [4]), (39, [3, 1]), (20, [2, 2]), (5, [1, 1, 1, 1])])
def test_rows_times_the_longest_stay_within_the_budget(budget: int, sizes: list[int]) -> None:
    assert [len(part) for part in micro_batches(items(10, 10, 10, 10), budget)] == sizes


def test_choices_of_one_item_stay_together() -> None:
    item = Item(0, tuple(Tokens([5] * 10, 10) for _ in range(4)))
    assert [len(part) for part in micro_batches([item, item], 8)] == [1, 1]


def test_rows_of_one_length_have_no_mask(encoder: Encoder) -> None:
    assert collate(items(4, 4), encoder, CPU).segments is None
    batch = collate(items(4, 2), encoder, CPU)
    assert batch.segments is not None
    assert batch.segments.tolist() == [[1, 1, 1, 1], [1, 1, 0, 0]]
    assert batch.ids[1].tolist() == [5, 5, encoder.pad, encoder.pad]
    assert (batch.tokens, batch.types) == (6, None)


def test_the_second_text_has_type_one_where_the_encoder_knows_two(encoder: Encoder) -> None:
    from dataclasses import replace

    rows = [Item(0, (Tokens([5] * 4, 2),)), Item(1, (Tokens([5] * 3, 3),))]
    types = collate(rows, replace(encoder, two_types=True), CPU).types
    assert types is not None
    assert types.tolist() == [[0, 0, 1, 1], [0, 0, 0, 0]]
