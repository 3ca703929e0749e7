"""Entities as tags."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.kinds import tags
from gaupt.evaluation.metrics.entities import NOTHING, cut_entities
from gaupt.evaluation.tasks.rows import Tagged
from tests.evaluation.small import settings

LABELS = ("name", "scene")
ROW = Tagged(None, "0", "天河海ab月", cut_entities("天河海ab月", {("scene", 1, 2), ("name", 3, 4)}))


def encode(encoder: Encoder, *rows: Tagged, length: int = 64) -> list:
    config = settings(f"max_length={length}")
    return tags.encode(rows, LABELS, encoder, config, config, True)


def test_tags_are_o_and_b_and_i_of_each_type() -> None:
    assert tags.outputs(LABELS) == ("O", "B-name", "I-name", "B-scene", "I-scene")


def test_spans_become_tags_of_tokens(encoder: Encoder) -> None:
    (item,) = encode(encoder, ROW)
    assert [tags.outputs(LABELS)[tag] for tag in item.target] == [
        "O",
        "B-scene",
        "I-scene",
        "B-name",
        "I-name",
        "O",
    ]


def test_of_overlapping_spans_the_longer_one_is_learned() -> None:
    places = [(0, 1), (1, 2), (2, 3)]
    assert tags.tag_tokens(places, frozenset({("name", 0, 2), ("scene", 1, 1)})) == [
        "B-name",
        "I-name",
        "I-name",
    ]


@pytest.mark.slow
@given(st.lists(st.tuples(st.sampled_from(LABELS), st.integers(0, 2), st.integers(0, 1)), max_size=3))
def test_tags_read_back_as_the_spans_they_came_from(drawn: list[tuple[str, int, int]]) -> None:
    # One entity at most in each stretch of four characters, so that none overlap.
    spans = frozenset(
        (type_, 4 * stretch + first, 4 * stretch + first + more)
        for stretch, (type_, first, more) in enumerate(drawn)
    )
    places = [(place, place + 1) for place in range(12)]
    assert tags.read_spans(tags.tag_tokens(places, spans), places) == spans


def test_an_inside_without_a_beginning_is_no_entity() -> None:
    places = [(0, 1), (1, 2), (2, 3)]
    assert tags.read_spans(["O", "I-name", "O"], places) == frozenset()
    assert tags.read_spans(["B-name", "I-scene", "O"], places) == {("name", 0, 0)}
    assert tags.read_spans(["O", "B-name", "B-name"], places) == {("name", 1, 1), ("name", 2, 2)}


def test_only_the_texts_tokens_count(encoder: Encoder) -> None:
    items = encode(encoder, ROW, Tagged(None, "1", "月", NOTHING))
    scores = torch.zeros(2, 8, 5)
    loss, count = tags.loss(scores, items)
    assert count == 7
    assert loss.item() == pytest.approx(7 * np.log(5), rel=1e-6)


def test_what_is_cut_off_is_not_predicted(encoder: Encoder) -> None:
    config = settings("max_length=16")
    text = "天" * 30 + "河"
    row = Tagged(None, "0", text, cut_entities(text, {("scene", 30, 30)}))
    items = encode(encoder, row, length=16)
    scores = [np.eye(5, dtype=np.float32)[np.full(14, 3)]]
    predicted, _ = tags.predict([row], LABELS, items, scores, config)
    assert predicted == [cut_entities(text, {("scene", place, place) for place in range(14)})]
