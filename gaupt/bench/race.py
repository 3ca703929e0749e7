"""``gaupt bench``: the family and its baselines in turns, in one process, on the same data."""

import gc
import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import nn

from gaupt.bench.contestants import classifier_parameters
from gaupt.bench.measure import build, interleaved, peak_memory, runner, step_flops
from gaupt.bench.options import Options
from gaupt.bench.plan import Plan, Table
from gaupt.model.flops import forward_flops
from gaupt.peak import matrix_peak
from gaupt.progress import Progress
from gaupt.visible import visible


def bench(plan: Plan, progress: Progress) -> Iterator[dict[str, Any]]:
    """Measure table after table; yield the report before the first and after each, with all that is measured.

    A report is ``{"machine": …, "models": […], "results": […]}``. A result is one contestant at one length in one
    mode: ``tokens_per_second`` (median), eager or compiled, whichever is faster (``compiled``; both are in
    ``eager_tokens_per_second`` and ``compiled_tokens_per_second`` where both were timed); ``ratio``, its speed over
    that of the first contestant, which is GAU unless ``only`` leaves it out; ``first_is``, the other way
    round, and ``first_flops``, how many times its FLOPs the first one needs; ``flops_per_token`` by formula and
    ``peak_share``, their rate over the highest matrix peak measured up to then; ``peak_memory`` in bytes, eager.

    Where the plan has a deadline, a table that would not end by then is left out, and ``progress`` hears of it.

    Raises:
        GauptError: a contestant needs more memory than there is.
    """
    peak, results = plan.pace.peak, list[dict[str, Any]]()
    yield _report(plan, peak, results)
    with progress.task("drawing weights", total=len(plan.contestants), unit="models") as advance:
        models = {}
        for contestant in plan.contestants:
            models[contestant.name] = build(contestant, plan.tables[0].work)
            advance(1, note=contestant.name)
    start, expected = time.monotonic(), 0.0
    for number, table in enumerate(plan.tables, 1):
        if results and _too_late(plan, table, time.monotonic() - start, expected):
            progress.message(
                f"{table.mode}, {table.work.length} tokens is left out: all took longer than planned; "
                f"--length {table.work.length} measures it"
            )
            continue
        calls = len(table.contestants) * (1 + (1 + plan.options.compile) * (1 + plan.options.rounds))
        title = f"{number}/{len(plan.tables)} {table.mode}, {table.work.length} tokens"
        with progress.task(title, total=calls, unit="calls") as advance:
            peak = max(peak, matrix_peak(table.work.device, table.work.precision, plan.options.rounds))
            rates = _race(table, models, plan.options, lambda: advance(1))
        results = [*results, *({**rate, "peak_share": rate["flops_per_second"] / peak} for rate in rates)]
        expected += table.seconds
        yield _report(plan, peak, results)


def _too_late(plan: Plan, table: Table, taken: float, expected: float) -> bool:
    """Whether a table would end after the deadline, when what was ``expected`` so far has ``taken`` so long."""
    slower = max(1.0, taken / expected)
    return plan.deadline is not None and time.monotonic() + slower * table.seconds > plan.deadline


