"""The evaluation part of a report: scores, differences, learning curves, what was taken for what."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gaupt.evaluation.format import ERRORS, read_results
from gaupt.evaluation.results import format_cell
from gaupt.report import html
from gaupt.report.svg import Series, line_chart

SHOWN_LABELS = 20
"""A table of confusions of more labels nobody reads: then only the commonest pairs are listed."""
SHOWN_ERRORS = 8


def evaluation_section(folder: Path) -> str:
    """Everything that people look at in an evaluation's folder."""
    results = read_results(folder)
    title = f"Evaluation: {folder.resolve().name}"
    head = f'<p class="note">{html.escape(results["head"])}</p>'
    if results["protocol"] == "mlm":
        rows = [
            (row["model"], *(round(value, 4) for value in row["figures"].values()))
            for row in results["scores"]
        ]
        names = results["scores"][0]["figures"]
        return html.section(
            title, head, html.table(rows, ("model", *(name.replace("_", " ") for name in names)))
        )
    mistakes = [*map(json.loads, (folder / ERRORS).read_text(encoding="utf-8").splitlines())]
    parts = [_scores(results), _differences(results)]
    for task in results["tasks"]:
        runs = [run for run in results["runs"] if run["task"] == task["name"]]
        curves, confusion = _curves(task["name"], runs), _confusion(runs)
        errors = _errors(mistakes, task["name"], results["models"][0]["name"])
        if found := [part for part in (curves, confusion, errors) if part]:
            parts.append(f"<h3>{html.escape(task['name'])}</h3>" + "".join(found))
    return html.section(title, head, *parts)


def _scores(results: Mapping[str, Any]) -> str:
    tasks = [task["name"] for task in results["tasks"]]
    cells = {(row["model"], row["task"]): row for row in results["scores"]}
    models = list(dict.fromkeys(model for model, _ in cells))
    rows = [(task, *(format_cell(cells.get((model, task))) for model in models)) for task in tasks]
    tables = html.table(rows, ("", *models))
    if published := results.get("published"):
        theirs = [(row["model"], *(row["scores"].get(task, "–") for task in tasks)) for row in published]
        tables += html.table(theirs, ("", *tasks), "published on dev, not measured here")
    return tables


def _differences(results: Mapping[str, Any]) -> str:
    rows = [
        (
            row["model"],
            row["task"],
            f"{row['difference']:+.2f}",
            f"{row['low']:+.2f} … {row['high']:+.2f}",
            f"{row.get('p_holm', row['p']):.4f}",
        )
        for row in results["comparisons"]
        if "low" in row
    ]
    if not rows:
        return ""
    header = ("model", "task", "difference", "95% interval", "p after Holm")
    first = results["comparisons"][0]["against"]
    return html.table(rows, header, f"less {first}, by paired bootstrap")


def _curves(task: str, runs: Sequence[Mapping[str, Any]]) -> str:
    """The score on dev by epoch, the mean over seeds."""
    series = []
    for model in dict.fromkeys(run["model"] for run in runs):
        curves = [run["curve"] for run in runs if run["model"] == model and run.get("curve")]
        # Where the last epoch is taken, dev was not asked before it.
        if curves and len(curves[0]) > 1 and curves[0][0]["dev"] is not None:
            epochs = [point["epoch"] for point in curves[0]]
            means = np.mean([[point["dev"] for point in curve] for curve in curves], axis=0)
            series.append(Series(model, epochs, means.tolist()))
    if not series:
        return ""
    return line_chart(series, title=f"{task} on dev", x_label="epoch", y_label="score")


def _confusion(runs: Sequence[Mapping[str, Any]]) -> str:
    run = next((run for run in runs if run.get("confusion")), None)
    if run is None:
        return ""
    table = run["confusion"]
    labels = sorted({*table, *(label for row in table.values() for label in row)})
    caption = f"{run['model']}, seed {run['seed']}: "
    if len(labels) <= SHOWN_LABELS:
        rows = [(label, *(table.get(label, {}).get(other, 0) for other in labels)) for label in labels]
        return html.table(rows, ("right ╲ predicted", *labels), caption + "what was taken for what")
    pairs = [(count, a, b) for a, row in table.items() for b, count in row.items() if a != b]
    listed = [(a, b, count) for count, a, b in sorted(pairs, reverse=True)[:SHOWN_LABELS]]
    return html.table(
        listed, ("right", "predicted", "rows"), caption + "the commonest confusions", bar_column=2
    )


def _errors(mistakes: Sequence[Mapping[str, Any]], task: str, model: str) -> str:
    found = [error for error in mistakes if (error["task"], error["model"]) == (task, model)]
    if not found:
        return ""
    rows = [
        (error["text"], _said(error["gold"]), _said(error["predicted"]), error["confidence"])
        for error in found[:SHOWN_ERRORS]
    ]
    return html.table(
        rows, ("text", "right", "predicted", "confidence"), f"{model}: its most confident mistakes"
    )


def _said(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return " / ".join(dict.fromkeys(value))  # the answers to a question, which often are the same
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
