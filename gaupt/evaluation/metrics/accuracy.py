"""Tasks whose answer is one of several."""

from collections.abc import Sequence


def accuracy(right: Sequence[bool]) -> float:
    """The share of the rows that are right, in percent."""
    return 100 * sum(right) / max(len(right), 1)


def macro_f1(gold: Sequence[str], predicted: Sequence[str]) -> float:
    """The mean F1, in percent, of the labels that occur in ``gold`` or ``predicted``."""
    labels = sorted({*gold, *predicted})
    scores = []
    for label in labels:
        right = sum(a == b == label for a, b in zip(gold, predicted, strict=True))
        scores.append(200 * right / (gold.count(label) + predicted.count(label)))
    return sum(scores) / max(len(scores), 1)
