"""Pretraining: gaupt against transformers' Trainer, same tokenizer, texts, share of masked words and precision.

    python benchmarks/pretrain.py SHARDS [--size small] [--precision float32] [--steps 2] [--rounds 3] [--reasons]

Each way trains on all of the same samples once, in a process of its own, in turn (A B C A B C); what is compared is
real tokens, [CLS] and [SEP] among them and padding left out, per CPU second on one thread. The Trainer trains
RoFormerForMaskedLM of about the same number of parameters, a sample a row; `--reasons` adds the ways in between. Needs
accelerate and transformers 5 or later.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from hf_pretrainer import Settings, Special
from hf_pretrainer import train as train_theirs
from sample_pool import read_samples, write_pool

from gaupt.config import Config, load_config
from gaupt.device import keep_freed_memory
from gaupt.model.config import RoFormerConfig
from gaupt.training.data import find_data
from gaupt.training.pretrain import complete_config
from gaupt.training.run import micro_rows, set_up
from gaupt.training.update import update

DEFAULTS, BEST = "Trainer, defaults", "Trainer, best settings"


@dataclass(frozen=True)
class Theirs:
    """A way of the Trainer's."""

    best: bool = True
    masked_head: bool = False
    keep_memory: bool = False
    """Freed memory kept for the next tensors, as ours does."""
    at_once: int = 8
    """Samples of a forward and backward pass; 0: all of an update. Few pad less, and stay nearer to the cores."""


@dataclass(frozen=True)
class Ours:
    """A way of ours."""

    recipe: str
    model: str = ""
    """What the preset's name begins with; empty: a GAU."""
    set: tuple[str, ...] = ()


