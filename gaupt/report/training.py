"""The training part of a report, from a run's metrics, summary and config."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gaupt.checkpoint.run_folder import SUMMARY, Warn, read_metrics, read_speed, read_spikes
from gaupt.files import read_json
from gaupt.report import html
from gaupt.report.svg import Series, line_chart
from gaupt.stage import CONFIG

_OF_SOURCE = "eval_loss/"
_SHOWN = 10
"""Spikes that are listed."""


def training_section(run: Path) -> str:
    """Curves of what was logged, losses by source, spikes, the closing figures and the config of ``run``."""
    left_out = list[str]()
    records = read_metrics(run, left_out.append)
    # A run of an older gaupt has it among its metrics.
    fast = [*records, *read_speed(run, left_out.append)]
    spikes, summary = read_spikes(run, left_out.append), _summary(run, left_out.append)
    steps = [record["step"] for record in records]

    def series(name: str, key: str, among: Sequence[Mapping[str, Any]] = records) -> Series:
        points = [(record["step"], record[key]) for record in among if key in record]
        return Series(name, [x for x, _ in points], [y for _, y in points])

    loss = [series("training", "loss"), series("validation", "eval_loss")]
    if summary and steps:
        entropy = summary["unigram_entropy"]
        loss.append(Series("unigram entropy", [min(steps), max(steps)], [entropy, entropy], dashed=True))
    charts = [
        line_chart(loss, title="Masked-LM loss", x_label="step", y_label="nats a masked token"),
        line_chart(
            [series("training", "accuracy"), series("validation", "eval_accuracy")],
            title="Masked accuracy", x_label="step", y_label="share predicted right",
        ),
        line_chart(
            [series("lr", "lr"), series("matrix_lr", "matrix_lr")],
            title="Learning rate", x_label="step", y_label="learning rate",
        ),
        line_chart([series("", "grad_norm")], title="Gradient norm", x_label="step", y_label="before clipping"),
        line_chart([series("", "tokens_per_second", fast)], title="Speed", x_label="step", y_label="tokens a second"),
        line_chart(
            [series("", "mfu", fast)], title="Model-FLOPs utilization", x_label="step", y_label="share of the peak",
        ),
    ]  # fmt: skip
    closing = {name: value for name, value in summary.items() if not name.startswith(_OF_SOURCE)}
    state = html.facts(closing) if summary else '<p class="note">The run is not complete.</p>'
    try:
        config = (run / CONFIG).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        config = f"{run / CONFIG} cannot be read: {error}"
    details = f"<details><summary>Config</summary><pre>{html.escape(config)}</pre></details>"
    tables = [_sources(records), _spikes(spikes)]
    notes = [f'<p class="note">{html.escape(line)}</p>' for line in left_out]
    return html.section(f"Pretraining: {run.name}", state, *notes, *charts, *tables, details)


def _summary(run: Path, warn: Warn) -> dict[str, Any]:
    """The closing figures of a complete run, if it is one; nothing where they are damaged."""
    try:
        summary = dict(read_json(run / SUMMARY)) if (run / SUMMARY).exists() else {}
        if summary and "unigram_entropy" not in summary:
            raise ValueError("another file of ours")
        return summary
    except (ValueError, TypeError):
        warn(f"{run / SUMMARY} is damaged and left out")
        return {}


def _sources(records: Sequence[Mapping[str, Any]]) -> str:
    """Validation losses by source, of the first and the last validation; nothing where there is one source."""
    told = [record for record in records if any(name.startswith(_OF_SOURCE) for name in record)]
    if not told:
        return ""
    first, last = told[0], told[-1]
    names = [name for name in last if name.startswith(_OF_SOURCE)]
    rows = [
        (
            name.removeprefix(_OF_SOURCE),
            *(round(record[name], 3) if name in record else "" for record in (first, last)),
        )
        for name in sorted(names, key=lambda name: -float(last[name]))
    ]
    header = ("source", f"step {first['step']:,}", f"step {last['step']:,}")
    return html.table(rows, header, "Validation loss by source, nats a masked token")


def _spikes(spikes: Sequence[Mapping[str, Any]]) -> str:
    """The last spikes, each with the text of the highest loss in its batch; nothing where there were none."""
    if not spikes:
        return ""
    rows = []
    for spike in spikes[-_SHOWN:]:
        worst = spike["documents"][0]
        figures = [spike["loss"], spike["median"], worst["loss"]]
        shown = ["not finite" if value is None else f"{value:.3f}" for value in figures]
        rows.append(
            (
                spike["step"],
                shown[0],
                shown[1] if spike["median"] else "",
                worst["source"],
                shown[2],
                worst["text"],
            )
        )
    header = ("step", "loss", "median before", "source", "its loss", "text")
    return html.table(
        rows, header, f"Losses far above those before them: {len(spikes):,}, of which the last {len(rows)}"
    )


def fill_section(filled: Sequence[Mapping[str, Any]]) -> str:
    """Fill-mask examples as `gaupt.evaluation.fill.fill_masks` returns them."""
    masks = [(item["text"], mask) for item in filled for mask in item["masks"]]
    # A column for each guess: tokens that are commas and full stops stay apart.
    columns = max((len(mask) for _, mask in masks), default=0)
    rows = []
    for text, mask in masks:
        guesses = [f"{guess['token']} {guess['probability']:.1%}" for guess in mask]
        rows.append((text, *guesses, *[""] * (columns - len(guesses))))
    header = ("text", *(f"guess {number}" for number in range(1, columns + 1)))
    return html.section("Fill-mask examples", html.table(rows, header))
