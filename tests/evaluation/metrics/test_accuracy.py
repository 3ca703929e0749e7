import pytest

from gaupt.evaluation.metrics.accuracy import accuracy, macro_f1


def test_accuracy_is_a_percentage() -> None:
    assert accuracy([True, False, True, True]) == 75
    assert (accuracy([]), accuracy([True])) == (0, 100)


def test_macro_f1_weighs_labels_alike_however_rare() -> None:
    # "a" three times, found twice: P 1, R 2/3; "b" once, found with one mistake: P 1/2, R 1.
    assert macro_f1(["a", "a", "a", "b"], ["a", "a", "b", "b"]) == pytest.approx(100 * (0.8 + 2 / 3) / 2)
    assert macro_f1(["a"], ["b"]) == macro_f1([], []) == 0
    assert macro_f1(["a"], ["a"]) == 100


def test_every_row_has_a_prediction() -> None:
    with pytest.raises(ValueError, match="shorter"):
        macro_f1(["a", "b"], ["a"])
