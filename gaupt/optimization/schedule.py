"""Learning rates as functions of the step."""


def linear_schedule(step: int, *, peak: float, warmup_steps: int, steps: int) -> float:
    """Learning rate of update ``step`` (from 0): linear from 0 up to ``peak``, then linear to 0 at ``steps``.

    The first update already moves: it uses ``peak / warmup_steps``.
    """
    if step < warmup_steps:
        return peak * ((step + 1) / warmup_steps)
    return peak * ((steps - step) / max(1, steps - warmup_steps))
