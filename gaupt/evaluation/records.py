"""What one fine-tuning or probe leaves: a file that a continued evaluation does not make again."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gaupt.evaluation.data import TaskData
from gaupt.evaluation.finetune import Judged
from gaupt.evaluation.format import PREDICTIONS, RUNS
from gaupt.evaluation.metrics.entities import NOTHING, Entities
from gaupt.evaluation.predictions import Predicted, submission_text
from gaupt.evaluation.tasks.rows import Choice, Labelled, Question, Row, Tagged
from gaupt.files import read_json, write_bytes, write_json

MOST_ERRORS = 100


@dataclass(frozen=True)
class Run:
    """One cell of the table for one seed."""

    model: str
    task: str
    seed: int
    """Of a probe, the draw."""

    @property
    def stem(self) -> str:
        """What its files are called."""
        return f"{file_name(self.model)}/{file_name(self.task)}-{self.seed}"


def file_name(text: str) -> str:
    """``text`` as part of a file name, another one for every text."""
    plain = re.sub(r"[^\w.-]+", "-", text).strip("-.")
    return plain if plain == text else f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:8]}".lstrip("-")


def record_path(output: Path, run: Run) -> Path:
    """Where the record of ``run`` is."""
    return output / RUNS / f"{run.stem}.json"


def has_ended(output: Path, run: Run) -> bool:
    """Whether ``run`` has left its record."""
    return record_path(output, run).is_file()


def read_record(output: Path, run: Run) -> dict[str, Any] | None:
    """The record of ``run``; None where it has not ended."""
    return read_json(record_path(output, run)) if has_ended(output, run) else None


def write_record(
    output: Path, run: Run, data: TaskData, judged: Judged, more: dict[str, Any]
) -> dict[str, Any]:
    """Write predictions, then the record that says the run has ended. Returns the record."""
    predictions = output / PREDICTIONS / f"{run.stem}.json"
    predictions.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(predictions, submission_text(data.task, data.scored, judged.predicted).encode())
    scored = judged.scored
    record = {
        "model": run.model,
        "task": run.task,
        "seed": run.seed,
        "scored_on": data.scored_on,
        "score": scored.headline,
        "figures": scored.figures,
        **more,
        **_confusion(data, judged),
        "errors": _errors(data.scored, judged),
        "predictions": str(predictions.relative_to(output)),
        "parts": scored.parts.round(6).tolist(),
    }
    path = record_path(output, run)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, record)
    return record


def parts_of(records: Sequence[dict[str, Any]]) -> np.ndarray:
    """[runs, rows, 2] of several records of one model and task."""
    return np.array([record["parts"] for record in records], np.float64)


def errors_lines(records: Sequence[dict[str, Any]]) -> str:
    """JSON lines of the most confident mistakes of the first run of each model on each task."""
    lines, seen = [], set()
    for record in records:
        cell = record["model"], record["task"]
        if cell not in seen:
            seen.add(cell)
            lines += [
                json.dumps({"model": cell[0], "task": cell[1], **error}, ensure_ascii=False)
                for error in record["errors"]
            ]
    return "".join(line + "\n" for line in lines)


def _confusion(data: TaskData, judged: Judged) -> dict[str, Any]:
    """How often each label was taken for each, for tasks with labels."""
    if data.task.kind not in ("classification", "pair"):
        return {}
    pairs = Counter(
        (row.label, value)
        for row, value in zip(data.scored, judged.predicted, strict=True)
        if isinstance(row, Labelled)
    )
    table: dict[str, dict[str, int]] = {}
    for (gold, predicted), count in sorted(pairs.items(), key=str):
        table.setdefault(str(gold), {})[str(predicted)] = count
    return {"confusion": table}


def _errors(rows: Sequence[Row], judged: Judged) -> list[dict[str, Any]]:
    """The rows that are wrong, the most confident first."""
    wrong = []
    for place, (row, value, confidence) in enumerate(
        zip(rows, judged.predicted, judged.confidence, strict=True)
    ):
        numerator, denominator = judged.scored.parts[place]
        if numerator < denominator:
            shown, gold = _shown(row, value)
            wrong.append(
                {
                    "row": place,
                    "confidence": round(confidence, 4),
                    "gold": gold,
                    "predicted": shown,
                    "text": _text(row),
                }
            )
    return sorted(wrong, key=lambda error: -float(error["confidence"]))[:MOST_ERRORS]


def _shown(row: Row, value: Predicted) -> tuple[Any, Any]:
    """Prediction and gold as people read them."""
    if isinstance(row, Tagged):
        shown, gold = (
            [[type_, row.text[a : b + 1], a] for type_, a, b in sorted(each.spans)]
            for each in (value if isinstance(value, Entities) else NOTHING, row.entities or NOTHING)
        )
        return shown, gold
    if isinstance(row, Choice):
        place = value if isinstance(value, int) else -1
        return row.choices[place], row.choices[row.answer or 0]
    if isinstance(row, Question):
        return value, [text for text, _ in row.answers]
    return value, row.label


def _text(row: Row) -> str:
    if isinstance(row, Labelled):
        text = " ｜ ".join(row.texts)
    elif isinstance(row, Tagged):
        text = row.text
    elif isinstance(row, Choice):
        text = f"{row.before}{'____' if row.blank else ' ｜ '}{row.after}"
    else:
        text = f"{row.question} ｜ {row.context}"
    return text if len(text) <= 200 else f"{text[:199]}…"
