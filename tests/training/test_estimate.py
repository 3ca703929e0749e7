"""Arithmetic of time: what a run takes, and what fits into hours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.config import TrainConfig
from gaupt.training.estimate import Pace, fit_to_hours

PACE = Pace(step=2.0, validation=30.0, checkpoint=5.0)


@pytest.mark.parametrize(
    ("steps", "done", "seconds"),
    [
        (10, 0, 20 + 35),  # both at the last step
        (100, 0, 200 + 35),  # every 100 steps is the last step
        (101, 0, 202 + 2 * 30 + 2 * 5),
        (250, 0, 500 + 3 * 30 + 3 * 5),
        (250, 200, 100 + 30 + 5),
        (250, 199, 102 + 2 * 30 + 2 * 5),
        (250, 250, 35),  # what is left of a run that was stopped while it closed
    ],
)
def test_a_run_is_its_steps_validations_and_checkpoints(steps: int, done: int, seconds: float) -> None:
    train = TrainConfig(steps=steps, eval_every=100, checkpoint_every=100)
    assert PACE.seconds(train, done) == seconds


@pytest.mark.slow
@given(
    hours=st.floats(0.1, 1000),
    steps=st.integers(1, 100_000),
    every=st.integers(1, 1000),
)
def test_a_schedule_that_is_fitted_fills_the_hours(hours: float, steps: int, every: int) -> None:
    train = TrainConfig(
        hours=hours,
        steps=steps,
        eval_every=every,
        checkpoint_every=every,
    )
    fitted = fit_to_hours(train, PACE)
    assert PACE.seconds(fitted) <= hours * 3600 + PACE.validation + PACE.checkpoint or fitted.steps == 1
    assert PACE.seconds(fitted) >= hours * 3600 - PACE.step - 2 * (PACE.validation + PACE.checkpoint)


def test_the_shortest_run_has_one_step() -> None:
    assert fit_to_hours(TrainConfig(hours=1e-6), PACE).steps == 1
