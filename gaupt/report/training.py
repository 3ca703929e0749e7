"""The training part of a report: the curves of a run, or of several overlaid, its closing figures, its spikes."""

from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Any

from gaupt.language import Wording
from gaupt.quantities import megabytes
from gaupt.report.chart import COLORS, Series, line_chart
from gaupt.report.html import Markup, details, escape, excerpt, facts, heading, note, section, table, text
from gaupt.report.run import OF_SOURCE, Run
from gaupt.report.words import machine, spent

_SHOWN = 10
"""Spikes that are listed."""


def training_section(run: Run, say: Wording, *, curves: bool = True) -> tuple[str, Markup]:
    """Closing figures, curves (where no comparison has them), losses by source, spikes and config of ``run``."""
    parts = [
        facts(_closing(run, say)) if run.summary else note(say("The run is not complete.")),
        *(note(line) for line in run.left_out),
        *(_charts([run], say) if curves else ()),
        _sources(run, say),
        _spikes(run, say),
        details(say("Config"), f"<pre>{escape(run.config)}</pre>"),
    ]
    return section(say("Pretraining: {name}", name=run.name), *filter(None, parts))


def comparison_section(runs: Sequence[Run], say: Wording) -> tuple[str, Markup]:
    """Several runs: their figures side by side, what their configs differ in, and their curves overlaid."""
    names = [run.name for run in runs]
    figures = [_figures(run, say) for run in runs]
    rows = [(name, *(each[name] for each in figures)) for name in figures[0]]
    keys = sorted({key for run in runs for key in run.settings})
    differing = [
        (key, *(_setting(run, key) for run in runs))
        for key in keys
        if len({_setting(run, key) for run in runs if run.settings}) > 1
    ]
    parts = [
        table(rows, ("", *names), say("Figures")),
        table(differing, (say("option"), *names), say("What their configs differ in"))
        if differing
        else note(say("Their configs do not differ.")),
        *_charts(runs, say),
    ]
    return section(say("Comparison of runs"), *parts)


def fill_section(filled: Sequence[dict[str, Any]], say: Wording) -> tuple[str, Markup]:
    """Fill-mask examples as `gaupt.evaluation.fill.fill_masks` returns them."""
    masks = [(item["text"], mask) for item in filled for mask in item["masks"]]
    # A column for each guess: tokens that are commas and full stops stay apart.
    columns = max((len(mask) for _, mask in masks), default=0)
    rows = []
    for words, mask in masks:
        guesses = [Markup(f"{excerpt(guess['token'])} {guess['probability']:.1%}") for guess in mask]
        rows.append((excerpt(words), *guesses, *[""] * (columns - len(guesses))))
    header = (say("text"), *(say("guess {number}", number=number) for number in range(1, columns + 1)))
    caption = say("What the model puts in the place of [MASK], likeliest first")
    return section(say("Fill-mask examples"), table(rows, header, caption))


def _charts(runs: Sequence[Run], say: Wording) -> list[Markup]:
    """The curves of one run, or of several in a color each."""
    step, alone = say("step"), len(runs) == 1
    colors = [number for number, _ in zip(cycle(range(1, COLORS + 1)), runs, strict=False)]

    def both(key: str) -> list[Series]:
        """Of training and of validation; of several runs, validation is the full line."""
        training, validation = say("training"), say("validation")
        if alone:
            return [runs[0].series(key, training), runs[0].series(f"eval_{key}", validation)]
        return [
            line
            for run, color in zip(runs, colors, strict=True)
            for line in (
                run.series(f"eval_{key}", f"{run.name}, {validation}", color=color),
                run.series(key, f"{run.name}, {training}", dashed=True, color=color),
            )
        ]

    def each(key: str, name: str = "", *, dashed: bool = False) -> list[Series]:
        return [
            run.series(
                key, name if alone else ", ".join(filter(None, (run.name, name))), dashed=dashed, color=color
            )
            for run, color in zip(runs, colors, strict=True)
        ]

    rates = each("lr", "lr") + each("matrix_lr", "matrix_lr", dashed=True)
    charts: list[tuple[list[Series], str, str]] = [
        (both("loss") + _entropies(runs, say), say("Masked-LM loss"), say("nats a masked token")),
        (both("accuracy"), say("Masked accuracy"), say("share predicted right")),
        (rates, say("Learning rate"), say("learning rate")),
        (each("grad_norm"), say("Gradient norm"), say("before clipping")),
        (each("tokens_per_second"), say("Throughput"), say("tokens a second")),
        (each("mfu"), say("Model-FLOPs utilization"), say("share of the peak")),
    ]
    return [
        line_chart(lines, say, title=title, x_label=step, y_label=y_label)
        for lines, title, y_label in charts
        if any(line.xs for line in lines) or title == say("Masked-LM loss")
    ]


