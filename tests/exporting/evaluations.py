"""What `gaupt evaluate` leaves, small and made by hand, for tests of the model card."""

from pathlib import Path
from typing import Any

from gaupt.checkpoint.finetuned import FineTuned
from gaupt.checkpoint.load import LoadedModel
from gaupt.files import write_sealed_json

ANCHORS = {"majority": 20.0, "TF-IDF": 45.0}


def task(name: str = "topics", kind: str = "classification", metric: str = "accuracy") -> dict[str, Any]:
    """A task as the results list it."""
    return {"name": name, "kind": kind, "metric": metric, "scored_on": "dev", "scored_rows": 1200}


def results(loaded: LoadedModel, *names: str, tasks: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Scores of models called ``names``, all of the size and folder of ``loaded``; the first scores 60, the next 50."""
    parameters = sum(parameter.numel() for parameter in loaded.model.encoder.parameters())
    names, tasks = names or ("run",), tasks or [task()]
    means = {name: 60.0 - 10 * place for place, name in enumerate(names)} | ANCHORS
    return {
        "format": "gaupt-evaluation",
        "version": 1,
        "protocol": "finetune",
        "head": "fine-tuning: 3 seeds, mean ± sd; scored on dev: topics",
        "models": [{"name": name, "source": loaded.source.name, "parameters": parameters} for name in names],
        "tasks": tasks,
        "scores": [
            {
                "model": name,
                "task": each["name"],
                "mean": mean,
                "sd": None if name == "majority" else 1.5,
                "runs": 3,
            }
            for each in tasks
            for name, mean in means.items()
        ],
        "comparisons": [
            {"model": name, "against": names[0], "task": each["name"], "low": -9.5, "high": -4.25}
            for each in tasks
            for name in list(means)[1:]
        ],
        "averages": [{"model": name, "average": "paper9", "score": 71.5} for name in names],
        "runs": [
            {
                "model": name,
                "task": each["name"],
                "seed": 4,
                "score": 61.25,
                "predictions": f"predictions/{name}/{each['name']}-4.json",
            }
            for each in tasks
            for name in names
        ],
    }


def text_results(loaded: LoadedModel, file: str = "held_out.jsonl") -> dict[str, Any]:
    """Scores on held-out text."""
    figures = {"bits_per_character": 4.56789, "accuracy": 33.333, "hidden_characters": 1234}
    return results(loaded) | {
        "protocol": "mlm",
        "head": f"{file}: 1,234 characters hidden in 99 pieces",
        "tasks": [],
        "scores": [{"model": "run", "figures": figures}],
        "averages": [],
    }


def write_evaluation(folder: Path, content: dict[str, Any], inputs: dict[str, Any]) -> Path:
    """A folder of an evaluation of what has these fingerprints."""
    folder.mkdir(parents=True)
    write_sealed_json(folder / "results.json", content)
    write_sealed_json(folder / "stage.json", {"stage": "evaluate", "inputs": inputs})
    return folder


def head_of(architecture: str, labels: tuple[str, ...], size: int, **more: Any) -> FineTuned:
    """A head on states of ``size``."""
    import torch

    weights = {"weight": torch.zeros(len(labels), size), "bias": torch.zeros(len(labels))}
    return FineTuned(architecture, labels, weights, **more)
