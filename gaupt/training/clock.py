"""Where the time of a run goes: into steps, or into what is around them."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

PARTS = ("loader", "logs", "checkpoints", "validation")
"""What is timed beside the steps; the loader is a part of them, and waited for."""


@dataclass(frozen=True)
class Spent:
    """Seconds of a stretch of time."""

    total: float
    parts: Mapping[str, float]

    @property
    def steps(self) -> float:
        """Seconds of the steps, the wait for their batches included."""
        return self.total - self.parts["logs"] - self.parts["checkpoints"] - self.parts["validation"]

    def shares(self) -> dict[str, float]:
        """``time_in_PART``: the share of it that each part took."""
        return {f"time_in_{part}": seconds / max(self.total, 1e-9) for part, seconds in self.parts.items()}


class Clock:
    """Times the parts since it was made, and since the last lap."""

    def __init__(self) -> None:
        self.calls = dict.fromkeys(PARTS, 0)
        self._start = self._lap = time.monotonic()
        self._parts, self._before = dict.fromkeys(PARTS, 0.0), dict.fromkeys(PARTS, 0.0)

    @contextmanager
    def timing(self, part: str) -> Iterator[None]:
        """Count what happens inside as time of ``part``."""
        start = time.monotonic()
        try:
            yield
        finally:
            self._parts[part] += time.monotonic() - start
            self.calls[part] += 1

    def whole(self) -> Spent:
        """The time since the clock was made."""
        return Spent(time.monotonic() - self._start, dict(self._parts))

    def since_lap(self) -> Spent:
        """The time since the last lap ended."""
        parts = {part: seconds - self._before[part] for part, seconds in self._parts.items()}
        return Spent(time.monotonic() - self._lap, parts)

    def lap(self) -> Spent:
        """The time since the last lap ended; a new one begins."""
        spent = self.since_lap()
        self._lap, self._before = time.monotonic(), dict(self._parts)
        return spent

    def mean(self, part: str, otherwise: float) -> float:
        """Seconds of ``part`` each time; ``otherwise`` where there was none yet."""
        return self._parts[part] / self.calls[part] if self.calls[part] else otherwise
