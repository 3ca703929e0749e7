"""Masked-LM pretraining, top to bottom: set up, then one visible loop.

Every random draw is a function of the seed and the step (the sampler's order and masks by itself, dropout by
seeding torch before each step), so a resumed run needs no random state and repeats an undisturbed one.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gaupt.batches.masking import Masking
from gaupt.batches.sampler import Batch, MaskedLMSampler
from gaupt.checkpoint.format import (
    checkpoint_name,
    load_weights,
    newest_checkpoint,
    prune_checkpoints,
    save_checkpoint,
)
from gaupt.config import Config, TrainConfig, to_toml
from gaupt.errors import GauptError
from gaupt.files import read_json, write_bytes, write_json
from gaupt.model.family import masked_lm
from gaupt.model.masked_lm import MaskedLM
from gaupt.progress import Progress
from gaupt.shards.format import TRAIN, VALIDATION
from gaupt.stage import Stage, State, open_stage
from gaupt.training.data import TrainingData, find_data, unigram_entropy, verify_data
from gaupt.training.device import check_compile, keep_freed_memory, pick_device, pick_precision
from gaupt.training.metrics import MetricsLog, StepResult, Window
from gaupt.training.objective import Forward, Machine, evaluate, masked_loss, micro_batches
from gaupt.training.optimizer import build_optimizer, load_optimizer_tensors, optimizer_tensors
from gaupt.training.schedule import linear_schedule
from gaupt.training.signals import stop_requests

SUMMARY = "summary.json"
"""Marker of a finished run, and its closing figures."""
MAX_BAD_STEPS = 3
"""Updates in a row that may be skipped for a loss or gradient that is not finite."""
FREE_TO_CHANGE = ("log_every", "eval_every", "eval_tokens", "checkpoint_every", "keep_checkpoints")
"""Options of [train] that a resumed run may change: they decide what is written, not what is learned."""


@dataclass
class Run:
    """Everything the loop works on."""

    folder: Path
    config: Config
    data: TrainingData
    machine: Machine
    model: MaskedLM
    optimizer: torch.optim.AdamW
    sampler: MaskedLMSampler
    validation: MaskedLMSampler
    step: int = 0
    """Updates done."""
    tokens: int = 0
    """Tokens seen, padding left out."""


def pretrain(
    data: Path,
    output: Path,
    config: Config,
    *,
    workers: int | None,
    progress: Progress,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Train a GAU masked LM on the shards in ``data`` and write the run to ``output``; resumes what is there.

    ``workers`` processes prepare the batches; None: two for a GPU, and none for a CPU, whose cores all train.
    Returns the run's closing figures, also in ``summary.json``.

    Raises:
        GauptError: unusable data or output, or training that diverged.
        KeyboardInterrupt: stopped by SIGINT or SIGTERM, after a checkpoint was written.
    """
    training_data = find_data(data)
    config = resolve(config, training_data)
    if config.train.compile:
        check_compile(pick_device())
    stage = pretrain_stage(output, config, training_data)
    with open_stage(stage, overwrite) as state:
        if state is State.COMPLETE:
            progress.message(f"{output} is complete; nothing to do")
            summary: dict[str, Any] = read_json(output / SUMMARY)
            return summary
        verify_data(training_data)
        write_bytes(output / "config.toml", to_toml(config).encode())
        run = set_up(output, config, training_data, progress)
        summary = fit(run, workers, progress)
        write_json(output / SUMMARY, summary)
        return summary


def describe_run(summary: Mapping[str, Any], output: Path) -> str:
    """One line for people on a finished run."""
    return (
        f"run:       {summary['steps']:,} steps, {summary['tokens']:,} tokens, {summary['parameters']:,} parameters; "
        f"validation loss {summary['eval_loss']:.3f}, accuracy {summary['eval_accuracy']:.3f} "
        f"(unigram entropy {summary['unigram_entropy']:.3f}), in {output}"
    )


