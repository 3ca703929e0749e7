import pytest

from gaupt.evaluation.published import PUBLISHED
from gaupt.evaluation.results import published_averages
from gaupt.evaluation.tasks.registry import TASKS


def test_published_rows_name_tasks_and_percentages() -> None:
    for row in PUBLISHED:
        assert row.scores.keys() <= TASKS.keys()
        assert all(0 < score < 100 for score in row.scores.values())


@pytest.mark.parametrize(
    ("model", "printed"),
    [("GAU", 75.02), ("RoFormerV1", 74.01), ("RoFormerV2 (multi-task)", 76.45), ("GAU, 30k steps", 67.61)],
)
def test_the_papers_averages_are_the_means_of_its_rows(model: str, printed: float) -> None:
    found = {row["model"]: row["score"] for row in published_averages() if row["average"] == "paper9"}
    assert found[model] == pytest.approx(printed, abs=0.0101)


def test_exact_token_spans_share_no_column_with_exact_match() -> None:
    assert all("cmrc2018" not in row.scores for row in PUBLISHED if row.source == "README of GAU-α")
