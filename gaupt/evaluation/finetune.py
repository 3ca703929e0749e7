"""Fine-tuning of one encoder on one task from one seed: the visible loop."""

import copy
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gaupt.config import EvaluateConfig, TaskConfig
from gaupt.device import Machine, autocast, seed_draws
from gaupt.errors import GauptError
from gaupt.evaluation.data import TaskData
from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.items import Item
from gaupt.evaluation.kinds.table import KINDS
from gaupt.evaluation.length_batches import collate, epoch_batches, micro_batches
from gaupt.evaluation.network import Network, scores_of
from gaupt.evaluation.predictions import Predicted
from gaupt.evaluation.score import Scored, score_rows
from gaupt.evaluation.tasks.rows import Row
from gaupt.model.heads import Classifier
from gaupt.optimization.optimizer import build_adamw
from gaupt.optimization.schedule import rate_share


@dataclass(frozen=True)
class Judged:
    """Predictions for one split, and how good they are."""

    scored: Scored
    predicted: Sequence[Predicted]
    confidence: Sequence[float]
    """How sure the network is of each; comparable within a task only."""


@dataclass(frozen=True)
class Outcome:
    """What one fine-tuning gave."""

    judged: Judged
    curve: list[dict[str, float | None]]
    """An entry an epoch: mean training loss in nats, the headline on dev (None: not asked for), seconds since the
    start."""
    epoch: int
    """The epoch that was scored, from 1."""
    facts: dict[str, Any]
    """Updates, examples a second, share of padding."""
    network: Network


