"""The learning rate as a function of the step."""

from hypothesis import given
from hypothesis import strategies as st

from gaupt.optimization.schedule import linear_schedule


def test_rises_to_the_peak_then_falls_to_zero() -> None:
    rates = [linear_schedule(step, peak=1.0, warmup_steps=4, steps=12) for step in range(12)]
    assert rates[:4] == [0.25, 0.5, 0.75, 1.0]
    assert rates[4] == 1.0
    assert rates[-1] == 1 / 8
    assert rates[4:] == sorted(rates[4:], reverse=True)


@given(steps=st.integers(1, 1000), warmup=st.integers(0, 2000), peak=st.floats(1e-6, 1))
def test_every_step_moves_and_none_exceeds_the_peak(steps: int, warmup: int, peak: float) -> None:
    for step in (0, steps // 2, steps - 1):
        assert 0 < linear_schedule(step, peak=peak, warmup_steps=warmup, steps=steps) <= peak
