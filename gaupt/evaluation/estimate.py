"""How long fine-tunings will take: rows counted, and one pass of each encoder timed on the spot."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gaupt.config import EvaluateConfig
from gaupt.device import Machine, autocast, steady_seconds
from gaupt.evaluation.data import TaskData
from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.finetune import build_network, schedule_of
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
    waiting = [run for run in work.runs if not has_ended(output, run)]
    samples = {each.task.name: _sample(each, work.encoders[0], config) for each in work.tasks}
    tokens = {each.task.name: tokens_read(each, samples[each.task.name], config) for each in work.tasks}
    # Of tasks that have a row to learn from, any tells the pace.
    timed_on = next((each for each in work.tasks if samples[each.task.name]), None)
    if timed_on is None:
        return 0.0
    pace = {
        encoder.name: _seconds_per_token(encoder, timed_on, config, machine)
        for encoder in work.encoders
        if any(run.model == encoder.name for run in waiting)
    }
    return sum(pace[run.model] * tokens[run.task] for run in waiting)


def tokens_read(data: TaskData, sample: Sequence[Item], config: EvaluateConfig) -> float:
    """Tokens that one fine-tuning reads, those without gradients counted as `FORWARD` of one."""
    rows = min(SAMPLED_ROWS, len(data.train))
    a_row = sum(len(sequence.ids) for item in sample for sequence in item.sequences) / rows
    epochs, _ = schedule_of(config.of_task(data.task.name), len(sample) / rows * len(data.train))
    judged = len(data.dev) * (epochs if config.select == "best" else 1) + len(data.test)
    return a_row * (epochs * len(data.train) + FORWARD * judged)


def _sample(data: TaskData, encoder: Encoder, config: EvaluateConfig) -> list[Item]:
    """Some training rows as items."""
    chosen = np.random.default_rng(0).permutation(len(data.train))[:SAMPLED_ROWS]
    rows = [data.train[place] for place in chosen]
    settings = config.of_task(data.task.name)
    return list(KINDS[data.task.kind].encode(rows, data.labels, encoder, settings, config, True))


def _seconds_per_token(encoder: Encoder, data: TaskData, config: EvaluateConfig, machine: Machine) -> float:
    """Of a forward and backward pass over rows of ``data``, as this encoder's own vocabulary cuts them."""
    kind, settings = KINDS[data.task.kind], config.of_task(data.task.name)
    part = next(micro_batches(_sample(data, encoder, config), TIMED_TOKENS))
    network = build_network(encoder, data, settings.dropout, 0, config.pooling).to(machine.device).train()

    def learn() -> None:
        with autocast(machine.device, machine.precision):
            scores = network(collate(part, encoder, machine.device))
        kind.loss(scores.float(), part)[0].backward()  # type: ignore[no-untyped-call]

    return steady_seconds(learn, machine.device) / sum(
        len(sequence.ids) for item in part for sequence in item.sequences
    )