def finetune(
    encoder: Encoder,
    data: TaskData,
    config: EvaluateConfig,
    seed: int,
    machine: Machine,
    advance: Callable[[int, str], None] = lambda amount, note: None,
) -> Outcome:
    """Learn the training rows, score dev after every epoch, and score the chosen epoch.

    ``advance`` hears of the share of the work done, in thousandths, and a note.

    Raises:
        GauptError: training diverged.
    """
    task, settings = data.task, config.of_task(data.task.name)
    kind = KINDS[task.kind]
    # 1. rows to items
    train = kind.encode(data.train, data.labels, encoder, settings, config, True)
    dev = kind.encode(data.dev, data.labels, encoder, settings, config, False)
    test = kind.encode(data.test, data.labels, encoder, settings, config, False)
    if not train:
        raise GauptError(f"{task.name}: none of the {len(data.train)} training rows can be learned from")
    # 2. the network, the optimizer, the schedule
    network = build_network(encoder, data, settings.dropout, seed, config.pooling).to(machine.device)
    options = _AdamW(settings.lr, config.weight_decay, config.betas, config.eps)
    optimizer = build_adamw((p for p in network.parameters() if p.requires_grad), options)
    epochs, per_epoch = schedule_of(settings, len(train))
    updates = epochs * per_epoch
    warmup = round(config.warmup_share * updates)
    # 3. epochs
    best: Judged | None = None
    chosen, weights = 0, None
    curve: list[dict[str, float | None]] = []
    started, learning, update = time.monotonic(), 0.0, 0
    tokens = places = 0
    for epoch in range(1, epochs + 1):
        rng = np.random.default_rng([seed, epoch])
        began, loss_sum, count_sum = time.monotonic(), 0.0, 0
        for items in epoch_batches(train, settings.batch_size, rng):
            network.train()
            seed_draws(int(rng.integers(2**62)), machine.device)
            for group in optimizer.param_groups:
                group["lr"] = settings.lr * rate_share(update, warmup_steps=warmup, steps=updates)
            count = 0
            for part in micro_batches(items, config.micro_batch_tokens):
                batch = collate(part, encoder, machine.device)
                with autocast(machine.device, machine.precision):
                    scores = network(batch)
                loss, terms = kind.loss(scores.float(), part)
                loss.backward()  # type: ignore[no-untyped-call]
                loss_sum, count = loss_sum + loss.item(), count + terms
                tokens, places = tokens + batch.tokens, places + batch.ids.numel()
            if math.isfinite(_scale_gradients(network, max(count, 1), config.clip_norm)):
                optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            update, count_sum = update + 1, count_sum + count
            advance(1000 * update // updates - 1000 * (update - 1) // updates, f"{task.name} {encoder.name}")
        learning += time.monotonic() - began
        mean_loss = loss_sum / max(count_sum, 1)
        if not math.isfinite(mean_loss):
            raise GauptError(
                f"{task.name}, {encoder.name}, seed {seed}: the loss of epoch {epoch} is not finite; lower evaluate.lr"
            )
        # 4. dev decides
        dev_score: float | None = None
        if config.select == "best" or epoch == epochs:
            judged = _judge(network, data, data.dev, dev, encoder, config, machine)
            dev_score = judged.scored.headline
            if best is None or judged.scored.headline > best.scored.headline or config.select == "last":
                best, chosen = judged, epoch
                weights = copy.deepcopy(network.state_dict()) if epoch < epochs else None
        seconds = round(time.monotonic() - started, 2)
        curve.append({"epoch": epoch, "loss": mean_loss, "dev": dev_score, "seconds": seconds})
    assert best is not None
    # 5. the chosen epoch, and with it a test set that has answers
    if weights is not None:
        network.load_state_dict(weights)
    if data.test:
        best = _judge(network, data, data.test, test, encoder, config, machine)
    facts = {
        "updates": updates,
        "epochs": epochs,
        "train_rows": len(data.train),
        "examples_per_second": round(len(train) * epochs / max(learning, 1e-9), 1),
        "padding": round(1 - tokens / max(places, 1), 4),
        "seconds": round(time.monotonic() - started, 1),
    }
    return Outcome(best, curve, chosen, facts, network)


def schedule_of(settings: TaskConfig, items: float) -> tuple[int, int]:
    """Passes over so many training items, and updates in each."""
    per_epoch = max(1, math.ceil(items / settings.batch_size))
    return max(settings.epochs, math.ceil(settings.min_updates / per_epoch)), per_epoch


def _scale_gradients(network: Network, count: int, clip_norm: float) -> float:
    """Divide summed gradients by ``count`` and clip them to ``clip_norm``, in one pass; their norm before clipping.

    The mean is over the whole batch, however it was cut.
    """
    gradients = [parameter.grad for parameter in network.parameters() if parameter.grad is not None]
    norm = float(torch.nn.utils.get_total_norm(gradients)) / count
    if math.isfinite(norm):
        torch._foreach_mul_(gradients, min(1.0, clip_norm / (norm + 1e-6)) / count)
    return norm


def build_network(
    encoder: Encoder, data: TaskData, dropout: float, seed: int, pooling: str = "cls"
) -> Network:
    """The encoder with a new head for the task, drawn from ``seed``."""
    kind = KINDS[data.task.kind]
    body = encoder.build(dropout, seed)
    torch.manual_seed(seed)
    head = Classifier(encoder.hidden_size, len(kind.outputs(data.labels)), dropout)
    return Network(body, head, kind.PER_TOKEN, pooling)


@dataclass(frozen=True)
class _AdamW:
    lr: float
    weight_decay: float
    betas: tuple[float, float]
    eps: float


def predict(
    network: Network,
    data: TaskData,
    rows: Sequence[Row],
    encoder: Encoder,
    config: EvaluateConfig,
    machine: Machine,
) -> Sequence[Predicted]:
    """Predictions of a fine-tuned ``network`` for ``rows`` without answers."""
    kind = KINDS[data.task.kind]
    items = kind.encode(rows, data.labels, encoder, config.of_task(data.task.name), config, False)
    scores = scores_of(network, items, encoder, machine, 2 * config.micro_batch_tokens)
    return kind.predict(rows, data.labels, items, scores, config)[0]


def _judge(
    network: Network,
    data: TaskData,
    rows: Sequence[Row],
    items: Sequence[Item],
    encoder: Encoder,
    config: EvaluateConfig,
    machine: Machine,
) -> Judged:
    scores = scores_of(network, items, encoder, machine, 2 * config.micro_batch_tokens)
    predicted, confidence = KINDS[data.task.kind].predict(rows, data.labels, items, scores, config)
    return Judged(score_rows(data.task, rows, predicted), predicted, confidence)
