"""``gaupt bench``: the family and its baselines in turns, in one process, on the same data."""

import gc
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from gaupt.benchmark.contestants import Contestant, classifier_parameters, contestants, forward_flops, ours
from gaupt.benchmark.measure import MODES, Work, interleaved, matrix_peak, peak_memory, runner, step_flops
from gaupt.errors import GauptError
from gaupt.export.load import load_model
from gaupt.progress import Progress
from gaupt.training.device import keep_freed_memory, pick_device, pick_precision

CHUNKS_FROM = 1024
"""Tokens from which mixed chunk attention takes part; below, it is nearly full attention."""


@dataclass(frozen=True)
class Options:
    """What to measure."""

    layers: int = 24
    lengths: tuple[int, ...] = (128, 512, 2048)
    batch_tokens: int = 4096
    rounds: int = 5
    vocab_size: int = 12_000
    precision: str = "auto"
    compile: bool = False
    only: tuple[str, ...] = ()


def bench(models: Sequence[Path], options: Options, progress: Progress) -> dict[str, Any]:
    """Measure GAU, the baselines and ``models`` (MODEL of the command line; their sizes are used).

    Returns ``{"machine": …, "models": […], "results": […]}``; a result is one contestant at one length in one
    mode: tokens a second (median), ratio to the first contestant's, FLOP/s by formula and their share of the
    matrix peak measured in the same run, peak memory in bytes.

    Raises:
        GauptError: a model cannot be loaded, or a name in ``options.only`` is unknown.
    """
    device = pick_device()
    precision = pick_precision(device, options.precision)  # type: ignore[arg-type]
    keep_freed_memory()
    everyone = contestants(options.layers, options.vocab_size, max(options.lengths))
    everyone += [ours(str(path), load_model(path, warn=progress.message).model.config) for path in models]
    chosen = _choose(everyone, options.only)
    results: list[dict[str, Any]] = []
    peaks: list[float] = []
    works = [
        Work(length, max(1, options.batch_tokens // length), device, precision) for length in options.lengths
    ]
    with progress.task("measuring", total=len(works) * len(MODES), unit="settings") as advance:
        for work in works:
            for mode in MODES:
                peaks.append(matrix_peak(device, precision, options.rounds))
                results += _race(chosen, work, mode, options)
                advance(1, note=f"{mode} at {work.length} tokens")
    peak = max(peaks)
    for result in results:
        result["peak_share"] = result["flops_per_second"] / peak
    return {
        "machine": {
            "device": torch.cuda.get_device_name() if device.type == "cuda" else _processor(),
            "threads": torch.get_num_threads(),
            "precision": str(precision).removeprefix("torch."),
            "torch": torch.__version__,
            "matrix_peak_flops": peak,
            "rounds": options.rounds,
        },
        "models": [
            {
                "name": contestant.name,
                "classifier_parameters": classifier_parameters(contestant),
                "forward_flops_per_token": {
                    str(n): forward_flops(contestant.config, n) for n in options.lengths
                },
            }
            for contestant in chosen
        ],
        "results": results,
    }


def _choose(everyone: list[Contestant], only: Sequence[str]) -> list[Contestant]:
    for wanted in only:
        if not any(wanted.lower() in contestant.name.lower() for contestant in everyone):
            names = ", ".join(contestant.name for contestant in everyone)
            raise GauptError(f"--only {wanted}: no contestant has this in its name ({names})")
    return [c for c in everyone if not only or any(wanted.lower() in c.name.lower() for wanted in only)]


def _race(chosen: list[Contestant], work: Work, mode: str, options: Options) -> list[dict[str, Any]]:
    """All contestants at one length in one mode."""
    variants = [
        (contestant, compiled)
        for contestant in chosen
        if "mixed chunk" not in contestant.name or work.length >= CHUNKS_FROM
        for compiled in ((False, True) if options.compile else (False,))
    ]
    runs = [runner(contestant, work, mode, compiled) for contestant, compiled in variants]
    times = interleaved(runs, work.device, options.rounds)
    runs.clear()
    gc.collect()
    memory = {c.name: peak_memory(c, work, mode) for c, compiled in variants if not compiled}
    tokens = work.batch * work.length
    return [
        {
            "name": contestant.name + (" compiled" if compiled else ""),
            "length": work.length,
            "batch": work.batch,
            "mode": mode,
            "tokens_per_second": tokens / taken,
            "ratio": times[0] / taken,
            "flops_per_second": step_flops(contestant, work, mode) / taken,
            "peak_memory": memory[contestant.name],
        }
        for (contestant, compiled), taken in zip(variants, times, strict=True)
    ]


def _processor() -> str:
    return f"{platform.machine()} CPU"


def format_bench(report: dict[str, Any]) -> str:
    """The report as tables: one of the models, one of each length and mode."""
    machine = report["machine"]
    lines = [
        f"{machine['device']}, {machine['threads']} threads, {machine['precision']}, torch {machine['torch']}; "
        f"matrix product {machine['matrix_peak_flops'] / 1e9:.0f} GFLOP/s; medians of {machine['rounds']}",
        "",
        f"{'':32}{'parameters':>14}  MFLOP a token, forward",
    ]
    for model in report["models"]:
        flops = "  ".join(f"{n}: {value / 1e6:.0f}" for n, value in model["forward_flops_per_token"].items())
        lines.append(f"{model['name']:32}{model['classifier_parameters']:>14,}  {flops}")
    lines.append("(as a classifier of two labels; the RoFormers with their dense layer and sinusoid table)")
    setting = None
    for result in report["results"]:
        if setting != (result["length"], result["mode"]):
            setting = (result["length"], result["mode"])
            title = f"{result['mode']}, {result['batch']} × {result['length']} tokens"
            lines += ["", f"{title:36}{'tokens/s':>10}{'ratio':>8}{'of peak':>9}{'memory':>10}"]
        lines.append(
            f"{result['name']:36}{result['tokens_per_second']:>10,.0f}{result['ratio']:>8.2f}"
            f"{result['peak_share']:>9.0%}{result['peak_memory'] / 2**20:>7,.0f} MB"
        )
    return "\n".join(lines)
