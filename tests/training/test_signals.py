"""Signals: the first asks, the second insists, and the old handlers come back."""

import os
import signal
import time

import pytest

from gaupt.training.signals import AGAIN, STOPPING, Stopped, stop_requests


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
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


def test_a_closed_terminal_is_nothing_to_nohup() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop_requests() as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not stop.requested
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize(("quiet", "told"), [(False, f"\n{STOPPING}{AGAIN}\n"), (True, "")])
def test_it_is_answered_at_once_unless_quiet(
    quiet: bool, told: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with stop_requests(quiet):
        os.kill(os.getpid(), signal.SIGINT)
        assert capfd.readouterr().err == told


def test_one_that_torchrun_sends_behind_the_first_changes_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with stop_requests(quiet=False, insist=False) as stop:
        for _ in range(3):
            os.kill(os.getpid(), signal.SIGTERM)
        assert stop.requested
    assert capfd.readouterr().err == f"\n{STOPPING}\n"


def test_after_its_time_it_is_as_if_one_had_come() -> None:
    with stop_requests(deadline=time.monotonic() + 60) as stop:
        stop.check()
        assert not stop.late
        stop.deadline = time.monotonic() - 1e-3
        assert stop.late and not stop.requested
        with pytest.raises(Stopped):
            stop.check()
