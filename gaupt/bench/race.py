"""``gaupt bench``: the family and its baselines in turns, in one process, on the same data."""

import gc
import platform
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from gaupt.bench.contestants import (
    Contestant,
    classifier_parameters,
    contestants,
    forward_flops,
    ours,
)
from gaupt.bench.measure import (
    MODES,
    Work,
    build,
    interleaved,
    matrix_peak,
    peak_memory,
    runner,
    step_flops,
)
from gaupt.bench.options import Options
from gaupt.checkpoint.load import load_model
from gaupt.device import keep_freed_memory, pick_device, pick_precision
from gaupt.errors import GauptError
from gaupt.model.config import GAUConfig
from gaupt.progress import Progress

CHUNKS_FROM = 1024
"""Tokens from which mixed chunk attention takes part; below, it is nearly full attention."""


def bench(models: Sequence[Path], options: Options, progress: Progress) -> dict[str, Any]:
    """Measure GAU, the baselines and ``models`` (MODEL of the command line; their sizes are used).

    Returns ``{"machine": …, "models": […], "results": […]}``. A result is one contestant at one length in one
    mode: ``tokens_per_second`` (median), eager or compiled, whichever is faster (``compiled``; both are in
    ``eager_tokens_per_second`` and ``compiled_tokens_per_second`` where both were timed); ``ratio``, its speed over
    that of the first contestant, which is GAU unless ``options.only`` leaves it out; ``first_is``, the other way
    round, and ``first_flops``, how many times its FLOPs the first one needs; ``flops_per_token`` by formula and
    ``peak_share``, their rate over the matrix peak measured in the same run; ``peak_memory`` in bytes, eager.

    Raises:
        GauptError: a model cannot be loaded, a name in ``options.only`` is unknown, or there is no compiler.
    """
    if options.compile and not any(map(shutil.which, ("c++", "g++", "clang++", "cl"))):
        raise GauptError(
            "--compile needs a C++ compiler, and there is none; install g++ or leave --compile out"
        )
    device = pick_device()
    precision = pick_precision(device, options.precision)  # type: ignore[arg-type]
    keep_freed_memory()
    lengths = (*options.lengths, *(n for n in options.mixed_lengths if n not in options.lengths))
    everyone = contestants(options.layers, options.vocab_size, max(options.lengths))
    everyone += [ours(str(path), load_model(path, warn=progress.message).model.config) for path in models]
    chosen = _choose(everyone, options.only)
    results: list[dict[str, Any]] = []
    peaks: list[float] = []
    works = [
        Work(n, max(1, options.batch_tokens // n), device, precision)
        for n in lengths
        if _take_part(chosen, n, options)
    ]
    with progress.task("measuring", total=len(works) * len(MODES), unit="settings") as advance:
        for work in works:
            for mode in MODES:
                peaks.append(matrix_peak(device, precision, options.rounds))
                results += _race(_take_part(chosen, work.length, options), work, mode, options)
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
                "counted_vocab_size": contestant.published.vocab_size,
                "forward_flops_per_token": {str(n): forward_flops(contestant.config, n) for n in lengths},
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


def _take_part(chosen: list[Contestant], length: int, options: Options) -> list[Contestant]:
    if length not in options.lengths:
        return [c for c in chosen if isinstance(c.config, GAUConfig) and c.config.attention == "mixed_chunk"]
    return [c for c in chosen if "mixed chunk" not in c.name or length >= CHUNKS_FROM]


def _race(chosen: list[Contestant], work: Work, mode: str, options: Options) -> list[dict[str, Any]]:
    """All contestants at one length in one mode."""
    # A graph is cached for the function, which contestants and lengths share, and only a few of them are kept.
    torch.compiler.reset()
    ways = (False, True) if options.compile else (False,)
    runs = []
    for contestant in chosen:
        model = build(contestant, work)
        runs += [runner(contestant, work, mode, compiled, model) for compiled in ways]
    taken = interleaved(runs, work.device, options.rounds)
    times = [taken[start : start + len(ways)] for start in range(0, len(taken), len(ways))]
    runs.clear()
    gc.collect()
    tokens = work.batch * work.length
    flops = [step_flops(contestant, work, mode) for contestant in chosen]
    results = []
    for contestant, both, needed in zip(chosen, times, flops, strict=True):
        best = min(both)
        result = {
            "name": contestant.name,
            "length": work.length,
            "batch": work.batch,
            "mode": mode,
            "compiled": both.index(best) == 1,
            "tokens_per_second": tokens / best,
            "ratio": min(times[0]) / best,
            "first_is": best / min(times[0]),
            "first_flops": flops[0] / needed,
            "flops_per_token": needed / tokens,
            "flops_per_second": needed / best,
            "peak_memory": peak_memory(contestant, work, mode),
        }
        if options.compile:
            result |= {
                f"{way}_tokens_per_second": tokens / seconds
                for way, seconds in zip(("eager", "compiled"), both, strict=True)
            }
        results.append(result)
    return results


def _processor() -> str:
    return f"{platform.machine()} CPU"


def format_bench(report: dict[str, Any]) -> str:
    """The report as tables: one of the models, one of each length and mode."""
    machine = report["machine"]
    lines = [
        f"{machine['device']}, {machine['threads']} threads, {machine['precision']}, torch {machine['torch']}; "
        f"matrix product {machine['matrix_peak_flops'] / 1e9:.0f} GFLOP/s; medians of {machine['rounds']}",
        "",
        f"{'':32}{'parameters':>14}{'vocabulary':>12}  MFLOP a token, forward",
    ]
    for model in report["models"]:
        flops = "  ".join(f"{n}: {value / 1e6:.0f}" for n, value in model["forward_flops_per_token"].items())
        lines.append(
            f"{model['name']:32}{model['classifier_parameters']:>14,}{model['counted_vocab_size']:>12,}  {flops}"
        )
    lines += [
        "Parameters as a classifier of two labels with the vocabulary named, RoFormers with their dense layer and",
        "sinusoid table. All are timed with one vocabulary; training is forward and backward without the optimizer.",
    ]
    setting = None
    for result in report["results"]:
        if setting != (result["length"], result["mode"]):
            setting = (result["length"], result["mode"])
            title = f"{result['mode']}, {result['batch']} × {result['length']} tokens"
            lines += [
                "",
                f"{title:36}{'tokens/s':>10}{result['name'] + ' is':>17}{'its FLOPs':>11}"
                f"{'of peak':>9}{'memory':>10}",
            ]
        name = result["name"] + (" compiled" if result["compiled"] else "")
        lines.append(
            f"{name:36}{result['tokens_per_second']:>10,.0f}{result['first_is']:>10.2f} times"
            f"{result['first_flops']:>11.2f}{result['peak_share']:>9.0%}{result['peak_memory'] / 2**20:>7,.0f} MB"
        )
    return "\n".join(lines)
