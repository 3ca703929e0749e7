"""Folders of runs as `gaupt pretrain` leaves them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gaupt.config import Config, to_toml
from gaupt.files import write_json
from gaupt.report.run import Run, read_run

LINES: list[dict[str, Any]] = [
    {"step": 10, "loss": 7.0, "accuracy": 0.1, "lr": 1e-4, "grad_norm": 2.0},
    {"step": 20, "loss": 6.0, "accuracy": 0.2, "lr": 2e-4},
    {"step": 20, "eval_loss": 6.5, "eval_accuracy": 0.15},
    {"step": 30, "loss": 5.0, "accuracy": 0.3, "lr": 1e-4},
    {"step": 30, "eval_loss": 5.25, "eval_accuracy": 0.25},
]
SPEED = [{"step": step, "tokens_per_second": 900.0 + step} for step in (10, 20, 30)]
SUMMARY: dict[str, Any] = {
    "steps": 30,
    "tokens": 12_345,
    "parameters": 1_000_000,
    "device": "cpu",
    "device_name": "a <fast> CPU",
    "threads": 2,
    "precision": "float32",
    "seconds": 125.0,
    "tokens_per_second": 98.76,
    "mfu": 0.5,
    "peak_flops": 1e12,
    "peak_from": "data sheet",
    "peak_memory": 2_000_000,
    "time_in_loader": 0.125,
    "skipped": 0,
    "unigram_entropy": 6.25,
}


def write_run(
    folder: Path,
    lines: Sequence[Mapping[str, Any]] = LINES,
    summary: Mapping[str, Any] | None = None,
    config: Config | None = None,
) -> Path:
    """A run; one that is not complete without a ``summary``."""
    folder.mkdir(parents=True)
    (folder / "checkpoints").mkdir()
    (folder / "config.toml").write_text(to_toml(config or Config(seed=5)), encoding="utf-8")
    write_lines(folder / "metrics.jsonl", lines)
    write_lines(folder / "speed.jsonl", SPEED)
    if summary is not None:
        write_json(folder / "summary.json", dict(summary))
    return folder


def write_lines(file: Path, lines: Sequence[Mapping[str, Any]]) -> None:
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def made_run(folder: Path, *args: Any, **wanted: Any) -> Run:
    """What a report reads of such a run."""
    return read_run(write_run(folder, *args, **wanted), folder.name)
