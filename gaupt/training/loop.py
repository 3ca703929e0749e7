"""Masked-LM pretraining: one visible loop, top to bottom.

Every random draw is a function of the seed and the number of the batch (order and masks the sampler's, dropout
`gaupt.training.update`'s), so a resumed run needs no random state and repeats an undisturbed one.
"""

import math
from collections import deque
from contextlib import nullcontext, suppress
from functools import partial
from typing import Any

from gaupt.batches.origin import find_sources
from gaupt.batches.sampler import Batch
from gaupt.device import Machine
from gaupt.progress import Progress
from gaupt.training import spikes
from gaupt.training.checkpoints import Writer
from gaupt.training.clock import Clock
from gaupt.training.data import unigram_entropy
from gaupt.training.figures import closing_figures, figures, note, speed
from gaupt.training.metrics import MetricsLog, Window
from gaupt.training.objective import evaluate
from gaupt.training.rollback import Diverged, roll_back
from gaupt.training.run import Run, micro_rows, saving
from gaupt.training.signals import Stopped, stop_requests
from gaupt.training.tracker import tracking
from gaupt.training.trial import Trial
from gaupt.training.update import Update, update

MAX_BAD_UPDATES = 3
"""Updates in a row that may be passed over for a loss or gradient that is not finite."""


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
    whole, watch, first, saved = Window(), spikes.SpikeWatch(), run.step + 1, run.step
    unread: deque[tuple[int, Batch, Update]] = deque()
    if ranks.leads:
        spikes.keep_spikes(run.folder, run.step)

    def read(window: Window, due: bool) -> None:
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
            run.bad_updates = 0 if math.isfinite(result.grad_norm) else run.bad_updates + 1
            for each in (window, whole):
                each.add(result)
            spike = watch.see(result.loss, result.grad_norm)
            if spike is not None:
                # All ranks see the same figures, and each knows the documents of its part.
                found = ranks.gather(partial(spikes.worst_documents, run.sampler, batch, updated.losses))
                if ranks.leads:
                    number = step - 1 + run.passed_over
                    spikes.write_spike(run.folder, spike, found, step=step, batch=number)
                if spike.first:
                    progress.message(spikes.describe(spike, step))
            if run.bad_updates >= MAX_BAD_UPDATES:
                raise Diverged(
                    f"training diverged at step {step}: {run.bad_updates} updates in a row without a finite gradient",
                    since=step - run.bad_updates + 1,
                )

    def validate(metrics: MetricsLog | None) -> dict[str, float]:
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
        if not math.isfinite(scores["eval_loss"]):
            raise Diverged(
                f"training diverged: the validation loss at step {run.step} is not finite", since=run.step
            )
        if metrics is not None:
            with clock.timing("logs"):
                metrics.write(run.step, **scores)
        progress.message(
            f"step {run.step}: validation loss {scores['eval_loss']:.3f}, "
            f"accuracy {scores['eval_accuracy']:.3f} (unigram entropy {unigram:.3f})"
        )
        return scores

    def go_on() -> dict[str, float]:
        """From the step that the run is at to the end."""
        nonlocal saved
        batches = run.sampler.batches(
            run.batch,
            train.steps + run.passed_over,
            rank=ranks.rank,
            world=ranks.world,
            num_workers=workers,
        )
        window, told = Window(), ""
        with clock.timing("logs"):
            opened = MetricsLog(run.folder, run.step, track) if ranks.leads else nullcontext()
        clock.lap()
        with opened as metrics:
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
                read(window, due=log or keep or test or run.step == first)
                if window.tokens:
                    told = note(window.means(), speed(run, window, clock.since_lap(), trial.peak))
                advance(1, note=told)
                # 2. log
                if run.step == first:
                    progress.message(f"step {run.step}: {told}")
                if log:
                    if metrics is not None:
                        with clock.timing("logs"):
                            metrics.write(run.step, **figures(run, window, share, clock, trial))
                    window = Window()
                # 3. save, which is written while training goes on; not among bad updates, whose checkpoints are none to
                # go back to and would push out those that are
                writer.check()
                if keep and ranks.leads and (done or not run.bad_updates):
                    with clock.timing("checkpoints"):
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
                    read(Window(), due=True)
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
    return closing_figures(run, whole, clock, trial) | {"unigram_entropy": unigram, **scores}
