"""How long fine-tunings will take: rows counted, and one pass of each encoder timed on the spot."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from gaupt.config import EvaluateConfig
from gaupt.device import Machine, autocast, timed
from gaupt.evaluation.data import TaskData
from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.finetune import build_network
from gaupt.evaluation.items import Item
from gaupt.evaluation.kinds.table import KINDS
from gaupt.evaluation.length_batches import collate, micro_batches
from gaupt.evaluation.records import has_ended
from gaupt.evaluation.work import Work

SAMPLED_ROWS = 64
"""Rows of a task whose tokens are counted."""
TIMED_TOKENS = 2_048
"""A pass is timed on so many tokens."""
FORWARD = 1 / 3
"""What a pass without gradients takes of one with them."""


def finetuning_seconds(work: Work, output: Path, config: EvaluateConfig, machine: Machine) -> float:
    """Of all runs of ``work`` that have not ended, by the tokens that they read."""
    tokens: dict[str, float] = {}
    samples: dict[str, list[Item]] = {}
    for each in work.tasks:
        samples[each.task.name] = _sample(each, work.encoders[0], config)
        tokens[each.task.name] = tokens_read(each, samples[each.task.name], config)
    waiting = [run for run in work.runs if not has_ended(output, run)]
    pace = {
        encoder.name: _seconds_per_token(encoder, work.tasks, samples, config, machine)
        for encoder in work.encoders
        if any(run.model == encoder.name for run in waiting)
    }
    return sum(pace[run.model] * tokens[run.task] for run in waiting)


def tokens_read(data: TaskData, sample: Sequence[Item], config: EvaluateConfig) -> float:
    """Tokens that one fine-tuning reads, those without gradients counted as `FORWARD` of one."""
    settings = config.of_task(data.task.name)
    rows = min(SAMPLED_ROWS, len(data.train))
    a_row = sum(len(sequence.ids) for item in sample for sequence in item.sequences) / rows
    updates = max(1, math.ceil(len(sample) / rows * len(data.train) / settings.batch_size))
    epochs = max(settings.epochs, math.ceil(settings.min_updates / updates))
    judged = len(data.dev) * (epochs if config.select == "best" else 1) + len(data.test)
    return a_row * (epochs * len(data.train) + FORWARD * judged)


def _sample(data: TaskData, encoder: Encoder, config: EvaluateConfig) -> list[Item]:
    """Some training rows as items."""
    chosen = np.random.default_rng(0).permutation(len(data.train))[:SAMPLED_ROWS]
    rows = [data.train[place] for place in chosen]
    settings = config.of_task(data.task.name)
    return list(KINDS[data.task.kind].encode(rows, data.labels, encoder, settings, config, True))


def _seconds_per_token(
    encoder: Encoder,
    tasks: Sequence[TaskData],
    samples: Mapping[str, Sequence[Item]],
    config: EvaluateConfig,
    machine: Machine,
) -> float:
    """Of a forward and backward pass, timed on the first task that has a row to learn from."""
    data = next((each for each in tasks if samples[each.task.name]), None)
    if data is None:
        return 0.0
    kind, settings = KINDS[data.task.kind], config.of_task(data.task.name)
    # As this encoder's own vocabulary cuts the rows.
    items = _sample(data, encoder, config)
    part = next(micro_batches(items, TIMED_TOKENS))
    network = build_network(encoder, data, settings.dropout, 0, config.pooling).to(machine.device).train()

    def learn() -> None:
        with autocast(machine.device, machine.precision):
            scores = network(collate(part, encoder, machine.device))
        kind.loss(scores.float(), part)[0].backward()  # type: ignore[no-untyped-call]

    learn()
    taken = min(timed(learn, machine.device) for _ in range(2))
    return taken / sum(len(sequence.ids) for item in part for sequence in item.sequences)
