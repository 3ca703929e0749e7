import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.evaluation.metrics.entities import F1, Entities, cut_entities, macro_by_string, micro_span

TEXTS = ["温格执教阿森纳", "阿森纳战胜阿森纳"]
GOLD = [{("name", 0, 1), ("organization", 4, 6)}, {("organization", 0, 2), ("organization", 5, 7)}]
TYPES = ("name", "organization")
SPANS = st.lists(
    st.sets(st.tuples(st.sampled_from(TYPES), st.integers(0, 3), st.integers(4, 6))), min_size=2, max_size=2
)


def strings(spans: list) -> list:
    return [cut_entities(text, each).strings for text, each in zip(TEXTS, spans, strict=True)]


def test_the_last_character_of_a_span_belongs_to_the_entity() -> None:
    assert cut_entities(TEXTS[0], GOLD[0]) == Entities(
        frozenset(GOLD[0]), frozenset({("name", "温格"), ("organization", "阿森纳")})
    )


def test_a_span_is_right_with_type_start_and_end() -> None:
    predicted = [{("name", 0, 1), ("organization", 3, 6)}, {("name", 0, 2)}]
    f1 = micro_span(GOLD, predicted)
    assert (f1.precision, f1.recall) == (100 / 3, 25)
    assert f1.f1 == 200 * 1 / (3 + 4)


def test_the_leaderboard_takes_a_string_for_right_wherever_it_stands() -> None:
    predicted = [GOLD[0], {("organization", 5, 7)}]
    assert micro_span(GOLD, predicted).recall == 75
    assert macro_by_string(strings(GOLD), strings(predicted), TYPES)[0] == 100


def test_a_type_without_a_hit_counts_zero() -> None:
    macro, by_type = macro_by_string(strings(GOLD), strings(GOLD), (*TYPES, "book"))
    assert by_type == {"name": 100, "organization": 100, "book": 0}
    assert macro == 200 / 3


def test_nothing_predicted_is_zero() -> None:
    assert micro_span(GOLD, [set(), set()]) == micro_span([set(), set()], GOLD) == F1(0, 0, 0)
    assert micro_span([], []) == F1(0, 0, 0)
    assert macro_by_string([], [], ()) == (0, {})


def test_a_string_is_right_with_its_type_and_counts_once_a_sentence() -> None:
    gold, predicted = (
        [("name", "北京"), ("name", "上海")],
        [("name", "北京"), ("name", "北京"), ("book", "上海")],
    )
    assert macro_by_string([gold], [predicted], ["name"]) == (200 / 3, {"name": 200 / 3})


def test_every_sentence_has_a_prediction() -> None:
    with pytest.raises(ValueError, match="shorter"):
        micro_span(GOLD, GOLD[:1])
    with pytest.raises(ValueError, match="shorter"):
        macro_by_string(strings(GOLD), [], TYPES)


@pytest.mark.slow
@given(SPANS, SPANS)
def test_precision_and_recall_change_places_with_gold_and_predicted(one: list, two: list) -> None:
    assert micro_span(one, two).precision == micro_span(two, one).recall
    assert micro_span(one, two).f1 == micro_span(two, one).f1 <= 100
