import numpy as np
import pytest

from gaupt.evaluation.probe.ngrams import TfIdf


def test_rows_have_length_one_and_an_unknown_text_is_empty() -> None:
    rows = TfIdf(["天地", "天人"])(["天地天", "山水", ""])
    assert np.linalg.norm(rows.toarray(), axis=1) == pytest.approx([1, 0, 0])


def test_what_is_rarer_weighs_more() -> None:
    tfidf = TfIdf(["天地", "天人"])
    row = tfidf(["天地"]).toarray()[0]
    assert row[tfidf.places["地"]] > row[tfidf.places["天"]] > 0
    assert row[tfidf.places["天地"]] == row[tfidf.places["地"]]


def test_counts_count() -> None:
    tfidf = TfIdf(["天地"])
    row = tfidf(["天天地"]).toarray()[0]
    assert row[tfidf.places["天"]] == pytest.approx(2 * row[tfidf.places["地"]])
