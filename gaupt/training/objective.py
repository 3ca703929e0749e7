"""The masked-LM objective on a batch: summed loss, hits, and the held-out score."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import torch
from torch.nn import functional

from gaupt.batches.sampler import Batch
from gaupt.device import Machine, autocast

Forward = Callable[..., torch.Tensor]
"""The model's call, compiled or not: (input_ids, segment_ids, positions=…) to logits [masked, vocab]."""


PREDICTED = 64
"""Predictions are made in multiples of so many. Logits are the widest tensors, and no two batches have as many masked
tokens: were each of a size of its own, freed blocks would fit no later one, and a run take more memory every step."""
_IGNORED = -100
"""The label of what is predicted to fill up; cross_entropy leaves it out."""


def masked_loss(forward: Forward, batch: Batch, machine: Machine) -> tuple[torch.Tensor, int]:
    """Summed cross entropy (nats) over the masked tokens of ``batch``, and how many are predicted right."""
    fill = (0, -len(batch.labels) % PREDICTED)
    input_ids, segment_ids, positions, labels = (
        torch.from_numpy(array).to(machine.device, non_blocking=True)
        for array in (
            batch.input_ids,
            batch.segment_ids,
            np.pad(batch.positions, fill),
            np.pad(batch.labels, fill, constant_values=_IGNORED),
        )
    )
    with autocast(machine.device, machine.precision):
        logits = forward(input_ids, segment_ids, positions=positions)  # [masked, vocab]
    logits = logits.float()
    loss = functional.cross_entropy(logits, labels, reduction="sum", ignore_index=_IGNORED)
    return loss, int((logits.argmax(-1) == labels).sum())


def micro_batches(batch: Batch, rows: int) -> Iterator[Batch]:
    """Cut ``batch`` into batches of at most ``rows`` rows."""
    seq_len = batch.input_ids.shape[1]
    for start in range(0, len(batch.input_ids), rows):
        part = slice(start, start + rows)
        chosen = (batch.positions >= start * seq_len) & (batch.positions < (start + rows) * seq_len)
        segments = batch.segment_ids[part]
        yield Batch(
            input_ids=batch.input_ids[part],
            segment_ids=segments,
            positions=batch.positions[chosen] - start * seq_len,
            labels=batch.labels[chosen],
            tokens=int(np.count_nonzero(segments)),
        )


@torch.inference_mode()
def evaluate(
    model: torch.nn.Module,
    forward: Forward,
    batches: Iterable[Batch],
    rows: int,
    machine: Machine,
    check: Callable[[], None] = lambda: None,
) -> dict[str, float]:
    """Loss (nats a masked token) and accuracy over ``batches``, ``rows`` rows at a time, in eval mode.

    ``check`` is called before each pass, and may raise.
    """
    model.eval()
    loss_sum, correct, masked = 0.0, 0, 0
    for batch in batches:
        for micro in micro_batches(batch, rows):
            check()
            loss, right = masked_loss(forward, micro, machine)
            loss_sum += loss.item()
            correct += right
            masked += len(micro.labels)
    return {"eval_loss": loss_sum / masked, "eval_accuracy": correct / masked}
