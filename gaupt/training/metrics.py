"""``metrics.jsonl``, one line an event, and TensorBoard as a view of it."""

import json
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gaupt.checkpoint.run_folder import METRICS, read_metrics
from gaupt.files import write_bytes


class MetricsLog:
    """Appends to ``metrics.jsonl`` and to TensorBoard events. Use as a context manager."""

    def __init__(self, run: Path, start_step: int) -> None:
        """Continue the log of ``run`` after ``start_step``; lines of steps that will run again go."""
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


class Window:
    """Sums over the steps since the last line of metrics."""

    def __init__(self) -> None:
        self.started, self.results = time.monotonic(), list[StepResult]()
        self.skipped = 0

    def add(self, result: StepResult) -> None:
        """Count one more update; one that was skipped for a gradient that is not finite counts as that alone."""
        if math.isfinite(result.loss) and math.isfinite(result.grad_norm):
            self.results.append(result)
        else:
            self.skipped += 1

    def means(self) -> dict[str, float]:
        """Mean loss, accuracy, gradient norm and padding, and tokens per second; ``skipped`` updates if any."""
        elapsed = max(time.monotonic() - self.started, 1e-9)
        skipped: dict[str, float] = {"skipped": self.skipped} if self.skipped else {}
        if not self.results:
            return skipped
        return {
            "loss": float(np.mean([result.loss for result in self.results])),
            "accuracy": float(np.mean([result.accuracy for result in self.results])),
            "grad_norm": float(np.mean([result.grad_norm for result in self.results])),
            "padding": float(np.mean([result.padding for result in self.results])),
            "tokens_per_second": sum(result.tokens for result in self.results) / elapsed,
        } | skipped

    def close(self) -> dict[str, float]:
        """The means, and a new start."""
        means = self.means()
        self.started, self.results, self.skipped = time.monotonic(), [], 0
        return means

    def note(self) -> str:
        """A few words for the live display; they fit beside the bar on 80 columns."""
        means = self.means()
        if "loss" not in means:
            return "skipping updates without a finite gradient"
        return f"loss {means['loss']:.3f} acc {means['accuracy']:.3f} {means['tokens_per_second']:,.0f} tok/s"
