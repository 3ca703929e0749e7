"""Where the time goes, told with a clock of our own."""

import pytest

from gaupt.training import clock as clocks
from gaupt.training.clock import Clock


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, to be set."""
    time = [100.0]
    monkeypatch.setattr(clocks.time, "monotonic", lambda: time[0])
    return time


def spend(clock: Clock, now: list[float], part: str, seconds: float) -> None:
    with clock.timing(part):
        now[0] += seconds


def test_steps_are_what_is_left_and_wait_for_their_batches(now: list[float]) -> None:
    clock = Clock()
    now[0] += 5
    for part, seconds in (("loader", 1), ("logs", 0.5), ("checkpoints", 2), ("validation", 1.5)):
        spend(clock, now, part, seconds)
    spent = clock.whole()
    assert (spent.total, spent.steps) == (10, 6)
    assert spent.shares() == {
        "time_in_loader": 0.1, "time_in_logs": 0.05, "time_in_checkpoints": 0.2, "time_in_validation": 0.15,
    }  # fmt: skip


def test_a_lap_is_the_time_since_the_one_before(now: list[float]) -> None:
    clock = Clock()
    spend(clock, now, "logs", 3)
    assert clock.since_lap().parts["logs"] == 3
    clock.lap()
    spend(clock, now, "logs", 1)
    now[0] += 1
    lap = clock.lap()
    assert (lap.total, lap.parts["logs"], lap.steps) == (2, 1, 1)
    assert clock.since_lap().total == 0
    assert clock.whole().parts["logs"] == 4


def test_a_part_has_a_mean_once_it_was_timed(now: list[float]) -> None:
    clock = Clock()
    assert clock.mean("validation", otherwise=7.0) == 7.0
    for seconds in (1, 3):
        spend(clock, now, "validation", seconds)
    assert clock.mean("validation", otherwise=7.0) == 2.0


def test_what_is_given_up_was_spent_as_well(now: list[float]) -> None:
    clock = Clock()
    with pytest.raises(MemoryError), clock.timing("checkpoints"):
        now[0] += 4
        raise MemoryError
    assert clock.whole().parts["checkpoints"] == 4
