"""A bound for the time that one thing of many takes, a document say, however it hangs.

It is processor time, which does not pass while a process waits for a disk or for its turn, or stands still in the
background. The first bound interrupts Python, and with it regular expressions. Where that does not help, in a call into
other code, the kernel ends the process half as long again later, if it was started for the work: `Crew` replaces it.
"""

import multiprocessing
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

GRACE = 1.5
"""Times the bound at which a process is ended that could not be interrupted."""
_AGAIN = 1.0
"""Seconds until it is interrupted again: some code drops exceptions."""


class TooSlow(Exception):
    """The time is over."""


class Limit:
    """Bounds what is done in ``with limit(seconds):``, one thing after the other.

    Args:
        interrupts: whether this thread can be interrupted.
        ends: whether the process may be ended.
    """

    def __init__(self, interrupts: bool, ends: bool) -> None:
        self._interrupts, self._ends = interrupts, ends
        self._seconds = 0.0
        self._inside = False

    def __call__(self, seconds: float) -> "Limit":
        """The bound of what is done next.

        Raises:
            TooSlow: in it, when it takes longer.
        """
        self._seconds = seconds
        return self

    def __enter__(self) -> None:
        self._inside = True
        if self._ends:
            _end.add(self._seconds)
        if self._interrupts:
            signal.setitimer(signal.ITIMER_VIRTUAL, self._seconds, _AGAIN)

    def __exit__(self, *error: object) -> None:
        self._inside = False
        if self._interrupts:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        if self._ends:
            _end.remove(self._seconds)

    def interrupt(self, number: int, frame: FrameType | None) -> None:
        """Raise `TooSlow` if something is bounded now: the signal may come a moment late."""
        # Raised as the bound is left, it would leave the timers running.
        leaves = frame is not None and frame.f_code is Limit.__exit__.__code__
        if self._inside and not leaves:
            raise TooSlow


class _End:
    """The kernel's timer, which ends the process: one for all of its threads, whose bounds are added."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bounds = list[float]()

    def add(self, seconds: float) -> None:
        with self._lock:
            self._bounds.append(seconds)
            self._set()

    def remove(self, seconds: float) -> None:
        with self._lock:
            self._bounds.remove(seconds)
            self._set()

    def _set(self) -> None:
        # Nobody handles this signal, so that the kernel ends the process whatever it is doing.
        signal.setitimer(signal.ITIMER_PROF, GRACE * sum(self._bounds))


_end = _End()


@contextmanager
def limits() -> Iterator[Limit]:
    """What bounds the work of this thread.

    Python interrupts its main thread alone; other threads are those of a cluster's workers. A process that nobody
    started for the work, the user's own, is never ended.
    """
    interrupts = threading.current_thread() is threading.main_thread()
    limit = Limit(interrupts, ends=multiprocessing.parent_process() is not None)
    if not interrupts:
        yield limit
        return
    before = signal.signal(signal.SIGVTALRM, limit.interrupt)
    try:
        yield limit
    finally:
        signal.signal(signal.SIGVTALRM, signal.SIG_DFL if before is None else before)
