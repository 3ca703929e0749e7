"""Masked-LM pretraining: one visible loop, top to bottom.

Every random draw is a function of the seed and the number of the batch (order and masks the sampler's, dropout
`gaupt.training.update`'s), so a resumed run needs no random state and repeats an undisturbed one.
"""

import math
from collections import deque
from contextlib import nullcontext, suppress
from functools import partial
from importlib import import_module
from typing import Any

from gaupt.batches.origin import find_sources
from gaupt.batches.sampler import Batch
from gaupt.device import Machine
from gaupt.progress import Progress
from gaupt.training import spikes
from gaupt.training.checkpoints import Writer
from gaupt.training.clock import Clock
from gaupt.training.data import unigram_entropy
from gaupt.training.figures import closing_figures, figures, note, speed, speed_figures
from gaupt.training.metrics import MetricsLog, Window
from gaupt.training.objective import evaluate
from gaupt.training.rollback import Diverged, roll_back
from gaupt.training.run import Run, micro_rows, saving
from gaupt.training.signals import Stopped, stop_requests
from gaupt.training.tracker import tracking
from gaupt.training.trial import Trial
from gaupt.training.update import Update, update

MAX_BAD_UPDATES = 3
"""Bad updates in a row after which training has diverged."""
_HOPELESS = 2.0
"""A loss above that of guessing by so much is of a model that is worse than one that has learned nothing."""
_MANY_SKIPPED = 0.1
"""Share of updates that changed nothing from which a finished run is to be looked at."""


def hopeless_loss(run: Run) -> float:
    """Nats a token above which weights have diverged, though all may still be finite."""
    return _HOPELESS * math.log(run.data.vocab_size)


def reads_at_once(machine: Machine) -> bool:
    """Whether figures are there when an update returns; on a GPU the next update is queued before they are read."""
    return machine.device.type == "cpu"


