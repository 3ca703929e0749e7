"""What a run will be, told before it begins: its size, its time and what looks like a mistake."""

from collections.abc import Mapping
from typing import Any

from gaupt.device import describe_machine
from gaupt.files import free_disk
from gaupt.model.size import parameter_count
from gaupt.quantities import duration, megabytes
from gaupt.shards.format import VALIDATION
from gaupt.stage import disk_warnings, free_of
from gaupt.training.estimate import CHECKPOINT_BYTES
from gaupt.training.run import Run
from gaupt.training.trial import Trial

MANY_PASSES = 40
"""Passes over the data from which a model mostly learns it by heart (arXiv:2305.16264 finds little gain after 16)."""
FEW_TOKENS = 2_048
"""Of the validation split: the loss on fewer is mostly chance."""


def outlook(run: Run, trial: Trial, wanted_device: str, state: str) -> tuple[dict[str, str], dict[str, Any]]:
    """The run in words, and in numbers: parameters, steps, tokens, passes, seconds, bytes of memory and of disk."""
    config, train = run.config, run.config.train
    rows, seq_len = run.sampler.rows, config.shards.seq_len
    parameters = parameter_count(config.model)
    disk = (train.keep_checkpoints + 1 + bool(run.stable_steps)) * CHECKPOINT_BYTES * parameters
    tokens = train.steps * rows * seq_len
    rows_at_a_time = f"{trial.micro_rows} row{'' if trial.micro_rows == 1 else 's'}"
    seconds = trial.pace.seconds(train, run.step)
    numbers = {
        "device": str(run.machine.device),
        "ranks": run.ranks.world,
        "parameters": parameters,
        "steps": train.steps,
        "sequences_per_step": rows,
        "micro_batch_rows": trial.micro_rows,
        "tokens_total": tokens,
        "passes": passes(run),
        "seconds": seconds,
        "seconds_per_step": trial.pace.step,
        "peak_memory": trial.peak_memory,
        "free_memory": trial.free_memory,
        "disk": disk,
        "free_disk": free_disk(run.folder),
        "warnings": warnings(run, disk),
    }
    words = {
        "output": f"{run.folder} ({state})",
        "device": describe_machine(run.machine, wanted_device)
        + ("" if run.ranks.alone else f", {run.ranks.world} processes"),
        "model": (
            f"{config.model.architecture}, {config.model.num_layers} layers of {config.model.hidden_size}, "
            f"{parameters / 1e6:,.1f} M parameters"
        ),
        "tokens": (
            f"{tokens:,}: {train.steps:,} steps of {rows} rows of {seq_len}, "
            f"{passes(run):,.1f} passes over the data"
        ),
        "memory": (
            f"{megabytes(trial.peak_memory)} at most, {rows_at_a_time} at a time; "
            f"{megabytes(trial.free_memory)} are free"
        ),
        "disk": f"{megabytes(disk)} for checkpoints{free_of(run.folder)}",
        "time": told_time(run, trial),
    }
    return words, numbers


def told_time(run: Run, trial: Trial) -> str:
    """How long the run will take, such as ``about 3.5 days on this CPU, 32 s a step``."""
    left = " to go" if run.step else ""
    each = trial.pace.step
    step = f"{each:,.0f} s" if each >= 10 else f"{each:.2g} s"
    told = duration(trial.pace.seconds(run.config.train, run.step))
    return f"about {told}{left} on this {run.machine.name}, {step} a step"


def passes(run: Run) -> float:
    """How often the run sees the training data."""
    return run.config.train.steps * run.sampler.rows / run.sampler.rows_per_epoch


def warnings(run: Run, disk: int) -> list[str]:
    """What a user would want to know before days of training, one line each."""
    train, seq_len = run.config.train, run.config.shards.seq_len
    counts: Mapping[str, int] = run.data.shards.manifest["splits"][VALIDATION]
    found = []
    if passes(run) > MANY_PASSES:
        found.append(
            f"the run sees its data {passes(run):,.0f} times; more than {MANY_PASSES} teach little: "
            "give more text, or fewer --steps"
        )
    if counts["tokens"] < FEW_TOKENS:
        found.append(
            f"the validation split has {counts['tokens']:,} tokens, so its loss is mostly chance; "
            "prepare with a larger shards.validation_share"
        )
    if train.batch_tokens % seq_len:
        found.append(
            f"train.batch_tokens = {train.batch_tokens:,} is no multiple of shards.seq_len = {seq_len}: "
            f"a batch has {run.sampler.rows} rows, {run.sampler.rows * seq_len:,} tokens"
        )
    found += disk_warnings(run.folder, disk)
    return found
