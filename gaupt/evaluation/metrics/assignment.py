"""ChID: within a line each idiom fits at most one blank, so blanks and idioms are matched one to one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike


def assign(scores: ArrayLike) -> list[int]:
    """The idiom of each blank, no idiom twice, with the greatest sum of ``scores`` [blanks, idioms].

    The optimal matching, as bert4keras decides; `assign_greedily` is CLUE's. More blanks than idioms cannot be
    matched one to one: then each blank takes its best.
    """
    # Here, since it takes a fifth of a second to import, for this task alone.
    from scipy.optimize import linear_sum_assignment

    matrix = np.asarray(scores, np.float64)
    if matrix.shape[0] > matrix.shape[1]:
        return [int(best) for best in matrix.argmax(1)]
    _, chosen = linear_sum_assignment(matrix, maximize=True)
    return [int(idiom) for idiom in chosen]


def assign_greedily(scores: ArrayLike) -> list[int]:
    """The idiom of each blank, the highest score of all first, as CLUE's baseline and PaddleNLP decide."""
    matrix = np.array(scores, np.float64)
    chosen = [-1] * len(matrix)
    for _ in range(min(matrix.shape)):
        blank, idiom = np.unravel_index(matrix.argmax(), matrix.shape)
        chosen[blank] = int(idiom)
        matrix[blank, :] = matrix[:, idiom] = -np.inf
    return chosen


def assign_lines(scores: Sequence[Sequence[float]], lines: Sequence[str]) -> list[int]:
    """`assign` within each line; ``lines`` names the line of each row of ``scores``."""
    chosen = np.zeros(len(scores), np.int64)
    places: dict[str, list[int]] = {}
    for place, line in enumerate(lines):
        places.setdefault(line, []).append(place)
    for members in places.values():
        chosen[members] = assign([scores[place] for place in members])
    return [int(idiom) for idiom in chosen]
