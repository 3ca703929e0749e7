"""Answers out of a passage."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.items import Item
from gaupt.evaluation.kinds import answer
from gaupt.evaluation.tasks.rows import Question
from tests.evaluation.small import settings

LONG = "天地人山水风雨花鸟鱼虫木石云月日星河湖海" * 3


def question(context: str, *answers: tuple[str, int]) -> Question:
    return Question("q", "p", context, "哪？", answers)


def encode(
    encoder: Encoder, row: Question, training: bool = True, length: int = 32, stride: int = 10
) -> list[Item]:
    config = settings(f"max_length={length}", f"stride={stride}")
    return answer.encode([row], (), encoder, config, config, training)


@pytest.mark.option("evaluate.stride")
def test_windows_move_on_by_the_stride_and_reach_the_end(encoder: Encoder) -> None:
    items = encode(encoder, question(LONG, ("天", 0)))
    starts = [item.places[0][0] for item in items]
    assert starts == [0, 10, 20, 30, 40]
    assert items[-1].places[-1][1] == len(LONG)
    assert all(item.length <= 32 for item in items)


@pytest.mark.slow
@given(st.integers(1, 200), st.integers(16, 80))
def test_a_question_never_takes_more_than_half_of_what_is_read(
    encoder: Encoder, asked: int, length: int
) -> None:
    row = Question("q", "p", LONG, "哪" * asked, (("天", 0),))
    items = encode(encoder, row, length=length)
    assert all(item.length <= length for item in items)
    assert items[0].first - 2 == min(asked, answer.QUESTION_LENGTH, (length - 3) // 2)
    assert items[-1].places[-1][1] == len(LONG)


def test_a_passage_without_a_token_has_an_empty_answer(encoder: Encoder) -> None:
    row = question(" ")
    items = encode(encoder, row, training=False)
    scores = [np.zeros((0, 2), np.float32)] * len(items)
    assert answer.predict([row], (), items, scores, settings()) == ([""], [0.0])


def test_a_window_without_the_whole_answer_points_at_cls(encoder: Encoder) -> None:
    items = encode(encoder, question(LONG, ("星河湖", 16)))
    targets = [item.target for item in items]
    assert targets[0] == (items[0].first + 16, items[0].first + 18)
    assert targets[1] == (items[1].first + 6, items[1].first + 8)
    assert targets[2] == (0, 0)
    cut = encode(encoder, question(LONG, (LONG[25:31], 25)))
    assert cut[0].target == (0, 0)  # the first window ends inside it


@pytest.mark.parametrize(("start", "expected"), [(3, 3), (2, 3), (6, 3), (0, 3), (-1, 3)])
def test_an_answer_is_found_where_its_place_is_off(start: int, expected: int) -> None:
    assert answer.answer_span(question("天地人河好。", ("河好", start))) == (expected, expected + 2)


def test_an_answer_that_is_not_in_the_passage_is_not_learned(encoder: Encoder) -> None:
    row = question("天地人。", ("39764.0", -1))
    assert answer.answer_span(row) is None
    assert encode(encoder, row, training=True) == []
    assert len(encode(encoder, row, training=False)) == 1


def test_the_network_reads_simplified_and_the_answer_is_cut_from_the_original(encoder: Encoder) -> None:
    row = question("天風雲好。", ("風雲", 1))
    (item,) = encode(encoder, row)
    assert encoder.tokenizer.id_to_token(item.sequences[0].ids[item.first + 1]) == "风"
    scores = np.full((5, 2), -9, np.float32)
    scores[1, 0] = scores[2, 1] = 9
    assert answer.predict([row], (), [item], [scores], settings())[0] == ["風雲"]


def test_the_best_window_answers(encoder: Encoder) -> None:
    row = question(LONG)
    items = encode(encoder, row, training=False)
    scores = [np.zeros((len(item.places), 2), np.float32) for item in items]
    scores[1][3] = 5
    assert answer.predict([row], (), items, scores, settings())[0] == [LONG[13]]


@pytest.mark.option("evaluate.max_answer")
@pytest.mark.parametrize(("longest", "answered"), [(5, "天地人山水"), (4, "地人山水")])
def test_an_answer_has_as_many_tokens_as_asked_for_at_most(
    encoder: Encoder, longest: int, answered: str
) -> None:
    row = question("天地人山水。")
    items = encode(encoder, row, training=False)
    scores = np.zeros((6, 2), np.float32)
    scores[0, 0], scores[4, 1] = 1, 2
    assert answer.predict([row], (), items, [scores], settings(f"max_answer={longest}"))[0] == [answered]


def test_padding_takes_no_part_in_the_loss(encoder: Encoder) -> None:
    short, long_ = (
        encode(encoder, question("天河。", ("河", 1)))[0],
        encode(encoder, question(LONG, ("天", 0)))[0],
    )
    loss, count = answer.loss(torch.zeros(2, 32, 2), [short, long_])
    assert count == 2
    assert loss.item() == pytest.approx(np.log(short.length) + np.log(long_.length), rel=1e-5)


@pytest.mark.slow
@given(arrays(np.float32, (6, 2), elements=st.floats(-5, 5, width=32)), st.integers(1, 6))
def test_no_span_within_reach_scores_higher(scores: np.ndarray, longest: int) -> None:
    value, first, last = answer.best_span(scores, longest)
    assert first <= last < first + longest
    every = [scores[a, 0] + scores[b, 1] for a in range(6) for b in range(a, min(6, a + longest))]
    assert value == pytest.approx(max(every), abs=1e-6)
