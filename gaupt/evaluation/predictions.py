"""Prediction files in the layouts that CLUE takes, read and written."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gaupt.errors import GauptError
from gaupt.evaluation.metrics.entities import NOTHING, Entities
from gaupt.evaluation.tasks.read import read_entities, read_json_file, read_label, whole_number
from gaupt.evaluation.tasks.rows import Choice, Labelled, Row, Tagged, answered
from gaupt.evaluation.tasks.task import Task

Predicted = str | int | Entities | None
"""A label or an answer's text, the place of a choice, entities; None: no prediction."""
SHOWN = 80
"""Characters of a wrong value that a message shows."""


def read_predictions(task: Task, path: Path) -> list[tuple[str, Any]]:
    """Ids and raw values of a prediction file, in its order.

    Raises:
        GauptError: it is empty, or in no layout of the task's predictions.
    """
    value = read_json_file(path)
    if isinstance(value, dict) and not ({"label", "answer"} & value.keys()):
        return list(value.items())  # one object: CMRC, DRCD, ChID
    records = [value] if isinstance(value, dict) else value
    if records == []:
        raise GauptError(f"{path} is empty; a prediction for each row is expected")
    layout = (
        '{"id of a question": "answer", …}'
        if task.kind == "reading"
        else '{"id": …, "label": …} for each row'
    )
    found = []
    for number, record in enumerate(records if isinstance(records, list) else [None], 1):
        if not isinstance(record, dict) or "id" not in record or not {"label", "answer"} & record.keys():
            raise GauptError(
                f"{path}, row {number}: expected {layout}, the layout of a submission for {task.name}"
            )
        found.append((str(record["id"]), record.get("label", record.get("answer"))))
    return found


def align(task: Task, rows: Sequence[Row], given: Sequence[tuple[str, Any]], where: str) -> list[Predicted]:
    """The prediction for each row: by the rows' own ids where they have them, else by position from 0.

    Ids that repeat in the gold file are matched in order. Rows without an answer need no prediction, and reading
    tasks may leave questions out, as their official script allows.

    Raises:
        GauptError: a row has no prediction or two that differ, or a value is none for this task; the message names
            the first.
    """
    if task.kind == "reading":
        answers = dict(given)
        return [str(answers[row.id]) if row.id in answers else None for row in rows]
    positions = [str(position) for position in range(len(rows))]
    own = [row.id for row in rows if row.id is not None]
    by_name: dict[str, list[Any]] = {}
    for name, value in given:
        by_name.setdefault(name, []).append(value)
    names = own if len(own) == len(rows) and not by_name.keys().isdisjoint(own) else positions
    lacking = _lacking(rows, names, by_name)
    if lacking and not _lacking(rows, positions, by_name):
        names, lacking = positions, []
    if lacking:
        raise GauptError(
            f"{where} lacks predictions: {len(lacking)} of {len(rows)} rows have none, the first is id {lacking[0]}"
        )
    for name, times in Counter(names).items():
        values = by_name.get(name, [])
        if len(values) > times and any(value != values[0] for value in values):
            raise GauptError(f"{where} has {len(values)} predictions for id {name} that differ; leave one")
    predicted: list[Predicted] = []
    for row, name in zip(rows, names, strict=True):
        value = by_name[name].pop(0) if by_name.get(name) else None
        predicted.append(_convert(task, row, value, f"{where}, id {name}") if answered(row) else None)
    return predicted


def _lacking(rows: Sequence[Row], names: Sequence[str], by_name: Mapping[str, Sequence[Any]]) -> list[str]:
    """The names of the rows with an answer that have no prediction."""
    seen: Counter[str] = Counter()
    lacking = []
    for row, name in zip(rows, names, strict=True):
        seen[name] += 1
        if answered(row) and seen[name] > len(by_name.get(name, ())):
            lacking.append(name)
    return lacking


def _convert(task: Task, row: Row, value: Any, where: str) -> Predicted:
    try:
        if isinstance(row, Tagged):
            return read_entities(value)
        if isinstance(row, Choice):
            return whole_number(value)
        label = read_label(value)
    except (TypeError, ValueError, AttributeError, OverflowError):
        shown = str(value) if len(str(value)) <= SHOWN else f"{str(value)[:SHOWN]}…"
        raise GauptError(f"{where}: {shown!r} is no prediction of {task.name}") from None
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


def _entity_label(row: Tagged, value: Predicted) -> dict[str, dict[str, list[list[int]]]]:
    label: dict[str, dict[str, list[list[int]]]] = {}
    entities = value if isinstance(value, Entities) else NOTHING
    for type_, start, end in sorted(entities.spans):
        label.setdefault(type_, {}).setdefault(row.text[start : end + 1], []).append([start, end])
    return label
