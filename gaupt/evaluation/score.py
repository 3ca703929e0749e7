"""Scores of predictions, by the official metric of their task."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from gaupt.errors import GauptError
from gaupt.evaluation.metrics.accuracy import accuracy, macro_f1
from gaupt.evaluation.metrics.entities import NOTHING, Entities, macro_by_string, micro_span
from gaupt.evaluation.metrics.reading import score_answers
from gaupt.evaluation.predictions import Predicted, align, read_predictions
from gaupt.evaluation.tasks.find import find_task
from gaupt.evaluation.tasks.read import read_answers, read_json_file
from gaupt.evaluation.tasks.rows import Choice, Labelled, Question, Row, Tagged, answered, first_repeated
from gaupt.evaluation.tasks.task import Task
from gaupt.files import AnyPath


@dataclass(frozen=True)
class Scored:
    """How good predictions are, as a whole and row by row."""

    figures: dict[str, Any]
    """Percentages and counts by name."""
    headline: float
    """The figure that tables print."""
    parts: NDArray[np.float64]
    """[rows, 2]: what each row adds to numerator and denominator of the headline, whose ratio it is."""
    groups: tuple[str, ...]
    """The group of each of these rows."""


def score_file(task: str, gold: AnyPath, predictions: AnyPath) -> dict[str, Any]:
    """The official metric of a prediction file, without a model.

    ``task`` is a name of CLUE's or the TOML file of an own task; ``gold`` a file in the task's format with answers
    (for ChID's official layout the file of answers), ``predictions`` one in the layout of a submission.

    Raises:
        GauptError: a file is unreadable or in another format, has no answers, or predictions are missing.
    """
    found = find_task(task)
    try:
        rows = _gold_rows(found, Path(gold))
    except GauptError:
        if _are_predictions(found, Path(gold)):
            raise GauptError(
                f"{gold} holds predictions, not the texts and answers of {found.name}; the order is "
                "gaupt score TASK GOLD PREDICTIONS"
            ) from None
        raise
    if not any(map(answered, rows)):
        raise GauptError(f"{gold} has no answers to score against; only a file with labels can be the gold")
    given = read_predictions(found, Path(predictions))
    return score_rows(found, rows, align(found, rows, given, str(predictions))).figures


def _are_predictions(task: Task, path: Path) -> bool:
    try:
        return bool(read_predictions(task, path))
    except GauptError:
        return False


def score_rows(task: Task, rows: Sequence[Row], predicted: Sequence[Predicted]) -> Scored:
    """Score one prediction a row; rows without an answer (label ``-``) do not count."""
    if task.kind == "reading":
        return _score_questions(task, cast(Sequence[Question], rows), predicted)
    pairs = [(row, value) for row, value in zip(rows, predicted, strict=True) if answered(row)]
    counted = [row for row, _ in pairs]
    values: list[Any] = [value for _, value in pairs]
    groups = tuple(row.group for row in counted)
    if task.kind == "spans":
        return _score_entities(task, cast(list[Tagged], counted), values, groups)
    if task.kind == "choice":
        choices = cast(list[Choice], counted)
        right = [_chose_right(row, value) for row, value in zip(choices, values, strict=True)]
        figures: dict[str, Any] = {"accuracy": accuracy(right), "counted": len(right)}
        if choices and choices[0].blank and len(set(groups)) == len(groups):
            figures["accuracy_fewclue"] = figures["accuracy"]
    else:
        gold = [cast(str, row.label) for row in cast(list[Labelled], counted)]
        right = [a == b for a, b in zip(gold, values, strict=True)]
        figures = {"accuracy": accuracy(right), "counted": len(right), "macro_f1": macro_f1(gold, values)}
    parts = np.stack([np.array(right, np.float64), np.ones(len(right))], axis=1)
    return Scored(figures, figures[task.headline], parts, groups)


def _chose_right(row: Choice, place: int) -> bool:
    if row.answer is None or not row.choices:  # official ChID's answers alone: places are all there is
        return place == row.answer
    return 0 <= place < len(row.choices) and row.choices[place] == row.choices[row.answer]


def _score_entities(
    task: Task, rows: Sequence[Tagged], predicted: Sequence[Entities], groups: tuple[str, ...]
) -> Scored:
    pairs = [(row.entities or NOTHING, value) for row, value in zip(rows, predicted, strict=True)]
    micro = micro_span([a.spans for a, _ in pairs], [b.spans for _, b in pairs])
    macro, by_type = macro_by_string(
        [a.strings for a, _ in pairs], [b.strings for _, b in pairs], task.labels or ()
    )
    figures = {
        "micro_span": {"precision": micro.precision, "recall": micro.recall, "f1": micro.f1},
        "macro_by_string": macro,
        "f1_by_type_by_string": dict(by_type),
        "counted": len(rows),
    }
    # Twice the right over predicted and gold: F1 as a ratio of sums over sentences.
    parts = np.array(
        [(2 * len(a.spans & b.spans), len(a.spans) + len(b.spans)) for a, b in pairs], np.float64
    )
    headline = macro if task.headline == "macro_by_string" else micro.f1
    return Scored(figures, headline, parts.reshape(-1, 2), groups)


def _score_questions(task: Task, rows: Sequence[Question], predicted: Sequence[Predicted]) -> Scored:
    references = {row.id: [text for text, _ in row.answers] for row in rows}
    given = {row.id: value for row, value in zip(rows, predicted, strict=True) if value is not None}
    score = score_answers(references, given)
    figures = {
        "f1": score.f1,
        "em": score.em,
        "average": score.average,
        "total": score.total,
        "skipped": score.skipped,
    }
    weights = {"f1": (1.0, 0.0), "em": (0.0, 1.0), "average": (0.5, 0.5)}[task.headline]
    numerators = [np.dot(weights, score.questions.get(row.id, (0.0, 0))) for row in rows]
    parts = np.stack([np.array(numerators, np.float64), np.ones(len(rows))], axis=1)
    return Scored(figures, figures[task.headline], parts, tuple(row.group for row in rows))


def _gold_rows(task: Task, path: Path) -> Sequence[Row]:
    if task.name == "chid":
        value = read_json_file(path)
        if isinstance(value, dict) and "content" not in value:
            answers = read_answers(path).items()
            return [Choice(tag, tag.strip("#"), "", "", (), place) for tag, place in answers]
    rows = task.read(path)
    repeated = first_repeated(row.id for row in rows) if task.kind == "reading" else None
    if repeated is not None:
        raise GauptError(f"{path}: question id {repeated!r} occurs more than once")
    return rows


def describe(result: dict[str, Any], task: str) -> str:
    """The figures of `score_file` for people."""
    lines = [f"{task}:"]
    for name, value in result.items():
        if isinstance(value, dict):
            inner = ", ".join(f"{key} {number:.3f}" for key, number in value.items())
            lines.append(f"  {name:22} {inner}")
        else:
            lines.append(f"  {name:22} {value:.3f}" if isinstance(value, float) else f"  {name:22} {value:,}")
    return "\n".join(lines)