def _entropies(runs: Sequence[Run], say: Wording) -> list[Series]:
    """What a model that ignores the context can reach, as a line from the first step to the last."""
    known = [run for run in runs if run.summary and run.records]
    entropies = {run.summary["unigram_entropy"] for run in known}
    steps = [record["step"] for run in known for record in run.records]
    return [
        Series(say("unigram entropy"), [min(steps), max(steps)], [entropy, entropy], True, 0)
        for entropy in sorted(entropies)
    ]


def _closing(run: Run, say: Wording) -> dict[str, object]:
    """The closing figures in words, those that there are; those by source have a table of their own."""
    summary = run.summary

    def known(key: str, shown: Callable[[Any], object]) -> object:
        return shown(summary[key]) if summary.get(key) is not None else None

    waits = {name: summary.get(f"time_in_{name}") for name in ("loader", "logs", "checkpoints", "validation")}
    return {
        say("validation loss"): known("eval_loss", "{:.4f}".format),
        say("validation accuracy"): known("eval_accuracy", "{:.2%}".format),
        say("unigram entropy"): known("unigram_entropy", "{:.4f}".format),
        say("steps"): known("steps", text),
        say("tokens"): known("tokens", text),
        say("parameters"): known("parameters", text),
        say("machine"): machine(summary, say) or None,
        say("time"): known("seconds", lambda seconds: spent(seconds, say)),
        say("tokens a second"): known("tokens_per_second", "{:,.0f}".format),
        say("utilization"): known("mfu", "{:.1%}".format),
        say("peak"): known("peak_flops", lambda peak: f"{peak / 1e12:,.3g} TFLOP/s"),
        say("the peak is that of"): known("peak_from", say.term),
        say("peak memory"): known("peak_memory", megabytes),
        say("of the time"): ", ".join(
            f"{say.term(name)} {share:.1%}" for name, share in waits.items() if share is not None
        )
        or None,
        say("skipped updates"): summary.get("skipped") or None,
        say("rollbacks"): summary.get("rollbacks") or None,
    }


def _figures(run: Run, say: Wording) -> dict[str, object]:
    """What is compared of runs, complete or not."""
    losses, summary = run.losses or {}, run.summary
    loss = losses.get("eval_loss")

    def known(value: object) -> str:
        return "–" if value is None else text(value)

    return {
        say("steps"): known(run.last_step),
        say("tokens"): known(summary.get("tokens")),
        say("parameters"): known(summary.get("parameters")),
        say("validation loss"): "–" if loss is None else f"{loss:.4f}",
        say("below the unigram entropy by"): "–" if run.gain is None else f"{run.gain:.4f}",
        say("validation accuracy"): f"{losses['eval_accuracy']:.2%}" if "eval_accuracy" in losses else "–",
        say("tokens a second"): known(_whole(summary.get("tokens_per_second"))),
        say("time"): spent(summary["seconds"], say) if "seconds" in summary else "–",
    }


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _setting(run: Run, key: str) -> str:
    return str(run.settings.get(key, "–"))


def _sources(run: Run, say: Wording) -> Markup | None:
    """Validation losses by source as curves, and of the first and the last validation as a table."""
    told = [record for record in run.records if any(name.startswith(OF_SOURCE) for name in record)]
    if not told:
        return None
    first, last = told[0], told[-1]
    names = sorted((name for name in last if name.startswith(OF_SOURCE)), key=lambda name: -float(last[name]))
    rows = [
        (
            name.removeprefix(OF_SOURCE),
            *(round(record[name], 3) if name in record else "" for record in (first, last)),
        )
        for name in names
    ]
    header = (say("source"), *(say("step {step:,}", step=record["step"]) for record in (first, last)))
    lines = [run.series(name, name.removeprefix(OF_SOURCE)) for name in names[:COLORS]]
    chart = ""
    if len(told) > 1:
        title = say("Validation loss by source, the highest")
        chart = line_chart(lines, say, title=title, x_label=say("step"), y_label=say("nats a masked token"))
    caption = say("Validation loss by source, nats a masked token")
    return Markup(chart + table(rows, header, caption))


def _spikes(run: Run, say: Wording) -> Markup | None:
    """The last spikes, each with the text of the highest loss in its batch; nothing where there were none."""
    if not run.spikes:
        return None
    rows = []
    for spike in run.spikes[-_SHOWN:]:
        worst = spike["documents"][0]
        loss, median, highest = (
            say("not finite") if value is None else f"{value:.3f}"
            for value in (spike["loss"], spike["median"], worst["loss"])
        )
        rows.append(
            (
                spike["step"],
                loss,
                median if spike["median"] else "",
                worst["source"],
                highest,
                excerpt(worst["text"]),
            )
        )
    header = (say("step"), say("loss"), say("median before"), say("source"), say("its loss"), say("text"))
    caption = say(
        "Losses far above those before them: {count:,}, of which the last {shown}",
        count=len(run.spikes),
        shown=len(rows),
    )
    return Markup(heading(say("Spikes")) + table(rows, header, caption))