def _report(plan: Plan, peak: float, results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    work = plan.tables[0].work
    lengths = dict.fromkeys(table.work.length for table in plan.tables)
    return {
        "machine": {
            "device": torch.cuda.get_device_name()
            if work.device.type == "cuda"
            else f"{platform.machine()} CPU",
            "threads": torch.get_num_threads(),
            "precision": str(work.precision).removeprefix("torch."),
            "torch": torch.__version__,
            "matrix_peak_flops": peak,
            "rounds": plan.options.rounds,
        },
        "models": [
            {
                "name": contestant.name,
                "classifier_parameters": classifier_parameters(contestant),
                "counted_vocab_size": contestant.published.vocab_size,
                "forward_flops_per_token": {str(n): forward_flops(contestant.config, n) for n in lengths},
            }
            for contestant in plan.contestants
        ],
        "results": list(results),
    }


def _race(
    table: Table, models: Mapping[str, nn.Module], options: Options, called: Callable[[], None]
) -> list[dict[str, Any]]:
    """All contestants of a table."""
    work, mode = table.work, table.mode
    # First, because a process of its own can be killed for lack of memory without ending this one.
    memory = []
    for contestant in table.contestants:
        memory.append(peak_memory(contestant, work, mode))
        called()
    # A graph is cached for the function, which contestants and lengths share, and only a few of them are kept.
    torch.compiler.reset()
    ways = (False, True) if options.compile else (False,)
    runs = [
        runner(contestant, work, mode, compiled, models[contestant.name])
        for contestant in table.contestants
        for compiled in ways
    ]
    taken = interleaved(runs, work.device, options.rounds, called)
    times = [taken[start : start + len(ways)] for start in range(0, len(taken), len(ways))]
    runs.clear()
    gc.collect()
    tokens = work.batch * work.length
    flops = [step_flops(contestant, work, mode) for contestant in table.contestants]
    results = []
    for contestant, both, needed, most in zip(table.contestants, times, flops, memory, strict=True):
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
            "peak_memory": most,
        }
        if options.compile:
            result |= {
                f"{way}_tokens_per_second": tokens / seconds
                for way, seconds in zip(("eager", "compiled"), both, strict=True)
            }
        results.append(result)
    return results


def describe_models(report: Mapping[str, Any], options: Options) -> str:
    """The machine and the table of the models."""
    machine = report["machine"]
    lines = [
        f"{machine['device']}, {machine['threads']} threads, {machine['precision']}, torch {machine['torch']}; "
        f"matrix product {machine['matrix_peak_flops'] / 1e9:.0f} GFLOP/s; medians of {machine['rounds']}",
        "",
        f"{'':32}{'parameters':>14}{'vocabulary':>12}  MFLOP a token, forward",
    ]
    for model in report["models"]:
        flops = "  ".join(f"{n}: {value / 1e6:.0f}" for n, value in model["forward_flops_per_token"].items())
        sizes = f"{model['classifier_parameters']:>14,}{model['counted_vocab_size']:>12,}"
        lines.append(f"{visible(model['name']):32}{sizes}  {flops}")
    lines += [
        "Parameters as a classifier of two labels with the vocabulary named, RoFormers with their dense layer and",
        f"sinusoid table. All are timed with one vocabulary of {options.vocab_size:,}; training is forward and "
        "backward without the optimizer.",
    ]
    if options.layers < Options.layers:
        lines += [
            f"These are {options.layers} of GAU's {Options.layers} layers, {max(1, options.layers // 2)} of "
            f"{Options.layers // 2} of the baselines, and as much less vocabulary: the ratios are about",
            f"those of whole models, which do {Options.layers / options.layers:.2g} times fewer tokens a second.",
        ]
    return "\n".join(lines)


def describe_last_table(report: Mapping[str, Any]) -> str:
    """The last length and mode of the report as a table."""
    last = report["results"][-1]
    title = f"{last['mode']}, {last['batch']} × {last['length']} tokens"
    results = [r for r in report["results"] if (r["mode"], r["length"]) == (last["mode"], last["length"])]
    first = visible(results[0]["name"])
    lines = [
        f"{title:36}{'tokens/s':>10}{first + ' is':>17}{'its FLOPs':>11}{'of peak':>9}{'memory':>10}",
    ]
    for result in results:
        name = visible(result["name"]) + (" compiled" if result["compiled"] else "")
        lines.append(
            f"{name:36}{result['tokens_per_second']:>10,.0f}{result['first_is']:>10.2f} times"
            f"{result['first_flops']:>11.2f}{result['peak_share']:>9.0%}{result['peak_memory'] / 2**20:>7,.0f} MB"
        )
    return "\n".join(lines)
