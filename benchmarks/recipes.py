"""Recipes and models compared at equal tokens: held-out loss, and the time it took.

    python benchmarks/recipes.py SHARDS PLAN.toml --results results.jsonl

PLAN.toml holds a table for each run; what it sets is laid over `preset` and `recipe`:

    [fast-at-40]
    preset = "small"
    recipe = "fast"
    tokens = 3_200_000
    seeds = [0, 1, 2]
    set = ["train.lr=4e-3"]

A run that the results hold already is left out, so that a study continues where it was stopped. `--summary` prints a
table of what is there. Validation: 15% of whole words, the same masks for all, at a quarter, a half and the end.
"""

import argparse
import json
import statistics
import tempfile
import time
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import torch

from gaupt.config import Config, load_config
from gaupt.device import pick_device
from gaupt.training.data import TrainingData, find_data
from gaupt.training.objective import evaluate
from gaupt.training.pretrain import complete_config
from gaupt.training.run import micro_rows, save, set_up
from gaupt.training.update import update


def main() -> None:
    """Train what is missing, or print what is there."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shards", type=Path)
    parser.add_argument("plan", type=Path)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--only", nargs="*", help="names of runs")
    parser.add_argument("--eval-tokens", type=int, default=131_072)
    parser.add_argument("--keep", type=Path, help="folder for the models at the end of the runs")
    parser.add_argument("--summary", action="store_true")
    options = parser.parse_args()
    plan = tomllib.loads(options.plan.read_text())
    if options.summary:
        print_summary(read_results(options.results), list(plan))
        return
    data = find_data(options.shards)
    for name, run in plan.items():
        for seed in run.get("seeds", [0]) if not options.only or name in options.only else []:
            if (name, seed) in {(done["name"], done["seed"]) for done in read_results(options.results)}:
                continue
            result = train(name, run, seed, data, options.eval_tokens, options.keep)
            with options.results.open("a") as file:
                file.write(json.dumps(result) + "\n")


def read_results(path: Path) -> list[dict[str, Any]]:
    """What earlier calls found."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def train(
    name: str, run: dict[str, Any], seed: int, data: TrainingData, eval_tokens: int, keep: Path | None
) -> dict[str, Any]:
    """Train one model and score it on the way."""
    config = load_config(run["preset"], None, run.get("set", []), {"seed": seed}, recipe=run.get("recipe"))
    steps = round(run["tokens"] / config.train.batch_tokens)
    config = Config.model_validate(
        config.model_dump()
        | {"train": config.train.model_dump() | {"steps": steps, "eval_tokens": eval_tokens}}
    )
    config = complete_config(config, data)
    marks = {round(share * steps) for share in (0.25, 0.5, 0.75, 1)}
    curve, seconds, cpu = [], 0.0, 0.0
    with tempfile.TemporaryDirectory() as scratch:
        folder = (keep or Path(scratch)) / f"{name}-{seed}"
        work = set_up(folder, config, data, pick_device())
        tokens = 0
        for step in range(steps):
            began, began_cpu = time.perf_counter(), time.process_time()
            result = update(work, work.sampler.batch(step), work.rate).read()
            seconds, cpu = seconds + time.perf_counter() - began, cpu + time.process_time() - began_cpu
            work.step, tokens = step + 1, tokens + result.tokens
            if work.step in marks:
                batches = work.validation.validation_batches(eval_tokens)
                scores = evaluate(work.model, work.encode, batches, micro_rows(work), work.machine)
                curve.append((tokens, round(scores["eval_loss"], 4), round(scores["eval_accuracy"], 4)))
                print(
                    f"{name} seed {seed} step {work.step}/{steps}: {curve[-1]}, {cpu:.0f} CPU s", flush=True
                )
        if keep is not None:
            work.tokens = tokens
            save(work)
    return {
        "name": name,
        "seed": seed,
        "run": run,
        "tokens": tokens,
        "loss": curve[-1][1],
        "accuracy": curve[-1][2],
        "curve": curve,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu, 1),
        "threads": torch.get_num_threads(),
        "precision": str(work.machine.precision).removeprefix("torch."),
        "parameters": sum(p.numel() for p in work.model.parameters()),
    }


def print_summary(results: list[dict[str, Any]], names: list[str]) -> None:
    """A row for each run: mean over the seeds, and their spread."""
    by_name = defaultdict(list)
    for result in results:
        by_name[result["name"]].append(result)
    print(
        "| run | M tokens | seeds | loss | spread | accuracy | CPU s |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    )
    for name in names:
        runs = by_name[name]
        if runs:
            losses = [run["loss"] for run in runs]
            row = (
                name,
                f"{runs[0]['tokens'] / 1e6:.2f}",
                len(runs),
                f"{statistics.mean(losses):.3f}",
                f"{max(losses) - min(losses):.3f}",
                f"{statistics.mean(run['accuracy'] for run in runs):.3f}",
                f"{statistics.mean(run['cpu_seconds'] for run in runs):.0f}",
            )
            print("| " + " | ".join(map(str, row)) + " |")


if __name__ == "__main__":
    main()