WAYS: dict[str, Theirs | Ours] = {
    DEFAULTS: Theirs(best=False, at_once=0),
    BEST: Theirs(),
    "gaupt, GAU, recipe paper": Ours("paper"),
    "gaupt, GAU, recipe fast": Ours("fast"),
    "gaupt, RoFormerV1, recipe paper": Ours("paper", "roformer-v1-"),
}
REASONS: dict[str, Theirs | Ours] = {
    "Trainer, best, an update in one pass": Theirs(at_once=0),
    "Trainer, best, freed memory kept": Theirs(keep_memory=True),
    "Trainer, best, freed memory kept, masked positions alone": Theirs(keep_memory=True, masked_head=True),
    "gaupt, RoFormerV2, recipe paper": Ours("paper", "roformer-v2-"),
    "gaupt, RoFormerV1, recipe fast": Ours("fast", "roformer-v1-"),
    "gaupt, RoFormerV2, recipe fast": Ours("fast", "roformer-v2-"),
    "gaupt, GAU, recipe paper without dropout": Ours("paper", set=("model.dropout=0",)),
    "gaupt, GAU, recipe fast with 15% masked": Ours(
        "fast", set=("train.mask_rate=0.15", "train.final_mask_rate=0")
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shards", type=Path)
    parser.add_argument("--size", default="small", help="presets: SIZE, roformer-v1-SIZE, roformer-v2-SIZE")
    parser.add_argument("--precision", default="float32", choices=["float32", "bfloat16"])
    parser.add_argument("--steps", type=int, default=2, help="updates of a way; one more to warm up")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--reasons", action="store_true", help="the ways in between as well")
    parser.add_argument("--only", nargs="+", help="names of ways")
    parser.add_argument("--way", help="run this one on the pool SHARDS, and print its figures")
    arguments = parser.parse_args()
    if arguments.way:
        figures = run((WAYS | REASONS)[arguments.way], arguments.shards, arguments)
        print(json.dumps(figures))
        return
    ways = arguments.only or [*WAYS, *(REASONS if arguments.reasons else ())]
    found: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory() as scratch:
        pool = Path(scratch) / "pool"
        write_pool(arguments.shards, pool, arguments.steps * rows_of(arguments.size, arguments.shards))
        for _ in range(arguments.rounds):
            for way in ways:
                found[way].append(in_process(way, pool, arguments))
                print(f"{way:58} {found[way][-1]}", file=sys.stderr, flush=True)
    print_table(found)


def in_process(way: str, pool: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """The figures of one way, measured in a process of its own on one thread."""
    call = [sys.executable, __file__, str(pool), "--way", way, "--steps", str(arguments.steps)]
    call += ["--size", arguments.size, "--precision", arguments.precision]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    done = subprocess.run(call, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise SystemExit(f"{way} failed:\n{done.stderr}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def run(way: Theirs | Ours, pool: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Train by ``way`` on all of ``pool`` once."""
    torch.set_num_threads(1)
    if isinstance(way, Ours):
        return ours(way, pool, arguments)
    return theirs(way, pool, arguments)


def ours(way: Ours, pool: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    data = find_data(pool)
    config = our_config(way.model + arguments.size, pool, arguments, way.recipe, way.set)
    work = set_up(pool / "run", config, data, torch.device("cpu"))
    update(work, work.sampler.batch(0), share=0.5).read()
    tokens = places = masked = 0
    cpu, wall = time.process_time(), time.perf_counter()
    for step in range(arguments.steps):
        work.step = step
        batch = work.sampler.batch(step)
        update(work, batch, share=0.5).read()
        tokens, places, masked = (
            tokens + batch.tokens,
            places + batch.input_ids.size,
            masked + len(batch.labels),
        )
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    assert micro_rows(work) == work.sampler.rows
    return {
        "tokens_per_cpu_second": round(tokens / cpu, 1),
        "tokens_per_second": round(tokens / wall, 1),
        "tokens": tokens,
        "places_per_cpu_second": round(places / cpu, 1),
        "padding": round(1 - tokens / places, 4),
        "parameters": sum(parameter.numel() for parameter in work.model.parameters()),
    }


def theirs(way: Theirs, pool: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    if way.keep_memory:
        keep_freed_memory()
    data = find_data(pool)
    samples = read_samples(pool)
    tokenizer = data.shards.manifest["tokenizer"]
    ordinary = np.setdiff1d(np.arange(tokenizer["vocab_size"]), tokenizer["never_random"])
    size = our_config(f"roformer-v1-{arguments.size}", pool, arguments, "paper").model
    assert isinstance(size, RoFormerConfig)
    settings = Settings(
        batch=-(-len(samples) // arguments.steps),
        best=way.best,
        bfloat16=arguments.precision == "bfloat16",
        at_once=way.at_once,
        masked_head=way.masked_head,
    )
    special = Special(tokenizer["special"]["pad"], tokenizer["special"]["mask"], ordinary)
    with tempfile.TemporaryDirectory() as scratch:
        warm_up = samples[:16]
        figures = train_theirs(size, samples, warm_up, data.tokenizer, special, settings, Path(scratch))
    tokens = sum(len(sample.ids) for sample in samples)
    return {
        "tokens_per_cpu_second": round(tokens / figures["cpu"], 1),
        "tokens_per_second": round(tokens / figures["wall"], 1),
        "tokens": tokens,
        "places_per_cpu_second": round(figures["places"] / figures["cpu"], 1),
        "padding": round(1 - tokens / figures["places"], 4),
        "parameters": figures["parameters"],
    }


def our_config(
    preset: str, pool: Path, arguments: argparse.Namespace, recipe: str, more: tuple[str, ...] = ()
) -> Config:
    """A preset as it would train on ``pool``: rows of the pool's length, and as many steps as are measured."""
    data = find_data(pool)
    values = (
        f"shards.seq_len={data.shards.seq_len}",
        f"train.steps={arguments.steps}",
        f"train.precision={arguments.precision}",
    )
    return complete_config(load_config(preset, None, (*values, *more), recipe=recipe), data)


def rows_of(size: str, shards: Path) -> int:
    """Packed rows of one update of the preset called ``size``."""
    return load_config(size).train.batch_tokens // find_data(shards).shards.seq_len


def print_table(found: dict[str, list[dict[str, Any]]]) -> None:
    """A row for each way: medians over the rounds, and how many times as fast as the Trainer, round by round."""
    anchors = [way for way in (DEFAULTS, BEST) if way in found]
    heads = ["way", "parameters", "padding", "tokens per CPU s", *(f"times {way}" for way in anchors)]
    print("| " + " | ".join(heads) + " |")
    print("| --- |" + " ---: |" * (len(heads) - 1))
    for way, rounds in found.items():
        rates = [figures["tokens_per_cpu_second"] for figures in rounds]
        cells = [
            way,
            f"{rounds[0]['parameters']:,}",
            f"{statistics.median(figures['padding'] for figures in rounds):.1%}",
            f"{statistics.median(rates):,.0f}",
        ]
        for anchor in anchors:
            others = [figures["tokens_per_cpu_second"] for figures in found[anchor]]
            ratios = [a / b for a, b in zip(rates, others, strict=True)]
            cells.append(f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
