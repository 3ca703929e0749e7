"""Scores that others printed, to be shown beside ours and marked as theirs.

All on dev. CMRC 2018 is (EM + F1)/2, the figure of tables here; GAU-α's table has the share of exact token spans
instead, which is neither EM nor F1, so its cell stays empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class PublishedRow:
    """One row of somebody's table."""

    model: str
    source: str
    scores: Mapping[str, float]
    """By task; accuracy, for cmrc2018 the mean of EM and F1, for cluener micro F1 over spans."""


_PAPER = ("afqmc", "csl", "iflytek", "tnews", "cluewsc", "cmnli", "cmrc2018", "chid", "c3")
_GAU_ALPHA = (
    "afqmc", "tnews", "iflytek", "cmnli", "ocnli", "cluewsc", "csl", "chid", "c3", "cluener",
)  # fmt: skip
_CLUE = ("afqmc", "tnews", "iflytek", "cmnli", "csl", "cmrc2018", "chid", "c3")


def _row(model: str, source: str, tasks: tuple[str, ...], *scores: float) -> PublishedRow:
    return PublishedRow(model, source, dict(zip(tasks, scores, strict=True)))


PUBLISHED = (
    _row(
        "RoFormerV1", "arXiv:2205.05842, table 5", _PAPER,
        74.21, 83.13, 60.17, 58.07, 83.22, 81.50, 74.31, 86.21, 65.27,
    ),
    _row(
        "RoFormerV2 (multi-task)", "arXiv:2205.05842, table 5", _PAPER,
        75.96, 84.81, 63.24, 59.39, 83.93, 81.41, 79.35, 85.63, 74.32,
    ),
    _row(
        "GAU", "arXiv:2205.05842, table 5", _PAPER,
        74.51, 83.70, 62.72, 57.93, 82.89, 81.97, 78.04, 85.49, 67.98,
    ),
    _row(
        "RoFormerV2, 30k steps", "arXiv:2205.05842, table 5", _PAPER,
        70.66, 79.13, 59.07, 55.38, 63.82, 77.26, 70.25, 77.08, 53.86,
    ),
    _row(
        "GAU, 30k steps", "arXiv:2205.05842, table 5", _PAPER,
        69.14, 79.60, 58.36, 56.57, 64.11, 77.47, 68.86, 78.20, 56.15,
    ),
    _row(
        "BERT", "README of GAU-α", _GAU_ALPHA,
        72.41, 56.80, 60.06, 79.56, 73.93, 78.62, 83.93, 85.69, 60.54, 79.45,
    ),
    _row(
        "RoBERTa", "README of GAU-α", _GAU_ALPHA,
        74.05, 58.06, 60.64, 81.24, 76.00, 87.50, 84.50, 86.71, 67.66, 79.47,
    ),
    _row(
        "RoFormer", "README of GAU-α", _GAU_ALPHA,
        73.52, 57.54, 60.91, 80.92, 76.07, 86.84, 84.63, 86.57, 67.24, 79.72,
    ),
    _row(
        "RoFormerV2 (masked LM)", "README of GAU-α", _GAU_ALPHA,
        72.75, 56.54, 60.87, 80.34, 75.36, 80.92, 84.67, 85.09, 64.62, 81.08,
    ),
    _row(
        "GAU-α", "README of GAU-α", _GAU_ALPHA,
        74.17, 57.76, 61.41, 81.82, 75.86, 79.93, 85.67, 87.91, 68.24, 80.01,
    ),
    _row(
        "BERT-base", "README of CLUE", _CLUE,
        74.16, 56.09, 60.37, 79.47, 79.63, (64.77 + 85.48) / 2, 82.20, 65.70,
    ),
    _row(
        "RoBERTa-wwm-ext", "README of CLUE", _CLUE,
        74.30, 57.51, 60.80, 80.70, 80.67, (67.89 + 87.28) / 2, 83.78, 67.06,
    ),
)  # fmt: skip
