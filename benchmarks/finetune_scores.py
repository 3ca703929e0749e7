"""Does our fine-tuning score as transformers' Trainer does, from the same weights, settings and seeds?

    python benchmarks/finetune_scores.py MODEL --data CLUE [--task eprstmt tnews ocnli] [--seeds 3] [--rows 2000]

Classification and pairs; the last epoch is scored, on test where it has answers, else on dev. MODEL is a run, a
checkpoint or an exported folder. Needs accelerate.
"""

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from hf_trainer import Settings, prepared_trainer

from gaupt.config import Config
from gaupt.device import Machine, keep_freed_memory
from gaupt.evaluation.data import TaskData, read_task
from gaupt.evaluation.encoders import load_encoder
from gaupt.evaluation.finetune import finetune
from gaupt.evaluation.score import score_rows
from gaupt.evaluation.tasks.find import find_task
from gaupt.exporting.hf import export
from gaupt.progress import Progress

LENGTH, BATCH, RATE, DROPOUT, WARMUP, UPDATES = 128, 16, 1e-3, 0.1, 0.1, 150


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--task", nargs="+", default=["eprstmt", "tnews", "ocnli"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=2000, help="training rows, at most")
    arguments = parser.parse_args()
    keep_freed_memory()
    with tempfile.TemporaryDirectory() as scratch:
        exported = Path(scratch) / "model"
        export(arguments.model, exported, progress=Progress(quiet=True))
        for name in arguments.task:
            config = settings(arguments.rows)
            data = read_task(find_task(name), arguments.data, config)
            scores: dict[str, list[float]] = {"gaupt": [], "Trainer": []}
            for seed in range(arguments.seeds):
                machine = Machine(torch.device("cpu"), torch.float32)
                ours = finetune(load_encoder(exported), data, config, seed, machine)
                scores["gaupt"].append(ours.judged.scored.headline)
                scores["Trainer"].append(with_trainer(exported, data, ours.facts["epochs"], seed))
            for way, values in scores.items():
                spread = statistics.stdev(values) if len(values) > 1 else 0.0
                listed = ", ".join(f"{value:.2f}" for value in values)
                print(
                    f"{name:10} {way:8} {statistics.mean(values):6.2f} ± {spread:.2f}  ({listed})", flush=True
                )


def settings(rows: int) -> Any:
    values = {
        "epochs": 1,
        "min_updates": UPDATES,
        "batch_size": BATCH,
        "lr": RATE,
        "max_length": LENGTH,
        "dropout": DROPOUT,
        "warmup_share": WARMUP,
        "train_rows": rows,
        "select": "last",
        "precision": "float32",
    }
    return Config.model_validate({"evaluate": values}).evaluate


def with_trainer(model: Path, data: TaskData, epochs: int, seed: int) -> float:
    settings = Settings(LENGTH, BATCH, RATE, DROPOUT, WARMUP, epochs, seed)
    with prepared_trainer(model, data, settings) as (trainer, examples):
        trainer.train()
        logits = trainer.predict(examples(data.scored)).predictions
    predicted = [data.labels[place] for place in np.asarray(logits).argmax(-1)]
    return score_rows(data.task, data.scored, predicted).headline


if __name__ == "__main__":
    main()
