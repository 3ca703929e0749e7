"""``metrics.jsonl``, one line an event, and TensorBoard as a view of it."""

import json
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gaupt.checkpoint.run_folder import METRICS, Warn, read_metrics
from gaupt.files import write_bytes

Log = Callable[[int, Mapping[str, float]], None]
"""Takes the values of a step."""
_SCORE = "eval_loss"
"""What tells a line of a validation."""


class MetricsLog:
    """Appends to ``metrics.jsonl`` and to TensorBoard events. Use as a context manager."""

    def __init__(self, run: Path, start_step: int, warn: Warn, also: Log = lambda step, values: None) -> None:
        """Continue the log of ``run`` after ``start_step``; lines of steps that will run again go, and damaged ones.

        ``warn`` hears of those, ``also`` of each new line.
        """
        self._also = also
        kept = [record for record in read_metrics(run, warn) if record["step"] <= start_step]
        self._validation: dict[str, float] = next((record for record in reversed(kept) if _SCORE in record), {})
        text = "".join(json.dumps(record) + "\n" for record in kept)
        write_bytes(run / METRICS, text.encode())
        self._file = (run / METRICS).open("a", encoding="utf-8")
        # Imported here because it takes half a second and reads the whole of tensorboard.
        from torch.utils.tensorboard import SummaryWriter

        self._events = SummaryWriter(str(run / "events"), purge_step=start_step + 1)

    def validation(self, step: int) -> dict[str, float] | None:
        """The scores of a validation at the step that the log goes on from, where an earlier call has made it."""
        if self._validation.get("step") != step:
            return None
        return {name: value for name, value in self._validation.items() if name != "step"}

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
