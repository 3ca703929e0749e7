"""Stopping on request: the first signal asks, the second one insists."""

import math
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType

STOPPING, AGAIN = "stopping after this step", "; again to stop now"


class Stopped(Exception):
    """A signal asked to stop, or the time is up, and the work is at a place where it can."""


@dataclass
class StopRequest:
    """Whether a signal asked to stop, or the time is up."""

    requested: bool = False
    deadline: float = math.inf
    """Of time.monotonic()."""

    @property
    def late(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() > self.deadline

    def check(self) -> None:
        """Raise `Stopped` if it is so: called where what was done since the last step may be lost."""
        if self.requested or self.late:
            raise Stopped


@contextmanager
def stop_requests(
    quiet: bool = True, insist: bool = True, deadline: float = math.inf
) -> Iterator[StopRequest]:
    """Turn the first SIGINT, SIGTERM or SIGHUP into a request, told at once, and a second one into KeyboardInterrupt.

    SIGTERM is what SLURM and Kubernetes send before they take a machine away, SIGHUP comes of a closed terminal; where
    that is ignored, as under nohup, it stays so. Without ``insist`` a second one does
    nothing more: torchrun sends its own to processes that SLURM has sent one already. After ``deadline``, a time of
    time.monotonic(), it is as if one had come.
    """
    request = StopRequest(deadline=deadline)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    previous = {number: handler for number, handler in handlers.items() if handler is not signal.SIG_IGN}

    def ask(number: int, frame: FrameType | None) -> None:
        first, request.requested = not request.requested, True
        for each in previous if insist else ():
            signal.signal(each, signal.default_int_handler)
        if not quiet and first:
            # Not printed: the signal may have come in the middle of a print.
            told = f"\n{STOPPING}{AGAIN if insist else ''}\n"
            with suppress(OSError):  # a closed terminal takes nothing
                os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, told.encode())

    for number in previous:
        signal.signal(number, ask)
    try:
        yield request
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
