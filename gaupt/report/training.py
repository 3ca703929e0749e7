"""The training part of a report, from a run's metrics, summary and config."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from gaupt.checkpoint.run_folder import SUMMARY, read_metrics
from gaupt.files import read_json
from gaupt.report import html
from gaupt.report.svg import Series, line_chart
from gaupt.stage import CONFIG


def training_section(run: Path) -> str:
    """Curves of loss, accuracy, learning rate and speed, the closing figures and the config of ``run``."""
    records = read_metrics(run)
    summary_path = run / SUMMARY
    summary = read_json(summary_path) if summary_path.exists() else {}
    steps = [record["step"] for record in records]

    def series(name: str, key: str) -> Series:
        points = [(record["step"], record[key]) for record in records if key in record]
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
        line_chart([series("", "lr")], title="Learning rate", x_label="step", y_label="learning rate"),
        line_chart([series("", "tokens_per_second")], title="Speed", x_label="step", y_label="tokens a second"),
    ]  # fmt: skip
    state = html.facts(summary) if summary else '<p class="note">The run is not complete.</p>'
    config = (run / CONFIG).read_text(encoding="utf-8")
    details = f"<details><summary>Config</summary><pre>{escape(config)}</pre></details>"
    return html.section(f"Pretraining: {run.name}", state, *charts, details)


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
