"""What `gaupt bench` will measure and how long that takes: sizes that fit a few minutes, from the first timed calls."""

import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from gaupt.bench.contestants import (
    Contestant,
    attention_weights,
    contestants,
    ours,
)
from gaupt.bench.measure import (
    MODES,
    Work,
    build,
    peak_memory,
    runner,
    step_flops,
)
from gaupt.bench.options import SIZES, Options
from gaupt.checkpoint.load import load_model
from gaupt.device import Machine, describe_machine, keep_freed_memory, pick_device, pick_precision, timed
from gaupt.errors import GauptError
from gaupt.model.config import GAUConfig, RoFormerConfig
from gaupt.model.flops import forward_flops, head_flops
from gaupt.peak import PRODUCT_FLOPS, matrix_peak
from gaupt.progress import Progress
from gaupt.workers import default_workers

CHUNKS_FROM = 1024
"""Tokens from which mixed chunk attention takes part beside others; below, it is nearly full attention."""
BUDGET = 170.0
"""Seconds that fitted sizes may take by the estimate; the rest of five minutes is for a machine with other work."""
LIMIT = 280.0
"""Seconds after the start by which fitted sizes end: a table that would not is left out."""
SIZE = frozenset({"layers", "lengths", "batch_tokens", "rounds"})
"""Fields of `Options` that a user may name and that decide the time."""
COMPILING = 2.0
"""Seconds to compile a layer, about."""


@dataclass(frozen=True)
class Pace:
    """What this machine takes, in seconds, by the first timed calls."""

    flop: float
    """A FLOP of a training step."""
    weight: float
    """An attention weight of a training step, beyond its FLOPs: softmax and dropout wait for memory."""
    parameter: float
    """Drawing a weight of the model."""
    process: float
    """Starting a process to measure memory in; 0 on a GPU."""
    peak: float
    """FLOP/s of a plain matrix product."""


@dataclass(frozen=True)
class Table:
    """One length in one mode, and who takes part."""

    mode: str
    work: Work
    contestants: tuple[Contestant, ...]
    seconds: float
    """By the estimate."""


@dataclass(frozen=True)
class Plan:
    """What will be measured."""

    options: Options
    contestants: tuple[Contestant, ...]
    tables: tuple[Table, ...]
    pace: Pace
    seconds: float
    """Of all, by the estimate."""
    whole: float
    """Seconds of ``--full`` with the same contestants, by the estimate."""
    deadline: float | None
    """The ``time.monotonic()`` by which it ends; None where the user named more than fits."""


def plan(
    models: Sequence[Path],
    named: Mapping[str, Any],
    full: bool,
    progress: Progress,
    wanted_device: str = "auto",
) -> Plan:
    """Choose sizes: those ``named`` (fields of `Options`), and for the rest the largest that fit `BUDGET`.

    ``full``: the whole table instead. ``models`` (MODEL of the command line) take part with their sizes.

    Raises:
        GauptError: a model cannot be loaded, a name in ``only`` is unknown, or there is no compiler.
    """
    start = time.monotonic()
    whole = replace(SIZES[0], **named)
    if whole.compile and not any(map(shutil.which, ("c++", "g++", "clang++", "cl"))):
        raise GauptError(
            "--compile needs a C++ compiler, and there is none; install g++ or leave --compile out"
        )
    own = [ours(str(path), load_model(path, warn=progress.warning).model.config) for path in models]
    for sizes in (whole, replace(SIZES[-1], **named)):
        entrants(sizes, own)
    device = pick_device(wanted_device)
    precision = pick_precision(device, whole.precision)  # type: ignore[arg-type]
    progress.message(f"device: {describe_machine(Machine(device, precision), wanted_device)}")
    keep_freed_memory()
    load, cores = os.getloadavg()[0], default_workers()
    if load > cores / 2:
        progress.message(f"other programs run here (load {load:.1f} on {cores} cores): figures will be rough")
    progress.message("timing a step of GAU and one of RoFormer, to know what this machine can do")
    pace = first_calls(device, precision)

    def tables(options: Options) -> tuple[Table, ...]:
        return _tables(options, entrants(options, own), pace, device, precision)

    def total(options: Options) -> float:
        found = tables(options)
        drawn = sum(drawing(contestant, pace) for contestant in _all(found))
        return drawn + sum(table.seconds for table in found)

    options = whole if full else fit(named, total)
    expected = total(options)
    fitted = not full and (expected <= BUDGET or not SIZE.intersection(named))
    return Plan(
        options,
        _all(tables(options)),
        tables(options),
        pace,
        expected,
        total(whole),
        start + LIMIT if fitted else None,
    )


def _all(tables: Sequence[Table]) -> tuple[Contestant, ...]:
    longest = max(tables, key=lambda table: len(table.contestants))
    others = [contestant for table in tables for contestant in table.contestants]
    return tuple({contestant.name: contestant for contestant in (*longest.contestants, *others)}.values())


def entrants(options: Options, own: Sequence[Contestant]) -> list[Contestant]:
    """Who takes part: the family and its baselines at the sizes of ``options``, and the user's ``own``.

    Raises:
        GauptError: a name in ``options.only`` is unknown.
    """
    everyone = [*contestants(options.layers, options.vocab_size, max(options.lengths)), *own]
    for wanted in options.only:
        if not any(wanted.lower() in contestant.name.lower() for contestant in everyone):
            names = ", ".join(contestant.name for contestant in everyone)
            raise GauptError(
                f"--only {wanted}: no contestant has this in its name ({names}; numbers follow --layers)"
            )
    return [
        contestant
        for contestant in everyone
        if not options.only or any(wanted.lower() in contestant.name.lower() for wanted in options.only)
    ]