def fit(
    run: Run, workers: int | None, progress: Progress, trial: Trial, deadline: float = math.inf
) -> dict[str, Any]:
    """Train to the last step; log, save and evaluate on the way. Returns the closing figures.

    ``deadline``: the time of time.monotonic() at which it stops as on a signal.

    Raises:
        GauptError: training diverged, again and again.
        KeyboardInterrupt: a signal asked to stop, or the time is up, and the last whole step was saved.
    """
    train, ranks = run.config.train, run.ranks
    if workers is None:
        workers = 0 if run.machine.device.type == "cpu" else 2
    unigram, sources = unigram_entropy(run.data.shards), find_sources(run.validation)
    whole, timed, first, saved, hopeless = Window(), Window(), run.step + 1, run.step, hopeless_loss(run)
    unread: deque[tuple[int, Batch, Update]] = deque()
    if ranks.leads:
        spikes.keep_spikes(run.folder, run.batch, progress.warning)

    def read(due: bool) -> None:
        """Take in what updates did; the last one's figures where they are due, or there at once."""
        while len(unread) > (0 if due or reads_at_once(run.machine) else 1):
            step, batch, updated = unread.popleft()
            try:
                result = updated.read()
            except Stopped:  # nor have those behind it changed anything
                run.step = step - 1
                unread.clear()
                raise
            run.tokens += result.tokens
            is_astray = hopeless < result.loss < math.inf
            run.skipped += not math.isfinite(result.grad_norm)
            run.bad_updates = run.bad_updates + 1 if is_astray or not result.is_finite else 0
            run.astray = run.astray + is_astray if run.bad_updates else 0
            run.is_clean &= not run.bad_updates
            for each in (run.window, timed, whole):
                each.add(result)
            spike = run.watch.see(result.loss, result.grad_norm)
            if spike is not None:
                # All ranks see the same figures, and each knows the documents of its part.
                found = ranks.gather(partial(spikes.worst_documents, run.sampler, batch, updated.losses))
                if ranks.leads:
                    number = step - 1 + run.passed_over
                    spikes.write_spike(run.folder, spike, found, step=step, batch=number)
                if spike.first:
                    progress.message(spikes.describe(spike, step))
            if run.bad_updates >= MAX_BAD_UPDATES:
                why = (
                    f"a loss below {hopeless:.1f}, twice that of guessing"
                    if is_astray
                    else "a finite gradient"
                )
                raise Diverged(
                    f"training diverged at step {step}: {run.bad_updates} updates in a row without {why}",
                    # A loss is that of the weights before the update.
                    since=step - run.bad_updates + (0 if run.astray else 1),
                    step=step,
                )

    def validate(metrics: MetricsLog | None) -> dict[str, float]:
        """Scores on the validation shards, made anew where no earlier call has logged them."""
        logged: dict[str, float] | None = ranks.settle(
            lambda: metrics.validation(run.step) if metrics is not None else None
        )
        if logged is not None:
            return logged
        held_out = run.validation.validation_batches(train.eval_tokens)
        with clock.timing("validation"):
            scores = evaluate(
                run.model,
                run.encode,
                held_out,
                micro_rows(run),
                run.machine,
                stop.check,
                sources=sources,
                ranks=ranks,
            )
        if not scores["eval_loss"] <= hopeless:
            raise Diverged(
                f"training diverged: the validation loss at step {run.step} is {scores['eval_loss']:.3g}, above "
                f"{hopeless:.1f}, twice that of guessing",
                since=run.step,
                step=run.step,
            )
        if metrics is not None:
            with clock.timing("logs"):
                metrics.write(run.step, scores)
        progress.message(
            f"step {run.step}: validation loss {scores['eval_loss']:.3f}, "
            f"accuracy {scores['eval_accuracy']:.3f} (unigram entropy {unigram:.3f})"
        )
        return scores

    def go_on() -> dict[str, float]:
        """From the step that the run is at to the end."""
        nonlocal saved, timed
        batches = run.sampler.batches(
            run.batch,
            train.steps + run.passed_over,
            rank=ranks.rank,
            world=ranks.world,
            num_workers=workers,
        )
        timed, told = Window(), ""
        with clock.timing("logs"):
            opened = (
                MetricsLog(run.folder, run.step, progress.warning, track) if ranks.leads else nullcontext()
            )
        clock.lap()
        with opened as metrics:
            if 0 < run.step < train.steps and run.step % train.eval_every == 0:
                validate(metrics)  # which a stop between the checkpoint and its validation has left out
            while run.step < train.steps:
                # 1. one update
                share = run.rate
                with clock.timing("loader"):
                    batch = next(batches)
                updated = update(run, batch, share, stop.check)
                run.step += 1
                unread.append((run.step, batch, updated))
                done = run.step == train.steps
                log, keep, test = (
                    done or run.step % every == 0
                    for every in (train.log_every, train.checkpoint_every, train.eval_every)
                )
                keep |= run.step == run.stable_steps
                read(due=log or keep or test or run.step == first)
                if timed.tokens:
                    told = note(timed.means(), speed(run, timed, clock.since_lap(), trial.peak))
                advance(1, note=told)
                # 2. log
                if run.step == first:
                    progress.message(f"step {run.step}: {told}")
                if log:
                    if metrics is not None:
                        with clock.timing("logs"):
                            fast = speed_figures(run, timed, clock, trial)
                            metrics.write(run.step, figures(run, share), fast)
                    run.window, timed = Window(), Window()
                # 3. save, which is written while training goes on; not among bad updates: it is none to go back to
                writer.check()
                if keep and metrics is not None and (done or not run.bad_updates):
                    with clock.timing("checkpoints"):
                        metrics.sync()
                        writer.begin(saving(run))
                    saved = run.step
                # 4. validate; after the last step it is part of the closing figures
                if test and not done:
                    validate(metrics)
            return validate(metrics)

    # Rank 0 alone writes.
    with (
        Writer() as writer,
        tracking(run, progress) as track,
        stop_requests(progress.quiet, ranks.alone, deadline if ranks.leads else math.inf) as stop,
        progress.task("pretraining", total=train.steps, unit="steps", done=run.step) as advance,
    ):
        clock = Clock()
        while True:
            try:
                scores = go_on()
                break
            except Diverged as diverged:
                before = run.step
                unread.clear()
                writer.wait()
                roll_back(run, diverged, progress)
                saved = run.step
                advance(run.step - before)
            except Stopped:
                with suppress(Diverged):
                    read(due=True)
                if ranks.leads and run.step > saved:
                    writer.begin(saving(run))
                writer.wait()
                why = (
                    f", after train.max_hours = {train.max_hours:g}"
                    if stop.late and not stop.requested
                    else ""
                )
                progress.message(f"stopped at step {run.step}{why}; the same command resumes")
                ranks.wait()
                raise KeyboardInterrupt from None
    if run.skipped > _MANY_SKIPPED * run.step:
        progress.warning(
            f"{run.skipped:,} of {run.step:,} updates had no finite gradient and were skipped; lower train.lr or raise "
            "train.warmup_share in a new run"
        )
    return closing_figures(run, whole, clock, trial) | {"unigram_entropy": unigram, **scores}


def __getattr__(name: str) -> Any:
    """`gaupt.training.pretrain.pretrain`, for scripts that take it from where it once stood."""
    if name == "pretrain":
        return import_module("gaupt.training.pretrain").pretrain
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
