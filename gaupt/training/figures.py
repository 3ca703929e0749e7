"""What a person watches, computed from what was counted and timed."""

from collections.abc import Mapping
from typing import Any

import torch

from gaupt.device import hardware
from gaupt.memory import highest_memory
from gaupt.model.flops import training_flops
from gaupt.peak import Peak
from gaupt.training.clock import Clock, Spent
from gaupt.training.estimate import Pace
from gaupt.training.metrics import Window
from gaupt.training.run import Run
from gaupt.training.trial import Trial


def speed(run: Run, window: Window, spent: Spent, peak: Peak) -> dict[str, float]:
    """Tokens a second of the steps in ``window``, and the share of every rank's ``peak`` that the FLOPs were.

    ``mfu`` counts by formula (`gaupt.model.flops`): tokens that are not padding, attention over whole rows, and the
    vocabulary at the masked tokens.
    """
    seconds = max(spent.steps, 1e-9)
    flops = training_flops(run.config.model, run.config.shards.seq_len, window.tokens, window.masked)
    mfu = flops / seconds / (run.ranks.world * peak.flops)
    return {"tokens_per_second": window.tokens / seconds, "mfu": mfu}


def rates(run: Run, share: float) -> dict[str, float]:
    """The learning rates at ``share`` of their peaks: ``lr``, and ``matrix_lr`` with Muon."""
    train = run.config.train
    lr = {"lr": train.lr * share}
    return lr | {"matrix_lr": train.matrix_lr * share} if train.optimizer == "muon" else lr


def figures(run: Run, share: float) -> dict[str, float]:
    """The line of metrics on the steps since the last one, the same whenever and wherever they are made."""
    rollbacks: dict[str, float] = {"rollbacks": run.rollbacks} if run.rollbacks else {}
    return {**run.window.means(), **rates(run, share), "total_tokens": run.tokens, **rollbacks}


def speed_figures(run: Run, timed: Window, clock: Clock, trial: Trial) -> dict[str, float]:
    """The line on the speed of ``timed``, the steps that a lap of ``clock`` has timed; it begins the next one."""
    spent = clock.lap()
    train = run.config.train
    left = 0.0
    if run.step < train.steps:
        # What was not done yet takes as long as the trial found.
        pace = Pace(
            spent.steps / max(1, timed.all_updates),
            clock.mean("validation", trial.pace.validation),
            clock.mean("checkpoints", trial.pace.checkpoint),
        )
        left = pace.seconds(train, run.step)
    return {
        **speed(run, timed, spent, trial.peak),
        **spent.shares(),
        "peak_memory": highest_memory(run.machine.device),
        "seconds_left": left,
    }


def closing_figures(run: Run, window: Window, clock: Clock, trial: Trial) -> dict[str, Any]:
    """What is left of a finished run: ``window`` holds the updates of this call, and ``clock`` has timed it."""
    spent, peak = clock.whole(), trial.peak
    return {
        "steps": run.step,
        "tokens": run.tokens,
        "parameters": sum(parameter.numel() for parameter in run.model.parameters()),
        "device": str(run.machine.device),
        "device_name": hardware(run.machine.device),
        "threads": torch.get_num_threads(),
        "processes": run.ranks.world,
        "precision": str(run.machine.precision).removeprefix("torch."),
        "seconds": round(spent.total, 1),
        **speed(run, window, spent, peak),
        "peak_flops": peak.flops,
        "peak_from": "data sheet" if peak.published else "a matrix product, measured before the first step",
        **spent.shares(),
        "peak_memory": highest_memory(run.machine.device),
        "rollbacks": run.rollbacks,
        "skipped": run.skipped,
    }


def note(means: Mapping[str, float], fast: Mapping[str, float]) -> str:
    """A few words for the live display; with the steps and the time left they fit on 80 columns."""
    if "loss" not in means:
        return "skipping updates without a finite gradient"
    per_second = fast["tokens_per_second"]
    shown = f"{per_second:,.0f}"
    if per_second >= 99_500:
        shown = f"{per_second / 1e3:.0f}k" if per_second < 999_500 else f"{per_second / 1e6:.2f}M"
    return f"loss {means['loss']:#.4g} {shown} tok/s mfu {fast['mfu']:.0%}"
