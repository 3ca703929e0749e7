"""Is one model better than another? Paired bootstrap, exact McNemar, Holm.

Resampling is by groups, since questions on one paragraph are not independent; for fine-tunings by seeds as well,
each task by itself.
Paired resampling: Berg-Kirkpatrick et al. 2012 (D12-1091). Test sets are mostly too small for the differences that
papers report: Card et al. 2020 (arXiv:2010.06595).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

BLOCK = 500
"""Resamples computed at once."""


@dataclass(frozen=True)
class Sample:
    """A model's results on the rows of one task."""

    parts: NDArray[np.float64]
    """[runs, rows, 2]: what each row adds to numerator and denominator of the score, for every seed or draw."""
    groups: tuple[str, ...]
    """The group of each row; the same rows for every model."""

    @property
    def scores(self) -> NDArray[np.float64]:
        """The score of each run, in percent."""
        return _ratio(self.parts.sum(1))


@dataclass(frozen=True)
class Difference:
    """How much higher one model scores than another."""

    mean: float
    low: float
    high: float
    """95% of the resampled differences lie between ``low`` and ``high``."""
    p: float
    """Two-sided: how often resampling turns the sign."""


def resampled_differences(
    one: Sample, other: Sample, resamples: int, seed: int | Sequence[int], *, draw_runs: bool = True
) -> NDArray[np.float64]:
    """Differences of ``one`` less ``other`` in percent, on ``resamples`` draws of groups and, of several, of runs.

    Both models see the same drawn groups. Runs are drawn for each model by itself, as seeds of fine-tunings are
    unrelated; ``draw_runs`` False takes the mean over all, for probes, whose draws are the same rows for all models.
    """
    rng = np.random.default_rng(seed)
    names = {name: place for place, name in enumerate(dict.fromkeys(one.groups))}
    members = np.array([names[name] for name in one.groups])
    left, right = (_by_group(sample.parts, members, len(names)) for sample in (one, other))
    differences = []
    for start in range(0, resamples, BLOCK):
        count = min(BLOCK, resamples - start)
        drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), count).astype(np.float64)
        differences.append(
            _mean_score(left, drawn, rng, draw_runs) - _mean_score(right, drawn, rng, draw_runs)
        )
    return np.concatenate(differences)


def difference(one: Sample, other: Sample, resamples: int, seed: int | Sequence[int]) -> Difference:
    """The mean difference in percent with its 95% interval."""
    return summarize(
        float(one.scores.mean() - other.scores.mean()), resampled_differences(one, other, resamples, seed)
    )


def summarize(mean: float, resampled: NDArray[np.float64]) -> Difference:
    """``mean`` with interval and p of its resampled values."""
    low, high = np.quantile(resampled, [0.025, 0.975])
    tail = min((resampled <= 0).mean(), (resampled >= 0).mean())
    # So many resamples cannot tell less than one of them.
    return Difference(mean, float(low), float(high), float(min(1.0, max(2 * tail, 1 / len(resampled)))))


def mcnemar(one: Sequence[bool], other: Sequence[bool]) -> float:
    """Exact p that two models are equally often right, from the rows where just one of them is."""
    pairs = list(zip(one, other, strict=True))
    gained, lost = pairs.count((True, False)), pairs.count((False, True))
    return min(1.0, 2 * float(bdtr(min(gained, lost), gained + lost, 0.5)))


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """p of each of several comparisons, adjusted so that all of them together err as seldom as one (Holm 1979)."""
    adjusted: dict[str, float] = {}
    highest = 0.0
    for rank, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p))
        adjusted[name] = highest
    return {name: adjusted[name] for name in p_values}


def _ratio(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    return 100 * sums[..., 0] / np.maximum(sums[..., 1], 1e-12)


def _by_group(parts: NDArray[np.float64], members: NDArray[np.int64], groups: int) -> NDArray[np.float64]:
    summed = np.zeros((len(parts), groups, 2))
    for run, rows in enumerate(parts):
        np.add.at(summed[run], members, rows)
    return summed


def _mean_score(
    parts: NDArray[np.float64], drawn: NDArray[np.float64], rng: np.random.Generator, draw_runs: bool
) -> NDArray[np.float64]:
    """The mean score over runs, drawn or all, on drawn groups: [resamples]."""
    scores = np.stack([_ratio(drawn @ run) for run in parts], axis=1)  # [resamples, runs]
    weights = np.full(len(parts), 1 / len(parts))
    if draw_runs and len(parts) > 1:
        weights = rng.multinomial(len(parts), weights, len(drawn)) / len(parts)
    mean: NDArray[np.float64] = (scores * weights).sum(1)
    return mean
