"""Signs of life: who falls silent is missed, who lives is not, and who should have ended is told so."""

import threading
from unittest.mock import Mock

import pytest
from torch import distributed

from gaupt.training import liveness
from gaupt.training.liveness import signs_of_life
from gaupt.training.ranks import ENDED

EVERY, SILENCE = 0.01, 0.08


class Loss:
    """What the watching thread tells."""

    def __init__(self) -> None:
        self.came = threading.Event()

    def __call__(self, what: str) -> None:
        self.what = what
        self.came.set()


@pytest.mark.slow
def test_the_living_are_not_missed() -> None:
    store, losses = distributed.HashStore(), [Loss(), Loss()]
    with (
        signs_of_life(store, 0, 2, losses[0], every=EVERY, silence=1),
        signs_of_life(store, 1, 2, losses[1], every=EVERY, silence=1),
    ):
        assert not losses[0].came.wait(2)
    assert not losses[1].came.is_set()


@pytest.mark.slow
@pytest.mark.parametrize(("rank", "silent"), [(0, 2), (1, 0)])
def test_who_falls_silent_is_missed(rank: int, silent: int) -> None:
    store, loss = distributed.HashStore(), Loss()
    others = {0, 1, 2} - {rank, silent}
    with (
        signs_of_life(store, others.pop(), 3, Loss(), every=EVERY, silence=60),
        signs_of_life(store, rank, 3, loss, every=EVERY, silence=SILENCE),
    ):
        assert loss.came.wait(10)
    assert loss.what.startswith(f"rank {silent} has given no sign of life for ")


@pytest.mark.slow
def test_others_than_rank_0_do_not_watch_each_other() -> None:
    store, loss = distributed.HashStore(), Loss()
    with (
        signs_of_life(store, 0, 3, Loss(), every=EVERY, silence=60),
        signs_of_life(store, 1, 3, loss, every=EVERY, silence=SILENCE),
    ):
        assert not loss.came.wait(2 * SILENCE)


def test_a_store_that_does_not_answer_is_a_loss() -> None:
    store, loss = Mock(), Loss()
    store.check.side_effect = RuntimeError("Broken pipe")
    with signs_of_life(store, 1, 2, loss, every=EVERY, silence=60):
        assert loss.came.wait(10)
    assert loss.what == "rank 0 cannot be reached"


@pytest.mark.slow
def test_who_is_still_here_long_after_another_ended_with_an_error_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(liveness, "PATIENCE", SILENCE)
    store, writer, other = distributed.HashStore(), Loss(), Loss()
    with (
        signs_of_life(store, 0, 2, writer, every=EVERY, silence=60),
        signs_of_life(store, 1, 2, other, every=EVERY, silence=60),
    ):
        assert not other.came.wait(SILENCE)
        store.set(ENDED, "2")
        assert other.came.wait(10)
        assert not writer.came.is_set()  # which may be writing
    assert other.what == "another process of the run ended with an error"
