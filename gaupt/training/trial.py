"""A trial before a run: how many rows fit into memory at once, and how long a step takes, measured on the spot.

It computes on the run's first batch and leaves no trace: updates have the learning rate 0, and the moments go.
"""

from dataclasses import dataclass
from functools import partial

import torch

from gaupt.batches.sampler import Batch
from gaupt.config import Config
from gaupt.device import steady_seconds
from gaupt.errors import GauptError
from gaupt.memory import available_memory, memory_in_use, peak_memory
from gaupt.model.dropout import dropout_of_rows
from gaupt.model.size import parameter_count
from gaupt.peak import Peak, device_peak
from gaupt.quantities import megabytes
from gaupt.training.estimate import BYTES_WRITTEN, CHECKPOINT_BYTES, Pace
from gaupt.training.objective import evaluate, masked_loss, micro_batches
from gaupt.training.ranks import ALONE, Ranks
from gaupt.training.run import Run
from gaupt.training.update import apply_gradients

MICRO_BATCH_TOKENS = 16_384
"""Where the memory allows it, a micro-batch has so many tokens; more make no step faster."""
TIMED_TOKENS = 4_096
"""A pass is timed on so many tokens, or on a micro-batch where that has fewer."""
SHARE = 0.8
"""Of the memory that is free, what is planned with: the rest is for other programs, and for what a trial cannot see."""
TIMED_TOGETHER = 3
"""How often several ranks time a step."""
BYTES_PER_PARAMETER = 16
"""Of weights, gradients and AdamW's two moments, in float32."""


_GROWTH = 32 << 20
"""Bytes by which the peak has to grow for the rows behind it to be counted."""
_MEASURED_ROWS = 8


@dataclass(frozen=True)
class Trial:
    """What was measured."""

    micro_rows: int
    """Rows of a micro-batch."""
    peak_memory: int
    """Bytes that this process will take at most."""
    free_memory: int
    """Bytes that were free, this process's own counted in."""
    pace: Pace
    peak: Peak


def check_parameters(config: Config, device: torch.device, ranks: Ranks = ALONE) -> None:
    """Refuse a model whose parameters alone do not fit, before it is built.

    Raises:
        GauptError: they do not.
    """
    needed, free = BYTES_PER_PARAMETER * parameter_count(config.model), _own_memory(device, ranks)
    if needed > SHARE * free:
        raise _too_large(config, needed, free, "its weights, gradients and moments")


def try_out(run: Run) -> Trial:
    """Measure ``run``, which is new: its optimizer has made no step. All ranks do, and the smallest micro-batch counts.

    Raises:
        GauptError: not even one row fits, or not the rows that train.micro_batch_tokens asks for.
    """
    batch = run.sampler.batch(0, run.ranks.rank, run.ranks.world)
    # All of a machine look at what is free before any takes of it.
    free = run.ranks.gather(lambda: _own_memory(run.machine.device, run.ranks))[run.ranks.rank]
    fitted = run.ranks.gather(lambda: _fit(run, batch, free + memory_in_use(run.machine.device)))
    micro_rows = min(rows for rows, *_ in fitted)
    _, peak, free = fitted[0]
    pace = _pace(run, batch, micro_rows)
    for optimizer in run.optimizers:
        optimizer.state.clear()
        optimizer.zero_grad(set_to_none=True)
    return Trial(micro_rows, peak, free, pace, device_peak(run.machine))


def _own_memory(device: torch.device, ranks: Ranks) -> int:
    """Bytes free on ``device`` for this process, which shares a machine's with its neighbours."""
    return available_memory(device) // (ranks.local_world if device.type == "cpu" else 1)


