import multiprocessing
import re
import signal
import sys
import threading
import time
import unicodedata
from types import SimpleNamespace
from typing import Any

import pytest

from gaupt.workers.limit import Limit, TooSlow, limits
from gaupt.workers.pool import worker_pool


def hang() -> None:
    while True:
        pass


def search() -> None:
    re.match("(a|a)*b", "a" * 60)


@pytest.mark.slow
@pytest.mark.parametrize("act", [hang, search])
def test_python_and_its_regular_expressions_are_interrupted(act: Any) -> None:
    with limits() as limit:
        for _ in range(2):
            with pytest.raises(TooSlow), limit(0.02):
                act()


@pytest.mark.slow
def test_what_swallows_the_first_interruption_is_interrupted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gaupt.workers.limit._AGAIN", 0.02)
    with limits() as limit, pytest.raises(TooSlow), limit(0.02):
        try:
            hang()
        except TooSlow:
            hang()


def test_nothing_is_interrupted_that_is_done_in_time_or_waits() -> None:
    with limits() as limit:
        with limit(0.01):
            time.sleep(0.03)
        for _ in range(100):
            with limit(60.0):
                pass
        limit.interrupt(signal.SIGVTALRM, None)  # a moment late
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_the_handler_of_the_program_is_put_back() -> None:
    before = signal.signal(signal.SIGVTALRM, signal.SIG_IGN)
    try:
        with limits():
            assert signal.getsignal(signal.SIGVTALRM) is not signal.SIG_IGN
        assert signal.getsignal(signal.SIGVTALRM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGVTALRM, before)


def test_other_threads_are_left_alone_in_a_process_of_the_users() -> None:
    def work() -> None:
        with limits() as limit, limit(0.001):
            done.append(signal.getitimer(signal.ITIMER_PROF))

    done = list[tuple[float, float]]()
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [(0.0, 0.0)] and multiprocessing.parent_process() is None


def hang_in_a_call(queue: Any) -> None:
    """Python hears of no signal before half an hour is over."""
    with limits() as limit, limit(0.02):
        unicodedata.normalize("NFC", "茶" + "\u0f71\u0f72" * 1_000_000)


def hang_in_threads(queue: Any) -> None:
    """One waits long enough for the other: their bounds are added."""

    def work(seconds: float) -> None:
        with limits() as limit, limit(seconds):
            while time.process_time() < 0.2:
                pass
        queue.put(seconds)

    threads = [threading.Thread(target=work, args=(seconds,)) for seconds in (0.1, 0.2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    Limit(False, True)(0.02).__enter__()
    hang()


@pytest.mark.slow
@pytest.mark.untraced
@pytest.mark.parametrize("act", [hang_in_a_call, hang_in_threads])
def test_a_process_that_was_started_for_the_work_is_ended(act: Any) -> None:
    context = multiprocessing.get_context("spawn")
    queue = context.SimpleQueue()
    process = context.Process(target=act, args=(queue,))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGPROF
    if act is hang_in_threads:
        assert {queue.get(), queue.get()} == {0.1, 0.2}


def interrupted(seconds: float) -> str:
    with limits() as limit:
        try:
            with limit(seconds):
                hang()
        except TooSlow:
            return "interrupted"


@pytest.mark.slow
@pytest.mark.untraced
def test_a_worker_is_interrupted_before_it_is_ended() -> None:
    with worker_pool(1) as pool:
        assert pool.submit(interrupted, 0.05).result() == "interrupted"


def test_a_signal_that_comes_as_the_bound_is_left_interrupts_nothing() -> None:
    leaving = SimpleNamespace(f_code=Limit.__exit__.__code__)
    with limits() as limit:
        with limit(60):
            with pytest.raises(TooSlow):
                limit.interrupt(signal.SIGVTALRM, sys._getframe())
            limit.interrupt(signal.SIGVTALRM, leaving)  # type: ignore[arg-type]
        limit.interrupt(signal.SIGVTALRM, sys._getframe())  # a moment late
