"""Timing: all contestants in one process, in turns, so that what else the machine does falls on all alike."""

import statistics
import sys
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.context import BaseContext

import torch
from torch import Tensor, nn
from torch.nn import functional

from gaupt import memory
from gaupt.bench.contestants import Contestant
from gaupt.device import autocast, timed
from gaupt.errors import GauptError
from gaupt.model.flops import forward_flops, training_flops
from gaupt.workers import worker_pool

MASKED = 0.15
"""Share of positions that training predicts."""
MODES = ("forward", "training")
PRELOADED = [
    "gaupt.bench.measure",
    "transformers.models.bert.modeling_bert",
    "transformers.models.roformer.modeling_roformer",
]
"""What a process that measures memory finds imported, where it is installed: imports take longer than a call."""


@dataclass(frozen=True)
class Work:
    """One measurement: rows [batch, length] on a device in a precision."""

    length: int
    batch: int
    device: torch.device
    precision: torch.dtype

    def inputs(self, vocab_size: int) -> tuple[Tensor, Tensor, Tensor]:
        """Random ids [b, n], masked positions [m] and their labels [m]."""
        generator = torch.Generator().manual_seed(0)
        tokens = self.batch * self.length
        ids = torch.randint(5, vocab_size, (self.batch, self.length), generator=generator)
        positions = torch.randperm(tokens, generator=generator)[: max(1, int(MASKED * tokens))]
        return tuple(x.to(self.device) for x in (ids, positions, ids.flatten()[positions]))  # type: ignore[return-value]


def runner(
    contestant: Contestant, work: Work, mode: str, compiled: bool, model: nn.Module | None = None
) -> Callable[[], None]:
    """A function that does one forward pass of the encoder, or one training step without the optimizer's.

    ``model`` is the contestant's, built already; None: a new one.
    """
    model = build(contestant, work) if model is None else model
    ids, positions, labels = work.inputs(contestant.config.vocab_size)
    step = contestant.encode if mode == "forward" else contestant.predict
    call = torch.compile(step, dynamic=False) if compiled else step

    def forward() -> None:
        with torch.inference_mode(), autocast(work.device, work.precision):
            call(model, ids, positions)

    def training() -> None:
        with autocast(work.device, work.precision):
            logits = call(model, ids, positions)
        torch.autograd.backward(functional.cross_entropy(logits.float(), labels))
        model.zero_grad(set_to_none=True)

    model.train(mode == "training")
    return forward if mode == "forward" else training


def build(contestant: Contestant, work: Work) -> nn.Module:
    """The contestant's model with weights of its own initialization, on the device of ``work``."""
    torch.manual_seed(0)
    return contestant.build().to(work.device)


def interleaved(
    runs: Sequence[Callable[[], None]], device: torch.device, rounds: int, called: Callable[[], None]
) -> list[float]:
    """Median seconds of each of ``runs``, called in turns ``rounds`` times after one call to warm up.

    ``called`` hears of each call.
    """
    for run in runs:
        run()
        called()
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds):
        for run, taken in zip(runs, times, strict=True):
            taken.append(timed(run, device))
            called()
    return [statistics.median(taken) for taken in times]


def step_flops(contestant: Contestant, work: Work, mode: str) -> float:
    """FLOPs of one call of `runner`, by formula."""
    tokens = work.batch * work.length
    if mode == "forward":
        return tokens * forward_flops(contestant.config, work.length)
    predicted = tokens if contestant.full_head else max(1, int(MASKED * tokens))
    return training_flops(contestant.config, work.length, tokens, predicted)


def peak_memory(contestant: Contestant, work: Work, mode: str) -> int:
    """Most bytes in use while one call runs: allocated ones on a GPU, resident ones of a fresh process on a CPU.

    Weights are included, and on a CPU the few hundred megabytes that torch itself takes.

    Raises:
        GauptError: there is not so much memory.
    """
    too_much = GauptError(
        f"{contestant.name}, {mode}, {work.batch} × {work.length} tokens: more memory than there is; "
        "name fewer --layers, fewer --batch-tokens or a shorter --length"
    )
    if work.device.type == "cuda":
        others = torch.cuda.memory_allocated()  # the contestants that are there already
        run = runner(contestant, work, mode, compiled=False)
        torch.cuda.reset_peak_memory_stats()
        try:
            run()
        except torch.cuda.OutOfMemoryError:
            raise too_much from None
        return torch.cuda.max_memory_allocated() - others
    try:
        with worker_pool(1, context=_fresh()) as pool:
            return pool.submit(_resident, contestant, work, mode).result()
    except BrokenProcessPool:  # killed
        raise too_much from None


def _fresh() -> BaseContext:
    """How to start a process that has not computed yet."""
    if sys.platform != "linux":  # elsewhere the system's matrix library may not run in a forked process
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def _resident(contestant: Contestant, work: Work, mode: str) -> int:
    run = runner(contestant, work, mode, compiled=False)
    return memory.peak_memory(run, work.device)
