"""Prediction files in the layouts that CLUE takes, read and written."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gaupt.errors import GauptError
from gaupt.evaluation.metrics.entities import Span
from gaupt.evaluation.tasks.read import entity_spans, read_json_file
from gaupt.evaluation.tasks.rows import Choice, Labelled, Row, Tagged
from gaupt.evaluation.tasks.task import Task

Predicted = str | int | frozenset[Span] | None
"""A label or an answer's text, the place of a choice, entities; None: no prediction."""


def read_predictions(task: Task, path: Path) -> list[tuple[str, Any]]:
    """Ids and raw values of a prediction file, in its order.

    Raises:
        GauptError: it is in no layout of the task's predictions.
    """
    value = read_json_file(path)
    if isinstance(value, dict) and not ({"label", "answer"} & value.keys()):
        return list(value.items())  # one object: CMRC, DRCD, ChID
    records = [value] if isinstance(value, dict) else value
    found = []
    for number, record in enumerate(records, 1):
        if not isinstance(record, dict) or "id" not in record or not {"label", "answer"} & record.keys():
            raise GauptError(
                f'{path}, row {number}: expected {{"id": …, "label": …}}, the layout of a submission for {task.name}'
            )
        found.append((str(record["id"]), record.get("label", record.get("answer"))))
    return found


def align(task: Task, rows: Sequence[Row], given: Sequence[tuple[str, Any]], where: str) -> list[Predicted]:
    """The prediction for each row: by the rows' own ids where they have them, else by position from 0.

    Ids that repeat in the gold file are matched in order, where the predictions repeat them alike. Only reading
    tasks may leave rows out, as their official script allows.

    Raises:
        GauptError: a row has no prediction, or a value is none for this task; the message names the first.
    """
    own = [row.id for row in rows]
    names = [name for name, _ in given]
    by_name = dict(given)
    if own == names:
        values: list[Any] = [value for _, value in given]
    elif task.kind == "reading":
        return [str(by_name[name]) if name in by_name else None for name in map(str, own)]
    elif None not in own and len(set(own)) == len(own) and by_name.keys() >= set(own):
        values = [by_name[str(name)] for name in own]
    elif all(str(position) in by_name for position in range(len(rows))):
        values = [by_name[str(position)] for position in range(len(rows))]
    else:
        by_own = None not in own and any(name in by_name for name in own)
        wanted = [str(name) for name in own] if by_own else [str(position) for position in range(len(rows))]
        lacking = [name for name in wanted if name not in by_name]
        first = lacking[0] if lacking else "a repeated id"
        raise GauptError(
            f"{where} lacks predictions: {len(lacking) or len(rows) - len(by_name)} of {len(rows)} rows have none, "
            f"the first is id {first}"
        )
    return [_convert(task, row, value, where) for row, value in zip(rows, values, strict=True)]


def _convert(task: Task, row: Row, value: Any, where: str) -> Predicted:
    try:
        if isinstance(row, Tagged):
            return frozenset(entity_spans(value))
        if isinstance(row, Choice):
            return int(value)
    except (TypeError, ValueError, AttributeError):
        raise GauptError(f"{where}: {value!r} is no prediction of {task.name}") from None
    if isinstance(value, bool):
        return str(value).lower()
    label = str(value)
    if isinstance(row, Labelled) and task.labels and label not in task.labels:
        raise GauptError(
            f"{where}: label {label!r} is not one of {task.name}'s: {', '.join(task.labels[:20])}"
        )
    return label


def submission_text(task: Task, rows: Sequence[Row], predicted: Sequence[Predicted]) -> str:
    """Predictions in the layout that CLUE takes, which `read_predictions` reads back."""
    if task.kind == "reading":
        answers = {row.id: value for row, value in zip(rows, predicted, strict=True)}
        return json.dumps(answers, ensure_ascii=False, indent=1) + "\n"
    few_shot = task.kind == "choice" and any(isinstance(row, Choice) and row.blank for row in rows)
    if few_shot and all((row.id or "").startswith("#") for row in rows):
        tags: Mapping[str, Predicted] = {
            str(row.id): value for row, value in zip(rows, predicted, strict=True)
        }
        return json.dumps(tags, ensure_ascii=False, indent=1) + "\n"
    lines = []
    for position, (row, value) in enumerate(zip(rows, predicted, strict=True)):
        identity: Any = position if row.id is None else int(row.id) if row.id.isdigit() else row.id
        if isinstance(row, Tagged):
            shown: dict[str, Any] = {"id": identity, "label": _entity_label(row, value)}
        elif few_shot:
            shown = {"id": identity, "answer": value}
        else:
            shown = {"id": str(identity), "label": str(value)}
        lines.append(json.dumps(shown, ensure_ascii=False))
    return "\n".join(lines) + "\n"


def _entity_label(row: Tagged, spans: Any) -> dict[str, dict[str, list[list[int]]]]:
    label: dict[str, dict[str, list[list[int]]]] = {}
    for type_, start, end in sorted(spans):
        label.setdefault(type_, {}).setdefault(row.text[start : end + 1], []).append([start, end])
    return label
