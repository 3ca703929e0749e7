"""Masked-LM pretraining: one visible loop, top to bottom.

Every random draw is a function of the seed and the step (order and masks the sampler's, dropout
`gaupt.training.update`'s), so a resumed run needs no random state and repeats an undisturbed one.
"""

import math
import time
from contextlib import nullcontext
from typing import Any

from gaupt.errors import GauptError
from gaupt.optimization.schedule import rate_share
from gaupt.progress import Progress
from gaupt.training.checkpoints import Writer
from gaupt.training.data import unigram_entropy
from gaupt.training.metrics import MetricsLog, Window
from gaupt.training.objective import evaluate
from gaupt.training.run import Run, micro_rows, saving
from gaupt.training.signals import Stopped, stop_requests
from gaupt.training.update import update

MAX_BAD_STEPS = 3
"""Updates in a row that may be skipped for a loss or gradient that is not finite."""


def fit(run: Run, workers: int | None, progress: Progress, deadline: float = math.inf) -> dict[str, Any]:
    """Train to the last step; log, save and evaluate on the way. Returns the closing figures.

    ``deadline``: the time of time.monotonic() at which it stops as on a signal.

    Raises:
        GauptError: training diverged.
        KeyboardInterrupt: a signal asked to stop, or the time is up, and the last whole step was saved.
    """
    train, ranks = run.config.train, run.ranks
    if workers is None:
        workers = 0 if run.machine.device.type == "cpu" else 2
    batches = run.sampler.batches(
        run.step, train.steps, rank=ranks.rank, world=ranks.world, num_workers=workers
    )
    unigram = unigram_entropy(run.data.shards)
    started, first, bad_steps, window = time.monotonic(), run.step + 1, 0, Window()
    saved = run.step

    def validate() -> dict[str, float]:
        held_out = run.validation.validation_batches(train.eval_tokens)
        scores = evaluate(
            run.model, run.encode, held_out, micro_rows(run), run.machine, stop.check, ranks=ranks
        )
        if not math.isfinite(scores["eval_loss"]):
            raise GauptError(
                f"training diverged: the validation loss at step {run.step} is not finite; lower train.lr in a new run"
            )
        if metrics is not None:
            metrics.write(run.step, **scores)
        progress.message(
            f"step {run.step}: validation loss {scores['eval_loss']:.3f}, "
            f"accuracy {scores['eval_accuracy']:.3f} (unigram entropy {unigram:.3f})"
        )
        return scores

    # Rank 0 alone writes.
    with (
        Writer() as writer,
        MetricsLog(run.folder, run.step) if ranks.leads else nullcontext() as metrics,
        stop_requests(progress.quiet, ranks.alone, deadline if ranks.leads else math.inf) as stop,
        progress.task("pretraining", total=train.steps, unit="steps", done=run.step) as advance,
    ):
        try:
            while run.step < train.steps:
                # 1. one update
                share = rate_share(
                    run.step,
                    warmup_steps=train.warmup_share * train.steps,
                    steps=train.steps,
                    points=train.schedule,
                )
                result = update(run, next(batches), share, stop.check).read()
                bad_steps = 0 if math.isfinite(result.grad_norm) else bad_steps + 1
                if bad_steps == MAX_BAD_STEPS:
                    raise GauptError(
                        f"training diverged at step {run.step}: {bad_steps} updates in a row without a finite "
                        "gradient; lower train.lr or raise train.warmup_share in a new run (the checkpoints are intact)"
                    )
                run.step += 1
                run.tokens += result.tokens
                window.add(result)
                advance(1, note=window.note())
                # 2. log
                done = run.step == train.steps
                if run.step == first:
                    progress.message(f"step {run.step}: {window.note()}")
                if metrics is not None and (run.step % train.log_every == 0 or done):
                    metrics.write(run.step, lr=train.lr * share, total_tokens=run.tokens, **window.close())
                # 3. save, which is written while training goes on
                writer.check()
                if ranks.leads and (run.step % train.checkpoint_every == 0 or done):
                    writer.begin(saving(run))
                    saved = run.step
                # 4. validate; after the last step it is part of the closing figures
                if run.step % train.eval_every == 0 and not done:
                    validate()
                    window = Window()
            scores = validate()
        except Stopped:
            if ranks.leads and run.step > saved:
                writer.begin(saving(run))
            writer.wait()
            why = f", after train.max_hours = {train.max_hours:g}" if stop.late and not stop.requested else ""
            progress.message(f"stopped at step {run.step}{why}; the same command resumes")
            ranks.wait()
            raise KeyboardInterrupt from None
    return {
        "steps": run.step,
        "tokens": run.tokens,
        "parameters": sum(parameter.numel() for parameter in run.model.parameters()),
        "device": str(run.machine.device),
        "precision": str(run.machine.precision).removeprefix("torch."),
        "seconds": round(time.monotonic() - started, 1),
        "unigram_entropy": unigram,
        **scores,
    }
