"""``metrics.jsonl`` and ``speed.jsonl``, one line an event, and TensorBoard as a view of them."""

import json
import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gaupt.checkpoint.run_folder import METRICS, SPEED, Warn, read_metrics, read_speed
from gaupt.files import append, naming, write_bytes
from gaupt.training.events import Events

Log = Callable[[int, Mapping[str, float]], None]
"""Takes the values of a step."""
_SCORE = "eval_loss"
"""What tells a line of a validation."""


class MetricsLog:
    """Appends to ``metrics.jsonl``, ``speed.jsonl`` and to TensorBoard events. Use as a context manager."""

    def __init__(self, run: Path, start_step: int, warn: Warn, also: Log = lambda step, values: None) -> None:
        """Continue the log of ``run`` after ``start_step``; lines of steps that will run again go, and damaged ones.

        ``warn`` hears of those, ``also`` of each new line.
        """
        self._also = also
        metrics = _cut(run / METRICS, read_metrics(run, warn), start_step)
        _cut(run / SPEED, read_speed(run, warn), start_step)
        self._validation: dict[str, Any] = next(
            (record for record in reversed(metrics) if _SCORE in record), {}
        )
        self._files = [(run / name).open("ab", buffering=0) for name in (METRICS, SPEED)]
        self._events = Events(run / "events", start_step + 1)

    def validation(self, step: int) -> dict[str, float] | None:
        """The scores of a validation at the step that the log goes on from, where an earlier call has made it."""
        if self._validation.get("step") != step:
            return None
        return {name: value for name, value in self._validation.items() if name != "step"}

    def write(self, step: int, values: Mapping[str, float], speed: Mapping[str, float] | None = None) -> None:
        """Log at ``step`` the ``values`` of what was learned, and how fast; the lines are on disk when this returns."""
        for file, each in zip(self._files, (values, speed), strict=True):
            if each is not None:
                append(file, (json.dumps({"step": step, **each}, allow_nan=False) + "\n").encode())
        whole = {**values, **(speed or {})}
        self._events.write(step, whole)
        self._also(step, whole)

    def sync(self) -> None:
        """Have the lines survive a power cut, which the checkpoint behind them does."""
        for file in self._files:
            with naming(Path(file.name)):
                os.fsync(file.fileno())

    def __enter__(self) -> "MetricsLog":
        return self

    def __exit__(self, *_: object) -> None:
        self.sync()
        for file in self._files:
            file.close()
        self._events.close()


def _cut(path: Path, records: Iterable[dict[str, Any]], step: int) -> list[dict[str, Any]]:
    """Write the ``records`` up to ``step`` to ``path``, and return them."""
    kept = [record for record in records if record["step"] <= step]
    write_bytes(path, "".join(json.dumps(record) + "\n" for record in kept).encode())
    return kept


@dataclass(frozen=True)
class StepResult:
    """What one update reports; sums over the masked tokens of the global batch."""

    loss: float
    accuracy: float
    grad_norm: float
    """Global norm before clipping."""
    tokens: int
    """Tokens in the batch, padding left out."""
    padding: float
    """Share of padding in the batch."""
    masked: int
    """Tokens that were predicted."""

    @property
    def is_finite(self) -> bool:
        """Whether loss and gradient are: an update by another gradient changes nothing."""
        return math.isfinite(self.loss) and math.isfinite(self.grad_norm)


@dataclass
class Window:
    """Updates since a line of metrics, summed up; those that were skipped count by their work alone."""

    updates: int = 0
    """Those that were not skipped."""
    skipped: int = 0
    tokens: int = 0
    masked: int = 0
    loss: float = 0.0
    accuracy: float = 0.0
    grad_norm: float = 0.0
    padding: float = 0.0

    @property
    def all_updates(self) -> int:
        """How many there were."""
        return self.updates + self.skipped

    def add(self, result: StepResult) -> None:
        """Count one more update, skipped where its loss or gradient is not finite."""
        self.tokens += result.tokens
        self.masked += result.masked
        if not result.is_finite:
            self.skipped += 1
            return
        self.updates += 1
        self.loss += result.loss
        self.accuracy += result.accuracy
        self.grad_norm += result.grad_norm
        self.padding += result.padding

    def means(self) -> dict[str, float]:
        """Mean loss, accuracy, gradient norm and padding, the share of tokens masked; ``skipped`` updates if any."""
        skipped: dict[str, float] = {"skipped": self.skipped} if self.skipped else {}
        if not self.updates:
            return skipped
        return {
            "loss": self.loss / self.updates,
            "accuracy": self.accuracy / self.updates,
            "grad_norm": self.grad_norm / self.updates,
            "padding": self.padding / self.updates,
            "mask_rate": self.masked / self.tokens,
        } | skipped
