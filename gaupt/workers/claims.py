"""Which of the jobs that share a folder does which task, without a scheduler: they tell one another by files.

A job that takes a task leaves a claim beside where its result will be, and writes it anew every few seconds. A claim
that stays as it is was left by a job that died: another job takes the task. Two that do so at once do the same twice,
into the same files, which costs time and nothing else.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from gaupt.errors import GauptError
from gaupt.files import create_file

BEAT, LEASE = 5.0, 60.0
"""Seconds between two writings of a claim, and after which one that was not written is nobody's."""
SUFFIX = ".claim"


@dataclass
class Claims:
    """What job number ``job`` of ``jobs`` has taken, and what it has seen of the others."""

    job: int
    jobs: int
    _held: set[Path] = field(default_factory=set)
    _seen: dict[Path, tuple[str, float]] = field(default_factory=dict)
    _beats: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    def is_mine(self, number: int) -> bool:
        """Whether a task is of the share that this job does first."""
        return number % self.jobs == self.job

    def take(self, result: Path) -> bool:
        """Take the task whose result will be ``result``; False if another job has it."""
        claim = _claim(result)
        with suppress(FileNotFoundError):
            if self._has_expired(claim, claim.read_text()):
                claim.unlink()
        if not create_file(claim, self._text()):
            return False
        self._held.add(claim)
        return True

    def release(self, result: Path) -> None:
        """The task is done, or given up."""
        self._held.discard(_claim(result))
        with suppress(FileNotFoundError):
            _claim(result).unlink()

    def is_stale(self, result: Path) -> bool:
        """Whether nobody has the task, or its claim was not written for `LEASE` seconds while we looked."""
        claim = _claim(result)
        try:
            return self._has_expired(claim, claim.read_text())
        except FileNotFoundError:
            return True

    def _has_expired(self, claim: Path, text: str) -> bool:
        now = time.monotonic()
        # A job that was killed before it wrote into its claim left an empty one.
        known, since = self._seen.get(claim, (None, now))
        if known != text:
            self._seen[claim] = text, now
            return False
        return now - since > LEASE

    def _text(self) -> str:
        return f"job {self.job} of {self.jobs}, pid {os.getpid()} on {socket.gethostname()}, {self._beats}"

    def _beat(self) -> None:
        while not self._stop.wait(BEAT):
            self._beats += 1
            for claim in list(self._held):
                # Of a folder that is being removed, or of a disk that answers again later.
                with suppress(OSError, GauptError):
                    claim.write_text(self._text())
                if claim not in self._held:  # released meanwhile
                    with suppress(OSError, GauptError):
                        claim.unlink()


def _claim(result: Path) -> Path:
    return result.with_name(result.name + SUFFIX)


@contextmanager
def open_claims(job: int, jobs: int) -> Iterator[Claims]:
    """The claims of a job, which are kept alive until the block ends."""
    claims = Claims(job, jobs)
    thread = threading.Thread(target=claims._beat, daemon=True)
    thread.start()
    try:
        yield claims
    finally:
        claims._stop.set()
        thread.join()
        for claim in list(claims._held):
            with suppress(OSError, GauptError):
                claim.unlink()