def resolve(config: Config, data: TrainingData) -> Config:
    """``config`` with the sizes that the data decides: the vocabulary and the length of samples.

    Raises:
        GauptError: a batch is shorter than one sample, or the masked shares do not fit together.
    """
    seq_len = config.shards.seq_len
    masking(config.train)  # refuses shares that do not fit together, before anything is written
    if config.train.batch_tokens < seq_len:
        raise GauptError(
            f"train.batch_tokens = {config.train.batch_tokens} is less than one sample of "
            f"shards.seq_len = {seq_len} tokens"
        )
    values = config.model_dump()
    values["model"] |= {
        "vocab_size": data.vocab_size,
        "max_length": max(seq_len, config.model.max_length),
    }
    return Config.model_validate(values)


def pretrain_stage(output: Path, config: Config, data: TrainingData) -> Stage:
    """The run folder as a stage: what makes it the same run."""
    values = config.model_dump(mode="json", include={"seed", "shards", "model", "train"})
    values["shards"] = {"seq_len": config.shards.seq_len}
    for name in FREE_TO_CHANGE:
        del values["train"][name]
    return Stage("pretrain", output, SUMMARY, values, {"shards": data.fingerprint})


def set_up(folder: Path, config: Config, data: TrainingData, progress: Progress) -> Run:
    """Build the model, the optimizer and the samplers, at the newest checkpoint where there is one."""
    train, device = config.train, pick_device()
    if device.type == "cpu":
        keep_freed_memory()
    torch.manual_seed(config.seed)
    model = masked_lm(config.model).to(device)
    run = Run(
        folder=folder,
        config=config,
        data=data,
        machine=Machine(device, pick_precision(device, train.precision)),
        model=model,
        optimizer=build_optimizer(model, train),
        sampler=build_sampler(config, data, TRAIN),
        validation=build_sampler(config, data, VALIDATION),
    )
    checkpoint = newest_checkpoint(folder, warn=progress.message)
    if checkpoint is not None:
        load_weights(model, checkpoint)
        load_optimizer_tensors(run.optimizer, model, checkpoint.optimizer())
        run.step, run.tokens = checkpoint.step, int(checkpoint.facts["tokens"])
        progress.message(f"resuming {folder} at step {run.step}")
    return run


def masking(train: TrainConfig) -> Masking:
    """How much is masked, and what is shown instead."""
    return Masking(train.mask_rate, train.mask_token_share, train.random_token_share, train.ngram_shares)


def build_sampler(config: Config, data: TrainingData, split: str) -> MaskedLMSampler:
    """The masked samples of one split, in global batches of ``batch_tokens``."""
    seq_len, train = config.shards.seq_len, config.train
    return MaskedLMSampler(
        data.shards.folder,
        seq_len,
        train.batch_tokens // seq_len,
        config.seed,
        masking(train),
        split,
        # What is held out is scored as it is.
        train.source_weights if split == TRAIN else None,
    )


