"""Losses far above those before them, with the texts that they are from: so that a person can look.

Robust on purpose: the median and the median of the distances from it hardly notice a spike that is among the losses.
"""

import json
import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gaupt.batches.origin import find_origins, read_ids, sample_of_masked
from gaupt.batches.sampler import Batch, MaskedLMSampler
from gaupt.checkpoint.run_folder import SPIKES, Warn, read_spikes
from gaupt.files import append, write_bytes
from gaupt.shards.format import TOKENIZER_FOLDER
from gaupt.tokenizer.load import load_tokenizer

WINDOW, FEWEST = 100, 30
"""Steps that a loss is compared with, and how many there must be."""
FAR = 6.0
"""Standard deviations above the median, told from the median distance, from which a loss is a spike."""
LEAST = 0.02
"""Share of the median that a spike stands above it, however even the losses are."""
_DEVIATION = 1.4826
"""Standard deviation of a normal distribution whose median distance from the median is 1."""
DOCUMENTS, TOKENS = 20, 64
"""Samples of a batch that are named, those of the highest loss, and how much of their text is shown."""


@dataclass(frozen=True)
class Spike:
    """A loss that is far above the others, or an update whose loss or gradient is not finite."""

    loss: float
    grad_norm: float
    median: float | None
    """Of the losses before; None where there are too few."""
    bound: float | None
    """What a loss must stand above to be a spike."""
    first: bool
    """Not the next step after another spike."""


@dataclass
class SpikeWatch:
    """The losses of the last steps, and whether the last one was a spike."""

    losses: list[float] = field(default_factory=list)
    last: bool = False

    def see(self, loss: float, grad_norm: float) -> Spike | None:
        """Look at the figures of one more step."""
        median = bound = None
        if len(self.losses) >= FEWEST:
            median = statistics.median(self.losses)
            deviation = _DEVIATION * statistics.median(abs(each - median) for each in self.losses)
            bound = median + max(FAR * deviation, LEAST * median)
        finite = math.isfinite(loss) and math.isfinite(grad_norm)
        is_spike = not finite or (bound is not None and loss > bound)
        spike = Spike(loss, grad_norm, median, bound, first=not self.last) if is_spike else None
        self.last = is_spike
        if math.isfinite(loss):
            self.losses = [*self.losses, loss][-WINDOW:]
        return spike


def keep_spikes(run: Path, batch: int, warn: Warn) -> None:
    """Forget the spikes of ``run`` from number ``batch`` on, which runs again; damaged lines go too, ``warn`` hears."""
    if (run / SPIKES).exists():
        kept = [record for record in read_spikes(run, warn) if record["batch"] < batch]
        write_bytes(run / SPIKES, "".join(map(_line, kept)).encode())


def write_spike(
    run: Path, spike: Spike, documents: Iterable[list[dict[str, Any]]], *, step: int, batch: int
) -> None:
    """Add a line to ``spikes.jsonl``.

    Args:
        run: folder of the run.
        spike: the figures.
        documents: what `worst_documents` found in each part of the batch.
        step: the update.
        batch: number of the batch.
    """
    named = [document for part in documents for document in part]
    record = {
        "step": step,
        "batch": batch,
        "loss": _finite(spike.loss),
        "grad_norm": _finite(spike.grad_norm),
        "median": spike.median,
        "bound": spike.bound,
        "documents": sorted(named, key=_highest_first)[:DOCUMENTS],
    }
    with (run / SPIKES).open("ab", buffering=0) as file:
        append(file, _line(record).encode())


def worst_documents(sampler: MaskedLMSampler, batch: Batch, losses: torch.Tensor) -> list[dict[str, Any]]:
    """The samples of ``batch``, drawn from ``sampler``, with the highest mean losses: which they are, and their text.

    ``losses``: nats of each masked token of ``batch`` in its order, on any device, float [masked]. A mean that is not
    finite comes first, as None.
    """
    sample = sample_of_masked(batch)
    masked = np.bincount(sample, minlength=len(batch.samples))
    with np.errstate(invalid="ignore"):
        sums = np.bincount(sample, losses.double().cpu().numpy(), minlength=len(batch.samples))
    means = sums / np.maximum(masked, 1)
    highest = np.argsort(np.where(np.isfinite(means), -means, -np.inf), kind="stable")[:DOCUMENTS]
    origins = find_origins(sampler, batch.samples[highest])
    tokenizer = load_tokenizer(sampler.shards.folder / TOKENIZER_FOLDER)
    return [
        {
            "loss": _finite(float(means[place])),
            "masked": int(masked[place]),
            **asdict(origin),
            "text": tokenizer.decode(read_ids(sampler, origin, TOKENS)),
        }
        for place, origin in zip(highest.tolist(), origins, strict=True)
    ]


def describe(spike: Spike, step: int) -> str:
    """One line for people."""
    if spike.median is None or not (math.isfinite(spike.loss) and math.isfinite(spike.grad_norm)):
        what = f"loss {spike.loss:.3f}, gradient norm {spike.grad_norm:.3g}"
    else:
        what = f"loss {spike.loss:.3f}, far above the {spike.median:.3f} of the steps before"
    return f"step {step}: {what}; the texts are in {SPIKES}"


def _highest_first(document: Mapping[str, Any]) -> float:
    return -math.inf if document["loss"] is None else -document["loss"]


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _line(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n"