def taking_part(chosen: Sequence[Contestant], length: int, options: Options) -> list[Contestant]:
    """Those of ``chosen`` that are measured at ``length``."""
    if length not in options.lengths:
        return [c for c in chosen if isinstance(c.config, GAUConfig) and c.config.attention == "mixed_chunk"]
    short = [c for c in chosen if "mixed chunk" not in c.name]
    return short if short and length < CHUNKS_FROM else list(chosen)


def fit(named: Mapping[str, Any], total: Callable[[Options], float]) -> Options:
    """The first of `SIZES`, with what is ``named``, whose ``total`` seconds are within `BUDGET`; else the last."""
    fitted = [replace(sizes, **named) for sizes in SIZES]
    return next((options for options in fitted if total(options) <= BUDGET), fitted[-1])


def first_calls(device: torch.device, precision: torch.dtype) -> Pace:
    """Time a training step of two GAU layers and one of a RoFormer layer, at the paper's width."""
    gau = ours("GAU", GAUConfig(num_layers=2, vocab_size=1000))
    roformer = ours("RoFormer", RoFormerConfig(num_layers=1, vocab_size=500, max_length=1024))
    short, long = Work(512, 2, device, precision), Work(1024, 1, device, precision)
    start = time.perf_counter()
    model = build(gau, short)
    drawn = time.perf_counter() - start
    flop = _best(runner(gau, short, "training", compiled=False, model=model), device) / step_flops(
        gau, short, "training"
    )
    beyond = _best(runner(roformer, long, "training", compiled=False), device) - flop * step_flops(
        roformer, long, "training"
    )
    process = 0.0
    if device.type == "cpu":
        tiny = Work(1, 1, device, precision)
        peak_memory(gau, tiny, "forward")  # the first one also starts what the others are copied from
        start = time.perf_counter()
        peak_memory(gau, tiny, "forward")
        process = max(0.0, time.perf_counter() - start - drawn)
    return Pace(
        flop,
        max(0.0, beyond) / (long.length * attention_weights(roformer.config, long.length)),
        drawn / sum(parameter.numel() for parameter in model.parameters()),
        process,
        matrix_peak(device, precision, rounds=3),
    )


def _best(run: Callable[[], None], device: torch.device) -> float:
    run()
    return min(timed(run, device) for _ in range(2))


def drawing(contestant: Contestant, pace: Pace) -> float:
    """Seconds to draw a contestant's weights: each is in one of a token's products, two FLOPs."""
    return pace.parameter * (forward_flops(contestant.config, 0) + head_flops(contestant.config)) / 2


def _tables(
    options: Options, chosen: Sequence[Contestant], pace: Pace, device: torch.device, precision: torch.dtype
) -> tuple[Table, ...]:
    lengths = (*options.lengths, *(n for n in options.mixed_lengths if n not in options.lengths))
    tables = []
    for length in lengths:
        work = Work(length, max(1, options.batch_tokens // length), device, precision)
        who = tuple(taking_part(chosen, length, options))
        for mode in MODES:
            expected = sum(_seconds(contestant, work, mode, options, pace) for contestant in who)
            expected += (options.rounds + 1) * 4 * PRODUCT_FLOPS / pace.peak
            if who:
                tables.append(Table(mode, work, who, expected))
    return tuple(tables)


def _seconds(contestant: Contestant, work: Work, mode: str, options: Options, pace: Pace) -> float:
    """What a contestant takes in one table: its calls, and its memory in a process of its own."""
    weights = work.batch * work.length * attention_weights(contestant.config, work.length)
    share = 1 / 3 if mode == "forward" else 1
    call = pace.flop * step_flops(contestant, work, mode) + pace.weight * share * weights
    ways = 2 if options.compile else 1
    calls = ways * (options.rounds + 1) + 1
    compiling = (ways - 1) * COMPILING * contestant.config.num_layers
    return calls * call + compiling + pace.process + drawing(contestant, pace)


def describe(plan: Plan) -> str:
    """What will be measured and about how long it takes, in three lines."""
    options = plan.options
    lengths = ", ".join(map(str, options.lengths))
    mixed = "".join(f", {n} for mixed chunks" for n in options.mixed_lengths)
    whole = f" (--full: {duration(plan.whole)})" if plan.whole > plan.seconds else ""
    return (
        f"plan: GAU of {options.layers} layers and baselines of {max(1, options.layers // 2)}, "
        f"forward and training, medians of {options.rounds}\n"
        f"plan: {len(plan.tables)} tables: rows of {lengths} tokens{mixed}; "
        f"{options.batch_tokens} tokens a batch\n"
        f"plan: about {duration(plan.seconds)}{whole}; Ctrl-C keeps the tables that are there"
    )


def duration(seconds: float) -> str:
    """Seconds, minutes or hours, to two digits or whole."""
    size, unit = next(
        ((size, unit) for size, unit in ((3600, "hours"), (60, "minutes")) if seconds >= 2 * size),
        (1, "seconds"),
    )
    value = seconds / size
    return f"{value:.0f} {unit}" if value >= 10 else f"{value:.2g} {unit}"
