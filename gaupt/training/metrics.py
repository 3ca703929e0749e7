"""``metrics.jsonl``, one line an event, and TensorBoard as a view of it."""

import json
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gaupt.checkpoint.run_folder import METRICS, read_metrics
from gaupt.files import write_bytes

Log = Callable[[int, Mapping[str, float]], None]
"""Takes the values of a step."""


class MetricsLog:
    """Appends to ``metrics.jsonl`` and to TensorBoard events. Use as a context manager."""

    def __init__(self, run: Path, start_step: int, also: Log = lambda step, values: None) -> None:
        """Continue the log of ``run`` after ``start_step``; lines of steps that will run again go.

        ``also`` hears of each line.
        """
        self._also = also
        kept = [record for record in read_metrics(run) if record["step"] <= start_step]
        text = "".join(json.dumps(record) + "\n" for record in kept)
        write_bytes(run / METRICS, text.encode())
        self._file = (run / METRICS).open("a", encoding="utf-8")
        # Imported here because it takes half a second and reads the whole of tensorboard.
        from torch.utils.tensorboard import SummaryWriter

        self._events = SummaryWriter(str(run / "events"), purge_step=start_step + 1)

    def write(self, step: int, **values: float) -> None:
        """Log ``values`` at ``step``; the line is on disk when this returns."""
        self._file.write(json.dumps({"step": step, **values}, allow_nan=False) + "\n")
        self._file.flush()
        for name, value in values.items():
            self._events.add_scalar(name, value, step)
        self._also(step, values)

    def __enter__(self) -> "MetricsLog":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._events.close()


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


class Window:
    """The updates since the last line of metrics."""

    def __init__(self) -> None:
        self.results = list[StepResult]()
        self.skipped = self.tokens = self.masked = 0

    def add(self, result: StepResult) -> None:
        """Count one more update; of one that was skipped for a gradient that is not finite, only the work counts."""
        self.tokens += result.tokens
        self.masked += result.masked
        if math.isfinite(result.loss) and math.isfinite(result.grad_norm):
            self.results.append(result)
        else:
            self.skipped += 1

    def means(self) -> dict[str, float]:
        """Mean loss, accuracy, gradient norm and padding, the share of tokens masked; ``skipped`` updates if any."""
        skipped: dict[str, float] = {"skipped": self.skipped} if self.skipped else {}
        if not self.results:
            return skipped
        return {
            "loss": float(np.mean([result.loss for result in self.results])),
            "accuracy": float(np.mean([result.accuracy for result in self.results])),
            "grad_norm": float(np.mean([result.grad_norm for result in self.results])),
            "padding": float(np.mean([result.padding for result in self.results])),
            "mask_rate": self.masked / self.tokens,
        } | skipped
