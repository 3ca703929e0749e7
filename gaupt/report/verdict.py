"""What a report opens with: what came in, what was kept, what was learned, how it scores, what it took."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gaupt.evaluation.anchors import NGRAMS
from gaupt.language import Wording
from gaupt.quantities import megabytes
from gaupt.report.html import Markup, escape, tiles
from gaupt.report.run import Run
from gaupt.report.words import machine, spent

_MOST_SCORES = 8
"""Tasks with a tile each; of more their mean has one."""
Tile = tuple[str, str, str]
"""A name, a figure, a few words on it."""


def verdict(
    corpora: Sequence[Mapping[str, Any]],
    runs: Sequence[Run],
    evaluations: Sequence[Mapping[str, Any]],
    say: Wording,
) -> Markup:
    """Sentences, and the figures behind them."""
    sentences = [
        *(_of_corpus(report, say) for report in corpora),
        *([_of_best(runs, say)] if len(runs) > 1 else [_of_run(run, say) for run in runs]),
        *(sentence for results in evaluations for sentence in _of_evaluation(results, say)),
    ]
    figures = [
        *(tile for report in corpora for tile in _corpus_tiles(report, say)),
        *(_run_tiles(runs[0], say) if len(runs) == 1 else _compared_tiles(runs, say)),
        *(tile for results in evaluations for tile in _score_tiles(results, say)),
        *_time_tiles(corpora, runs, say),
    ]
    lines = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return Markup((f'<ul class="lead">{lines}</ul>' if lines else "") + (tiles(figures) if figures else ""))


def _of_corpus(report: Mapping[str, Any], say: Wording) -> str:
    if not report["dropped"]:
        return say("All of the {read:,} documents were kept.", read=report["read"])
    return say(
        "{kept:,} of {read:,} documents were kept ({share:.1%}); most went as {rule}.",
        kept=report["kept"], read=report["read"], share=report["kept"] / report["read"],
        rule=say.term(next(iter(report["dropped"]))),
    )  # fmt: skip


def _of_run(run: Run, say: Wording) -> str:
    if run.gain is None:
        steps = run.settings.get("train.steps")
        if steps is None:
            return say("The run is not complete.")
        return say("The run is not complete: step {step:,} of {steps:,}.", step=run.last_step, steps=steps)
    if run.gain > 0:
        return say(
            "The model learned from context: its validation loss is {gain:.2f} nats below the unigram entropy.",
            gain=run.gain,
        )
    return say(
        "The model learned nothing from context yet: "
        "its validation loss is {gain:.2f} nats above the unigram entropy.",
        gain=abs(run.gain),
    )


def _of_best(runs: Sequence[Run], say: Wording) -> str:
    """Which of several runs has the lowest validation loss."""
    measured = sorted(_measured(runs), key=_loss)
    if len(measured) < 2:
        return say("Of {count} runs, less than two have a validation loss to compare.", count=len(runs))
    best, second = map(_loss, measured[:2])
    return say(
        "Of {count} runs, {best} has the lowest validation loss, {gain:.4f} nats below {second}.",
        count=len(runs), best=measured[0].name, gain=second - best, second=measured[1].name,
    )  # fmt: skip


def _measured(runs: Sequence[Run]) -> list[Run]:
    return [run for run in runs if run.losses is not None]


def _loss(run: Run) -> float:
    return float(run.losses["eval_loss"]) if run.losses else math.inf


def _of_evaluation(results: Mapping[str, Any], say: Wording) -> Iterator[str]:
    """Of the first model: where it is better than random weights, or else than n-grams of characters."""
    if results["protocol"] == "mlm":
        return
    model = results["models"][0]["name"]
    rows = {row["model"] for row in results["comparisons"]}
    row, anchor = f"{model} (random)", say("random weights")
    if row not in rows:
        row, anchor = NGRAMS, NGRAMS
    leads = _leads(results, row)
    if len(leads) == 1:
        [(task, (gain, low, high))] = leads.items()
        figures = {"model": model, "task": task, "anchor": anchor, "gain": gain, "low": low, "high": high}
        if low > 0:
            judged = say("{model} is better than {anchor} on {task}:", **figures)
        elif high < 0:
            judged = say("{model} is worse than {anchor} on {task}:", **figures)
        else:
            judged = say("{model} is not to be told from {anchor} on {task}:", **figures)
        yield say.sentences(judged, say("{gain:+.1f} points, 95% from {low:+.1f} to {high:+.1f}.", **figures))
    elif leads:
        better = sum(low > 0 for _, low, _ in leads.values())
        yield say(
            "{model} is better than {anchor} on {better} of {count} tasks.",
            model=model, anchor=anchor, better=better, count=len(leads),
        )  # fmt: skip


def _leads(results: Mapping[str, Any], row: str) -> dict[str, tuple[float, float, float]]:
    """By task, how much better the first model is than the ``row`` of another, and the 95% interval of that."""
    tasks = {task["name"] for task in results["tasks"]}
    # The table has the other less the first.
    return {
        each["task"]: (-each["difference"], -each["high"], -each["low"])
        for each in results["comparisons"]
        if each["model"] == row and each["task"] in tasks and "low" in each
    }


def _corpus_tiles(report: Mapping[str, Any], say: Wording) -> Iterator[Tile]:
    size, sources = report["bytes"], len(report["sources"])
    came = say("documents, {size}, from {count} sources", size=megabytes(size["before"]), count=sources)
    yield say("came in"), f"{report['read']:,}", came
    stayed = say("documents, {size}, {chinese:,} Chinese characters",
                 size=megabytes(size["after"]), chinese=report["chinese"]["after"])  # fmt: skip
    yield say("kept"), f"{report['kept']:,}", stayed


def _run_tiles(run: Run, say: Wording) -> Iterator[Tile]:
    losses = run.losses
    if losses is None:
        return
    at = say("nats a masked token, at step {step:,}", step=losses["step"])
    yield say("validation loss"), f"{losses['eval_loss']:.3f}", at
    if run.summary:
        words = say("nats, what a model that ignores the context can reach")
        yield say("unigram entropy"), f"{run.summary['unigram_entropy']:.3f}", words


def _compared_tiles(runs: Sequence[Run], say: Wording) -> Iterator[Tile]:
    """One for each of several runs, the best first."""
    for run in sorted(_measured(runs), key=_loss):
        parts = [say("validation loss")]
        if run.gain is not None:
            parts.append(say("{gain:+.2f} nats below the unigram entropy", gain=run.gain))
        if "seconds" in run.summary:
            parts.append(spent(run.summary["seconds"], say))
        yield run.name, f"{_loss(run):.3f}", ", ".join([*parts, machine(run.summary, say)]).removesuffix(", ")


def _score_tiles(results: Mapping[str, Any], say: Wording) -> Iterator[Tile]:
    """The first model's score on each task, or its average of CLUE's."""
    model = results["models"][0]["name"]
    if results["protocol"] == "mlm":
        figures = next(row["figures"] for row in results["scores"] if row["model"] == model)
        yield (
            say("held-out text"),
            f"{figures['bits_per_character']:.3f}",
            say("bits a hidden character, {model}", model=model),
        )
        return
    averages = [row for row in results["averages"] if row["model"] == model]
    if averages:
        for row in averages:
            words = say("average of {count} tasks, {model}", count=len(row["members"]), model=model)
            yield row["average"], f"{row['score']:.2f}", words
        return
    metric = {task["name"]: task["metric"] for task in results["tasks"]}
    rows = [row for row in results["scores"] if row["model"] == model]
    if len(rows) > _MOST_SCORES:
        mean = sum(row["mean"] for row in rows) / len(rows)
        yield (
            say("mean of the tasks"),
            f"{mean:.2f}",
            say("of {count} tasks, {model}", count=len(rows), model=model),
        )
    else:
        for row in rows:
            yield row["task"], f"{row['mean']:.2f}", _told(row, say.term(metric[row["task"]]), say)


def _told(score: Mapping[str, Any], metric: str, say: Wording) -> str:
    """What a score is of, and its spread where there are several runs."""
    if score["sd"] is None:
        return say("{metric}, {model}", metric=metric, model=score["model"])
    return say(
        "± {sd:.2f} over {runs} runs, {metric}, {model}",
        sd=score["sd"], runs=score["runs"], metric=metric, model=score["model"],
    )  # fmt: skip


def _time_tiles(corpora: Sequence[Mapping[str, Any]], runs: Sequence[Run], say: Wording) -> Iterator[Tile]:
    for report in corpora:
        yield say("cleaning took"), spent(report["seconds"]["total"], say), say("from files to documents")
    for run in runs:
        if "seconds" in run.summary and len(runs) == 1:
            yield say("training took"), spent(run.summary["seconds"], say), machine(run.summary, say)