def fit(run: Run, workers: int | None, progress: Progress) -> dict[str, Any]:
    """Train to the last step; log, save and evaluate on the way. Returns the closing figures."""
    train, folder = run.config.train, run.folder
    # Compiling replaces the call, not the parameters: names in checkpoints stay the same.
    forward = torch.compile(run.model) if train.compile else run.model
    if workers is None:
        workers = 0 if run.machine.device.type == "cpu" else 2
    batches = run.sampler.batches(run.step, train.steps, num_workers=workers)
    unigram = unigram_entropy(run.data.shards)
    started, bad_steps, window = time.monotonic(), 0, Window()

    def validate() -> dict[str, float]:
        scores = evaluate(
            run.model,
            forward,
            run.validation.validation_batches(train.eval_tokens),
            micro_rows(run),
            run.machine,
        )
        if not math.isfinite(scores["eval_loss"]):
            raise GauptError(
                f"training diverged: the validation loss at step {run.step} is not finite; lower train.lr in a new run"
            )
        metrics.write(run.step, **scores)
        progress.message(
            f"step {run.step}: validation loss {scores['eval_loss']:.3f}, "
            f"accuracy {scores['eval_accuracy']:.3f} (unigram entropy {unigram:.3f})"
        )
        return scores

    with (
        MetricsLog(folder, run.step) as metrics,
        stop_requests() as stop,
        progress.task("pretraining", total=train.steps, unit="steps", done=run.step) as advance,
    ):
        while run.step < train.steps:
            # 1. one update
            lr = linear_schedule(run.step, peak=train.lr, warmup_steps=train.warmup_steps, steps=train.steps)
            result = update(run, forward, next(batches), lr)
            bad_steps = 0 if math.isfinite(result.grad_norm) else bad_steps + 1
            if bad_steps == MAX_BAD_STEPS:
                raise GauptError(
                    f"training diverged at step {run.step}: {bad_steps} updates in a row without a finite "
                    "gradient; lower train.lr or raise train.warmup_steps in a new run (the checkpoints are intact)"
                )
            run.step += 1
            run.tokens += result.tokens
            window.add(result)
            advance(1, note=window.note(lr))
            # 2. log
            done = run.step == train.steps
            if run.step % train.log_every == 0 or done:
                metrics.write(run.step, lr=lr, total_tokens=run.tokens, **window.close())
            # 3. save
            if run.step % train.checkpoint_every == 0 or done or stop.requested:
                save(run)
            if stop.requested and not done:
                progress.message(f"stopped at step {run.step}; the same command resumes")
                raise KeyboardInterrupt
            # 4. validate; after the last step it is part of the closing figures
            if run.step % train.eval_every == 0 and not done:
                validate()
                window = Window()
        scores = validate()
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


def update(run: Run, forward: Forward, batch: Batch, lr: float) -> StepResult:
    """One optimizer update on a global batch, in micro-batches; skipped when a gradient is not finite."""
    train = run.config.train
    torch.manual_seed(step_seed(run.config.seed, run.step))
    run.model.train()
    loss_sum = correct = 0.0
    masked = len(batch.positions)
    for micro in micro_batches(batch, micro_rows(run)):
        loss, right = masked_loss(forward, micro, run.machine)
        # Divided by the masked tokens of the whole batch: micro-batches do not change the gradient.
        (loss / masked).backward()  # type: ignore[no-untyped-call]
        loss_sum += loss.item()
        correct += right
    norm = torch.nn.utils.clip_grad_norm_(run.model.parameters(), train.clip_norm).item()
    if math.isfinite(norm):
        for group in run.optimizer.param_groups:
            group["lr"] = lr
        run.optimizer.step()
    run.optimizer.zero_grad(set_to_none=True)
    padding = 1 - batch.tokens / batch.input_ids.size
    return StepResult(loss_sum / masked, correct / masked, norm, batch.tokens, padding)


def micro_rows(run: Run) -> int:
    """Rows of one forward and backward pass."""
    return max(1, run.config.train.micro_batch_tokens // run.config.shards.seq_len)


def save(run: Run) -> None:
    """Write a checkpoint of the run's present step, then remove the oldest ones."""
    save_checkpoint(
        run.folder / "checkpoints" / checkpoint_name(run.step),
        run.model.state_dict(),
        run.config,
        run.data.tokenizer,
        step=run.step,
        facts={"tokens": run.tokens, "shards": run.data.fingerprint},
        optimizer=optimizer_tensors(run.optimizer, run.model),
    )
    prune_checkpoints(run.folder, run.config.train.keep_checkpoints, newest=run.step)


def step_seed(seed: int, step: int) -> int:
    """A seed for torch's own draws (dropout) at ``step``."""
    return int(np.random.SeedSequence([seed, step]).generate_state(1, np.uint64)[0]) >> 1
