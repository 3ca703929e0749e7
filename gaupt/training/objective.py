"""The masked-LM objective on a batch: summed loss, hits, and the held-out score."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import numpy as np
import torch

from gaupt.batches.origin import Sources
from gaupt.batches.sampler import Batch
from gaupt.device import Machine, autocast, to_device
from gaupt.model.masked_lm import MaskedLM
from gaupt.training.cross_entropy import IGNORED, CrossEntropy, cross_entropy
from gaupt.training.ranks import ALONE, Ranks
from gaupt.training.signals import Stopped

Encode = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""The model's encoder, compiled or not: input_ids and segment_ids [b, n] to hidden states [b, n, d]."""


PREDICTED = 64
"""Predictions are made in multiples of so many. Logits are the widest tensors, and no two batches have as many masked
tokens: were each of a size of its own, freed blocks would fit no later one, and a run take more memory every step."""

MOST_SOURCES = 20
"""Sources whose losses are told by themselves."""


def masked_loss(model: MaskedLM, encode: Encode, batch: Batch, machine: Machine) -> CrossEntropy:
    """Cross entropy (nats) over the masked tokens of ``batch``, filled up to a multiple of `PREDICTED`.

    Nothing waits for the device: what comes back are tensors on it.
    """
    fill = (0, -len(batch.labels) % PREDICTED)
    input_ids, segment_ids, positions, labels = (
        to_device(array, machine.device)
        for array in (
            batch.input_ids,
            batch.segment_ids,
            np.pad(batch.positions, fill),
            np.pad(batch.labels, fill, constant_values=IGNORED),
        )
    )
    with autocast(machine.device, machine.precision):
        hidden = encode(input_ids, segment_ids)  # [b, n, d]
        states = hidden.flatten(0, 1)[positions]  # [m, d]
        if model.head.transform is not None:
            states = model.head.transform(states)
    embedding = model.encoder.token_embedding.weight
    return cross_entropy(states, embedding, model.head.bias, labels, machine.precision)


def micro_batches(batch: Batch, rows: int) -> Iterator[Batch]:
    """Cut ``batch`` into batches of at most ``rows`` rows."""
    seq_len = batch.input_ids.shape[1]
    ends = np.append(0, np.cumsum(batch.segment_ids.max(axis=1)))  # samples before each row, and in all
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
            samples=batch.samples[ends[start] : ends[min(start + rows, len(batch.input_ids))]],
        )


@torch.inference_mode()
def evaluate(
    model: MaskedLM,
    encode: Encode,
    batches: Iterable[Batch],
    rows: int,
    machine: Machine,
    check: Callable[[], None] = lambda: None,
    sources: Sources | None = None,
    ranks: Ranks = ALONE,
) -> dict[str, float]:
    """Loss (nats a masked token) and accuracy over ``batches``, ``rows`` rows at a time, in eval mode.

    With ``sources``, those of the batches' split, the loss of each of the `MOST_SOURCES` largest as well, unless there
    is one only. The passes are dealt out to ``ranks``, which all get the same. ``check`` is called before each pass and
    may raise `Stopped`: then all ranks do.
    """
    model.eval()
    names = sources.names if sources is not None else ()
    # Of all masked tokens, then of each source's: hits come first.
    sums = torch.zeros(2 + len(names), dtype=torch.float64, device=machine.device)
    masked, stops = np.zeros(1 + len(names)), 0
    try:
        for batch in batches:
            for micro in islice(micro_batches(batch, rows), ranks.rank, None, ranks.world):
                check()
                scored = masked_loss(model, encode, micro, machine)
                sums[:2] += torch.stack((scored.hits.sum().double(), scored.total.double()))
                masked[0] += len(micro.labels)
                if sources is not None:
                    source = sources.of_masked(micro)
                    masked[1:] += np.bincount(source, minlength=len(names))
                    places = to_device(source, machine.device)
                    sums[2:].index_add_(0, places, scored.losses[: len(source)].double())
    except Stopped:
        if ranks.alone:
            raise
        stops = 1
    counts = to_device(np.append(masked, stops), machine.device)
    hits, *values, stops = ranks.add_up(torch.cat((sums, counts))).tolist()
    if stops:
        raise Stopped
    losses, masked = np.array(values).reshape(2, -1)
    scores = {"eval_loss": losses[0] / masked[0], "eval_accuracy": hits / masked[0]}
    largest = [place for place in np.argsort(-masked[1:], kind="stable").tolist() if masked[1 + place]]
    for place in largest[:MOST_SOURCES] if len(largest) > 1 else ():
        scores[f"eval_loss/{names[place]}"] = losses[1 + place] / masked[1 + place]
    return {name: float(score) for name, score in scores.items()}
