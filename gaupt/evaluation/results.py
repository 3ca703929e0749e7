"""From the records of all runs to results.json and the table that people read."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gaupt.evaluation.published import PUBLISHED
from gaupt.evaluation.records import parts_of
from gaupt.evaluation.statistics import Sample, holm, mcnemar, resampled_differences, summarize
from gaupt.evaluation.tasks.registry import AVERAGES
from gaupt.visible import visible

Records = Mapping[tuple[str, str], Sequence[dict[str, Any]]]
"""The records of all runs of a model on a task, by (model, task)."""


def summarize_scores(records: Records) -> list[dict[str, Any]]:
    """Mean, standard deviation over runs and best of each cell of the table."""
    rows = []
    for (model, task), runs in records.items():
        scores = np.array([record["score"] for record in runs])
        spread = float(scores.std(ddof=1)) if len(scores) > 1 else None
        rows.append(
            {
                "model": model,
                "task": task,
                "runs": len(scores),
                "mean": float(scores.mean()),
                "sd": spread,
                "best": float(scores.max()),
            }
        )
    return rows


def compare(
    records: Records,
    groups: Mapping[str, tuple[str, ...]],
    ratios: Mapping[str, bool],
    first: str,
    resamples: int,
    seed: int,
    *,
    draw_runs: bool = True,
) -> list[dict[str, Any]]:
    """Every other row of the table less the row of the model ``first``, task by task and over the tasks.

    ``groups`` are the groups of each task's rows; a task whose headline is no ratio of sums (``ratios``), such as a
    macro average, has no interval. ``draw_runs``: see `resampled_differences`.
    """
    rows: list[dict[str, Any]] = []
    for model in dict.fromkeys(model for model, _ in records):
        if model == first:
            continue
        shared = [task for task in groups if (model, task) in records and (first, task) in records]
        found, all_resampled = {}, []
        for place, task in enumerate(shared):
            mine, theirs = records[model, task], records[first, task]
            mean = float(np.mean([r["score"] for r in mine]) - np.mean([r["score"] for r in theirs]))
            entry: dict[str, Any] = {"model": model, "against": first, "task": task, "difference": mean}
            if ratios[task]:
                samples = [Sample(parts_of(each), groups[task]) for each in (mine, theirs)]
                resampled = resampled_differences(
                    samples[0], samples[1], resamples, [seed, place], draw_runs=draw_runs
                )
                all_resampled.append(resampled)
                result = summarize(mean, resampled)
                entry |= {"low": result.low, "high": result.high, "p": result.p}
                if len(mine) == len(theirs) == 1 and np.isin(samples[0].parts, (0, 1)).all():
                    hits = [[bool(part[0]) for part in sample.parts[0]] for sample in samples]
                    entry["mcnemar_p"] = mcnemar(hits[0], hits[1])
            found[task] = entry
        adjusted = holm({task: entry["p"] for task, entry in found.items() if "p" in entry})
        for task, p in adjusted.items():
            found[task]["p_holm"] = p
        rows += found.values()
        if len(all_resampled) > 1:
            mean = float(np.mean([found[task]["difference"] for task in shared if "p" in found[task]]))
            result = summarize(mean, np.mean(all_resampled, axis=0))
            rows.append(
                {
                    "model": model,
                    "against": first,
                    "task": "mean of the tasks",
                    "tasks": [task for task in shared if "p" in found[task]],
                    "difference": mean,
                    "low": result.low,
                    "high": result.high,
                    "p": result.p,
                }
            )
    return rows


def averages(records: Records, few_shot: Mapping[str, bool]) -> list[dict[str, Any]]:
    """The named averages of each model; none over a set with a member missing, nor CLUE's over FewCLUE's files.

    ``few_shot`` has the official tasks alone, and whether the files of each were FewCLUE's.
    """
    found = []
    for name, average in AVERAGES.items():
        for model in dict.fromkeys(model for model, _ in records):
            if all(
                few_shot.get(task) in (False, average.few_shot) and (model, task) in records
                for task in average.members
            ):
                scores = [_entering(records[model, task], average.reading) for task in average.members]
                found.append(
                    {
                        "average": name,
                        "model": model,
                        "score": float(np.mean(scores)),
                        "members": list(average.members),
                        "cmrc2018": {"average": "(EM+F1)/2", "em": "EM"}.get(average.reading, ""),
                    }
                )
    return found


def published_averages() -> list[dict[str, Any]]:
    """The same averages of published rows that have all members; CMRC 2018 there is (EM+F1)/2."""
    found = []
    for name, average in AVERAGES.items():
        for row in PUBLISHED:
            complete = all(task in row.scores for task in average.members)
            if complete and average.reading != "em":
                score = float(np.mean([row.scores[task] for task in average.members]))
                found.append({"average": name, "model": row.model, "source": row.source, "score": score})
    return found


def _entering(runs: Sequence[dict[str, Any]], reading: str) -> float:
    """What a task gives to an average: its headline, and for reading the figure that the average is of."""
    values = [
        record["figures"][reading]
        if reading in record["figures"] and "em" in record["figures"]
        else record["score"]
        for record in runs
    ]
    return float(np.mean(values))


def format_results(results: Mapping[str, Any]) -> str:
    """The table: tasks by models, mean ± sd, then differences to the first model."""
    if results["protocol"] == "mlm":
        return _format_text_scores(results)
    tasks = [task["name"] for task in results["tasks"]]
    cells = {(row["model"], row["task"]): row for row in results["scores"]}
    models = list(dict.fromkeys(model for model, _ in cells))
    table = [("", *models)]
    table += [(task, *(format_cell(cells.get((model, task))) for model in models)) for task in tasks]
    lines = [visible(results["head"]), "", *_aligned(table)]
    if published := results.get("published"):
        lines += ["", "published on dev, not measured here: " + "; ".join(_sources(published)), ""]
        rows = (
            (
                row["model"],
                *(f"{row['scores'][task]:.2f}" if task in row["scores"] else "–" for task in tasks),
            )
            for row in published
        )
        lines += _aligned([("", *tasks), *rows])
    compared = [row for row in results["comparisons"] if "low" in row]
    if compared:
        lines += ["", f"less {visible(compared[0]['against'])}, 95% by paired bootstrap; p after Holm", ""]
        table = [("", "task", "difference", "interval", "p")]
        for row in compared:
            interval = f"[{row['low']:+.2f}, {row['high']:+.2f}]"
            p = f"{row.get('p_holm', row['p']):.4f}"
            table.append((row["model"], row["task"], f"{row['difference']:+.2f}", interval, p))
        lines += _aligned(table)
    for row in results["averages"]:
        note = f", CMRC 2018 as {row['cmrc2018']}" if row["cmrc2018"] else ""
        told = f"average {row['average']} of {row['model']}"
        lines.append(f"{visible(told)}: {row['score']:.2f} ({len(row['members'])} tasks{note})")
    return "\n".join(lines)


def _format_text_scores(results: Mapping[str, Any]) -> str:
    table = [("", "bits/character", "loss/token", "accuracy", "hidden tokens", "[UNK]")]
    for row in results["scores"]:
        figures = row["figures"]
        table.append(
            (
                row["model"],
                f"{figures['bits_per_character']:.4f}",
                f"{figures['loss_per_token']:.4f}",
                f"{figures['accuracy']:.2f}",
                f"{figures['hidden_tokens']:,}",
                f"{figures['unknown_tokens']:,}",
            )
        )
    return "\n".join([visible(results["head"]), "", *_aligned(table)])


def format_cell(row: Mapping[str, Any] | None) -> str:
    """Mean and standard deviation; a dash where nothing was measured."""
    if row is None:
        return "–"
    return f"{row['mean']:.2f} ± {row['sd']:.2f}" if row["runs"] > 1 else f"{row['mean']:.2f}"


def _sources(published: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(row["source"] for row in published))


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    rows = [tuple(map(visible, row)) for row in rows]  # names of tasks and of models may be anything
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            value.ljust(width) if column == 0 else value.rjust(width)
            for column, (value, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
