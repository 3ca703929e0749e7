"""The evaluation part of a report: scores, differences, learning curves, what was taken for what."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gaupt.errors import GauptError
from gaupt.evaluation.format import ERRORS
from gaupt.evaluation.results import format_cell
from gaupt.language import Wording
from gaupt.report.chart import Series, line_chart
from gaupt.report.html import Markup, excerpt, heading, note, section, table, text

SHOWN_LABELS = 20
"""A table of confusions of more labels nobody reads: then only the commonest pairs are listed."""
SHOWN_ERRORS = 8


def evaluation_section(
    name: str, results: Mapping[str, Any], folder: Path, say: Wording
) -> tuple[str, Markup]:
    """Everything that people look at in the ``results`` of an evaluation, and in the other files of its ``folder``.

    Raises:
        GauptError: the list of mistakes is missing or damaged.
    """
    title, head = say("Evaluation: {name}", name=name), note(results["head"])
    if results["protocol"] == "mlm":
        rows = [
            (row["model"], *(round(value, 4) for value in row["figures"].values()))
            for row in results["scores"]
        ]
        names = map(say.term, results["scores"][0]["figures"])
        return section(title, head, table(rows, (say("model"), *names), say("Hidden characters")))
    mistakes = _read_mistakes(folder / ERRORS)
    parts = [
        _scores(results, say),
        _published(results, say),
        _averages(results, say),
        _differences(results, say),
    ]
    for task in results["tasks"]:
        runs = [run for run in results["runs"] if run["task"] == task["name"]]
        found = [
            _curves(task["name"], runs, say),
            _confusion(runs, say),
            _errors(mistakes, task["name"], results["models"][0]["name"], say),
        ]
        if any(found):
            parts += [heading(task["name"]), *found]
    return section(title, head, *filter(None, parts))


def _read_mistakes(file: Path) -> list[dict[str, Any]]:
    try:
        return [*map(json.loads, file.read_text(encoding="utf-8").splitlines())]
    except (OSError, ValueError):
        raise GauptError(f"{file} is missing or damaged; evaluate again with --overwrite") from None


def _scores(results: Mapping[str, Any], say: Wording) -> Markup:
    cells = {(row["model"], row["task"]): row for row in results["scores"]}
    models = list(dict.fromkeys(model for model, _ in cells))
    rows = [
        (
            task["name"],
            *(format_cell(cells.get((model, task["name"]))) for model in models),
            task["scored_rows"],
        )
        for task in results["tasks"]
    ]
    header = (say("task"), *map(say.name, models), say("rows scored"))
    return table(rows, header, say("Scores, mean ± standard deviation over the runs"))


def _published(results: Mapping[str, Any], say: Wording) -> Markup | None:
    if not results.get("published"):
        return None
    tasks = [task["name"] for task in results["tasks"]]
    rows = [(row["model"], *(row["scores"].get(task, "–") for task in tasks)) for row in results["published"]]
    return table(rows, (say("model"), *tasks), say("Published scores on dev, not measured here"))


def _averages(results: Mapping[str, Any], say: Wording) -> Markup | None:
    if not results["averages"]:
        return None
    rows = [
        (row["average"], row["model"], round(row["score"], 2), len(row["members"]))
        for row in results["averages"]
    ]
    return table(rows, (say("average"), say("model"), say("score"), say("tasks")), say("Averages"))


def _differences(results: Mapping[str, Any], say: Wording) -> Markup | None:
    """Differences to the first model with their intervals, in numbers and drawn around zero."""
    compared = [row for row in results["comparisons"] if "low" in row]
    if not compared:
        return None
    low, high = min(0, *(row["low"] for row in compared)), max(0, *(row["high"] for row in compared))
    rows = [
        (
            say.name(row["model"]),
            say.name(row["task"]),
            f"{row['difference']:+.2f}",
            Markup(f'<span class="whole">{row["low"]:+.2f} … {row["high"]:+.2f}</span>'),
            _reach(row, low, high),
            f"{row.get('p_holm', row['p']):.4f}",
        )
        for row in compared
    ]
    header = (
        say("model"),
        say("task"),
        say("difference"),
        say("95% interval"),
        say("drawn"),
        say("p after Holm"),
    )
    caption = say("Less {model}, by paired bootstrap; the line is zero", model=compared[0]["against"])
    return table(rows, header, caption)


def _reach(row: Mapping[str, Any], low: float, high: float) -> Markup:
    """An interval between ``low`` and ``high``, and where zero is."""
    width = (high - low) or 1
    zero, start, size = (100 * part / width for part in (-low, row["low"] - low, row["high"] - row["low"]))
    bar = f'<i style="left:{start:.1f}%;width:{size:.1f}%"></i>'
    return Markup(f'<span class="reach" style="--zero:{zero:.1f}%" aria-hidden="true">{bar}</span>')


def _curves(task: str, runs: Sequence[Mapping[str, Any]], say: Wording) -> Markup | None:
    """The score on dev by epoch, the mean over seeds."""
    series = []
    for model in dict.fromkeys(run["model"] for run in runs):
        curves = [run["curve"] for run in runs if run["model"] == model and run.get("curve")]
        # Where the last epoch is taken, dev was not asked before it.
        if curves and len(curves[0]) > 1 and curves[0][0]["dev"] is not None:
            epochs = [point["epoch"] for point in curves[0]]
            means = np.mean([[point["dev"] for point in curve] for curve in curves], axis=0)
            series.append(Series(say.name(model), epochs, means.tolist()))
    if not series:
        return None
    title = say("{task} on dev", task=task)
    return line_chart(series, say, title=title, x_label=say("epoch"), y_label=say("score"))


def _confusion(runs: Sequence[Mapping[str, Any]], say: Wording) -> Markup | None:
    run = next((run for run in runs if run.get("confusion")), None)
    if run is None:
        return None
    counts = run["confusion"]
    labels = sorted({*counts, *(label for row in counts.values() for label in row)})
    if len(labels) <= SHOWN_LABELS:
        rows = [
            (excerpt(label), *(_heat(counts.get(label, {}), other) for other in labels)) for label in labels
        ]
        caption = say("{model}, seed {seed}: what was taken for what", model=run["model"], seed=run["seed"])
        return table(rows, (say("right ╲ predicted"), *map(excerpt, labels)), caption)
    pairs = [(count, a, b) for a, row in counts.items() for b, count in row.items() if a != b]
    listed = [(excerpt(a), excerpt(b), count) for count, a, b in sorted(pairs, reverse=True)[:SHOWN_LABELS]]
    caption = say("{model}, seed {seed}: the commonest confusions", model=run["model"], seed=run["seed"])
    return table(listed, (say("right"), say("predicted"), say("rows")), caption, bar_column=2)


def _heat(row: Mapping[str, int], label: str) -> Markup:
    """A count of a confusion, tinted by its share of the rows of the right label."""
    count = row.get(label, 0)
    return Markup(
        f'<span class="heat" style="--share:{count / (sum(row.values()) or 1):.3f}">{text(count)}</span>'
    )


def _errors(mistakes: Sequence[Mapping[str, Any]], task: str, model: str, say: Wording) -> Markup | None:
    found = [error for error in mistakes if (error["task"], error["model"]) == (task, model)]
    if not found:
        return None
    rows = [
        (
            excerpt(error["text"]),
            excerpt(_said(error["gold"])),
            excerpt(_said(error["predicted"])),
            error["confidence"],
        )
        for error in found[:SHOWN_ERRORS]
    ]
    header = (say("text"), say("right"), say("predicted"), say("confidence"))
    return table(rows, header, say("{model}: its most confident mistakes", model=model), named_rows=False)


def _said(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return " / ".join(dict.fromkeys(value))  # the answers to a question, which often are the same
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
