"""Stopping on request: the first signal asks, the second one insists."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

STOPPING = "stopping after this step; again to stop now"


class Stopped(Exception):
    """A signal asked to stop, and the work is at a place where it can."""


@dataclass
class StopRequest:
    """Whether a signal asked to stop."""

    requested: bool = False

    def check(self) -> None:
        """Raise `Stopped` if one did: called where what was done since the last step may be lost."""
        if self.requested:
            raise Stopped


@contextmanager
def stop_requests(quiet: bool = True) -> Iterator[StopRequest]:
    """Turn the first SIGINT or SIGTERM into a request, told at once, and a second one into KeyboardInterrupt.

    SIGTERM is what SLURM and Kubernetes send before they take a machine away.
    """
    request = StopRequest()
    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def ask(number: int, frame: FrameType | None) -> None:
        request.requested = True
        for each in previous:
            signal.signal(each, signal.default_int_handler)
        if not quiet:
            # Not printed: the signal may have come in the middle of a print.
            os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, f"\n{STOPPING}\n".encode())

    for number in previous:
        signal.signal(number, ask)
    try:
        yield request
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
