"""Fine-tuning on OCNLI: gaupt against transformers' Trainer, same weights, batch, precision and threads.

Each way runs in a process of its own, in turn, and reports examples a second of training alone: a whole epoch over the
same rows, loading and tokenizing left out.

    python benchmarks/finetune.py MODEL --data CLUE [--rows 4000] [--rounds 3] [--threads 1]

MODEL is a run, a checkpoint or an exported folder; CLUE holds the folder ocnli. Needs accelerate.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from hf_trainer import Settings, prepared_trainer

from gaupt.config import Config, EvaluateConfig
from gaupt.device import Machine, keep_freed_memory
from gaupt.evaluation.data import TaskData, read_task
from gaupt.evaluation.encoders import load_encoder
from gaupt.evaluation.finetune import finetune
from gaupt.evaluation.tasks.registry import TASKS
from gaupt.exporting.hf import export
from gaupt.progress import Progress

WAYS = ("gaupt", "Trainer, dynamic padding", "Trainer, group_by_length")
LENGTH, BATCH, RATE = 128, 32, 1e-4


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--way", choices=WAYS, help="run this one only, and print its figure")
    arguments = parser.parse_args()
    if arguments.way:
        print(json.dumps(run(arguments.way, arguments)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        exported = Path(scratch) / "model"
        export(arguments.model, exported, progress=Progress(quiet=True))
        found: dict[str, list[float]] = {way: [] for way in WAYS}
        for _ in range(arguments.rounds):
            for way in WAYS:
                call = [sys.executable, __file__, str(exported), "--data", str(arguments.data), "--way", way]
                call += ["--rows", str(arguments.rows), "--threads", str(arguments.threads)]
                printed = subprocess.run(call, check=True, capture_output=True, text=True).stdout
                figures = json.loads(printed.splitlines()[-1])
                found[way].append(figures["examples_per_second"])
                print(f"{way:26} {figures}", flush=True)
    ours = found["gaupt"]
    for way, rates in found.items():
        ratios = [a / b for a, b in zip(ours, rates, strict=True)]
        print(
            f"{way:26} {statistics.median(rates):8.1f} examples/s, gaupt is {statistics.median(ratios):.2f} times "
            f"as fast ({min(ratios):.2f} to {max(ratios):.2f})"
        )


def run(way: str, arguments: argparse.Namespace) -> dict[str, Any]:
    torch.set_num_threads(arguments.threads)
    whole = read_task(TASKS["ocnli"], arguments.data, EvaluateConfig())
    rows = whole.train[: arguments.rows]
    data = TaskData(whole.task, whole.files, whole.labels, rows, whole.dev[:32], ())
    return ours(arguments.model, data) if way == "gaupt" else trainers(arguments.model, data, "group" in way)


def ours(model: Path, data: TaskData) -> dict[str, Any]:
    keep_freed_memory()  # as gaupt evaluate does
    values = {"epochs": 1, "batch_size": BATCH, "lr": RATE, "max_length": LENGTH, "precision": "float32"}
    config = Config.model_validate({"evaluate": values}).evaluate
    outcome = finetune(load_encoder(model), data, config, 0, Machine(torch.device("cpu"), torch.float32))
    return {name: outcome.facts[name] for name in ("examples_per_second", "padding")}


def trainers(model: Path, data: TaskData, group: bool) -> dict[str, Any]:
    with prepared_trainer(model, data, Settings(LENGTH, BATCH, RATE), group) as (trainer, _):
        started = time.perf_counter()
        trainer.train()
        seconds = time.perf_counter() - started
    return {"examples_per_second": round(len(data.train) / seconds, 1)}


if __name__ == "__main__":
    main()
