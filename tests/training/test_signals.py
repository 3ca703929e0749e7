"""Signals: the first asks, the second insists, and the old handlers come back."""

import os
import signal

import pytest

from gaupt.training.signals import AGAIN, STOPPING, Stopped, stop_requests


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_asks_and_the_second_insists(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with stop_requests() as stop:
        stop.check()
        os.kill(os.getpid(), number)
        assert stop.requested
        with pytest.raises(Stopped):
            stop.check()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
            signal.sigtimedwait([], 1)
    assert signal.getsignal(number) is before


@pytest.mark.parametrize(("quiet", "told"), [(False, f"\n{STOPPING}{AGAIN}\n"), (True, "")])
def test_it_is_answered_at_once_unless_quiet(
    quiet: bool, told: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with stop_requests(quiet):
        os.kill(os.getpid(), signal.SIGINT)
        assert capfd.readouterr().err == told