def _fit(run: Run, batch: Batch, free: int) -> tuple[int, int, int]:
    """Rows of a micro-batch that fit into ``free`` bytes, and the bytes taken then, of how many."""
    config, device = run.config, run.machine.device
    rows = len(batch.input_ids)
    one = peak_memory(partial(_pass, run, _first_rows(batch, 1)), device)
    row = _row_memory(run, batch, one)
    later = _later(run) * parameter_count(config.model)
    fits = int((SHARE * free - later - one) // row) + 1
    if fits < 1:
        raise _too_large(config, one + later, free, "one row")
    micro_rows = _micro_rows(config, rows, fits)
    peak = int(one + later + (micro_rows - 1) * row)
    if micro_rows > fits:
        raise GauptError(
            f"train.micro_batch_tokens = {config.train.micro_batch_tokens} needs {megabytes(peak)}, more than "
            f"{SHARE:.0%} of the {megabytes(free)} that are free; leave it out, or take "
            f"{fits * config.shards.seq_len} at most"
        )
    return micro_rows, peak, free


def _later(run: Run) -> int:
    """Bytes of a parameter that a pass does not take and training does."""
    moments, flattened = 8, 0 if run.ranks.alone else 4
    copied = CHECKPOINT_BYTES if run.machine.device.type == "cpu" else 0  # while it is written
    return moments + flattened + copied


def _row_memory(run: Run, batch: Batch, one: int) -> float:
    """Bytes that one more row takes, where a pass over one took ``one`` at its peak."""
    rows, most = 1, min(_MEASURED_ROWS, len(batch.input_ids))
    grown = 0
    while rows < most and grown < _GROWTH:
        rows = min(2 * rows, most)
        grown = peak_memory(partial(_pass, run, _first_rows(batch, rows)), run.machine.device) - one
    # What grew by less may hide in memory that was taken before.
    return max(grown, _GROWTH) / max(1, rows - 1)


def _micro_rows(config: Config, rows: int, fits: int) -> int:
    """Rows of a micro-batch: as asked for, or as many as fit and help, in parts of about the same size."""
    asked = config.train.micro_batch_tokens
    if asked != "auto":
        return max(1, min(rows, asked // config.shards.seq_len))
    most = max(1, min(rows, fits, MICRO_BATCH_TOKENS // config.shards.seq_len))
    parts = -(-rows // most)
    return -(-rows // parts)


def _pass(run: Run, batch: Batch) -> None:
    """One forward and backward pass as `gaupt.training.loop.update` makes it."""
    run.model.train()
    with dropout_of_rows(range(len(batch.input_ids))):
        masked_loss(run.model, run.encode, batch, run.machine).total.backward()  # type: ignore[no-untyped-call]


def _pace(run: Run, batch: Batch, micro_rows: int) -> Pace:
    config, device, ranks = run.config, run.machine.device, run.ranks
    seq_len, rows = config.shards.seq_len, len(batch.input_ids)
    tried = max(1, min(micro_rows, TIMED_TOKENS // seq_len))
    part = _first_rows(batch, tried)

    def step() -> None:
        # On a GPU, batches are made by other processes meanwhile.
        made = run.sampler.batch(0, ranks.rank, ranks.world) if device.type == "cpu" else batch
        _pass(run, _first_rows(made, tried))
        ranks.add_up_gradients(run.model.parameters())
        apply_gradients(run, torch.tensor(1.0, device=device), share=0.0)

    def validate() -> None:
        evaluate(run.model, run.encode, [part], tried, run.machine)

    # What several ranks do together, all have to do as often.
    one_step = steady_seconds(step, device, None if ranks.alone else TIMED_TOGETHER)
    more_rows = (rows - tried) / tried
    one_pass = steady_seconds(partial(_pass, run, part), device) if more_rows else 0.0
    one_validation = steady_seconds(validate, device)
    held_out = min(run.validation.rows_per_epoch, -(-config.train.eval_tokens // seq_len))
    return Pace(
        step=one_step + more_rows * one_pass,
        validation=one_validation * held_out / tried / ranks.world,
        checkpoint=CHECKPOINT_BYTES * parameter_count(config.model) / BYTES_WRITTEN,
    )


def _first_rows(batch: Batch, rows: int) -> Batch:
    return next(micro_batches(batch, rows))


def _too_large(config: Config, needed: int, free: int, what: str) -> GauptError:
    return GauptError(
        f"this model of {parameter_count(config.model):,} parameters needs {megabytes(needed)} for {what}, more than "
        f"{SHARE:.0%} of the {megabytes(free)} that are free; choose a smaller one (--preset laptop), or a shorter "
        "shards.seq_len"
    )
