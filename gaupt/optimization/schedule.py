"""Learning rates as functions of the step."""

from collections.abc import Iterable

LINEAR = ((1.0, 0.0),)
"""The points of a linear decay to zero at the last step."""


def rate_share(
    step: float, *, warmup_steps: float, steps: int, points: Iterable[tuple[float, float]] = LINEAR
) -> float:
    """Share of the peak learning rate at update ``step`` (from 0): linear from 0 up to 1, then through ``points``.

    Each point is a share of ``steps`` and the share of the peak there, with straight lines between them; those that
    the warm-up covers are passed over, and behind the last the rate stays. The first update already moves: it uses
    ``1 / warmup_steps``.
    """
    if step < warmup_steps:
        return min(1.0, (step + 1) / warmup_steps)
    here, share = float(warmup_steps), 1.0
    for at, level in points:
        there = at * steps
        if there > step:
            return share + (level - share) * (step - here) / (there - here)
        here, share = max(here, there), level
    return share


def flat_until(points: Iterable[tuple[float, float]]) -> float:
    """Share of the steps up to which the rate stays at its peak; 0 where it falls from the end of the warm-up on."""
    flat = 0.0
    for at, level in points:
        if level != 1.0:
            break
        flat = at
    return flat


def stable_steps(points: Iterable[tuple[float, float]], steps: int) -> int:
    """Updates after which the rate begins to fall for good; 0 where it falls from the end of the warm-up on."""
    return int(flat_until(points) * steps)
