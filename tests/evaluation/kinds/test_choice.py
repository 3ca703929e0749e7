"""One of several texts."""

import numpy as np
import pytest
import torch

from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.kinds import choice
from gaupt.evaluation.tasks.rows import Choice
from tests.evaluation.small import settings

C3 = Choice(None, "1", "天地人山水", "哪？", ("山", "水"), 1)
BLANK = Choice("#1#", "1", "天" * 50, "地" * 50, ("大小多少", "东西南北"), 0, blank=True)


def encode(encoder: Encoder, *rows: Choice, length: int = 64) -> list:
    config = settings(f"max_length={length}")
    return choice.encode(rows, (), encoder, config, config, True)


def read(encoder: Encoder, ids: list[int]) -> str:
    return (
        "".join(str(encoder.tokenizer.id_to_token(id_)) for id_ in ids)
        .replace("[SEP]", "/")
        .replace("[CLS]", "")
    )


def test_each_choice_follows_passage_and_question(encoder: Encoder) -> None:
    (item,) = encode(encoder, C3)
    shown = [read(encoder, sequence.ids) for sequence in item.sequences]
    assert shown == ["天地人山水/哪？/山/", "天地人山水/哪？/水/"]
    assert item.target == 1


def test_the_passage_gives_way(encoder: Encoder) -> None:
    (item,) = encode(encoder, Choice(None, "1", "天" * 50, "哪？", ("山",), 0), length=16)
    shown = read(encoder, item.sequences[0].ids)
    assert shown == "天" * 9 + "/哪？/山/"


def test_a_blank_is_filled_in_the_middle_of_its_text(encoder: Encoder) -> None:
    (item,) = encode(encoder, BLANK, length=64)
    first, second = (read(encoder, sequence.ids) for sequence in item.sequences)
    assert first.startswith("大小多少/天") and "天大小多少地" in first and first.endswith("地/")
    assert len(item.sequences[0].ids) == 64
    assert abs(first.count("天") - first.count("地")) <= 1
    assert "东西南北" in second


def test_a_blank_at_the_edge_shows_more_of_the_other_side(encoder: Encoder) -> None:
    (item,) = encode(encoder, Choice("#1#", "1", "天" * 80, "", ("大小多少",), 0, blank=True), length=64)
    assert len(item.sequences[0].ids) == 64
    (item,) = encode(encoder, Choice("#1#", "1", "", "地" * 80, ("大小多少",), 0, blank=True), length=64)
    assert len(item.sequences[0].ids) == 64


def test_loss_is_among_an_items_own_choices(encoder: Encoder) -> None:
    three = Choice(None, "2", "天", "哪？", ("山", "水", "风"), 2)
    items = encode(encoder, C3, three)
    loss, count = choice.loss(torch.tensor([[0.0], [1.0], [0.0], [0.0], [0.0]]), items)
    assert count == 2
    assert loss.item() == pytest.approx(np.log1p(np.exp(-1)) + np.log(3), rel=1e-6)


@pytest.mark.slow
def test_what_is_not_there_is_never_chosen_and_lines_are_matched_one_to_one(encoder: Encoder) -> None:
    config = settings()
    items = encode(encoder, C3)
    predicted, confidence = choice.predict([C3], (), items, [np.array([[-9.0], [-9.5]], np.float32)], config)
    assert predicted == [0]
    assert confidence == pytest.approx([1 / (1 + np.exp(-0.5))])
    scores = [np.array([[3.0], [2.9]], np.float32), np.array([[2.5], [0.0]], np.float32)]
    assert choice.predict([BLANK, BLANK], (), [], scores, config)[0] == [1, 0]
