import pytest

from gaupt.evaluation.metrics.entities import NOTHING
from gaupt.evaluation.tasks.rows import Choice, Labelled, Question, Row, Tagged, answered, first_repeated


@pytest.mark.parametrize(
    ("with_answer", "without"),
    [
        (Labelled(None, "0", ("一",), "0"), Labelled(None, "0", ("一",), None)),
        (Tagged(None, "0", "一", NOTHING), Tagged(None, "0", "一", None)),
        (Question("0", "0", "一", "二", (("一", 0),)), Question("0", "0", "一", "二", ())),
        (Choice(None, "0", "", "", ("一",), 0), Choice(None, "0", "", "", ("一",), None)),
    ],
)
def test_a_row_is_answered_where_the_file_says_what_is_right(with_answer: Row, without: Row) -> None:
    assert answered(with_answer)
    assert not answered(without)


def test_the_first_name_that_occurs_twice_is_found() -> None:
    assert first_repeated(["a", "b", "c", "c", "b"]) == "b"
    assert first_repeated(["a", "b"]) is None
    assert first_repeated(["", ""]) == ""
