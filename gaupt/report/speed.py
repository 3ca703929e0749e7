"""The speed part of a report, from the JSON that ``gaupt bench --json`` writes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gaupt.errors import GauptError
from gaupt.files import read_json
from gaupt.language import Wording
from gaupt.report.chart import Series, line_chart
from gaupt.report.html import Markup, escape, section, table


def is_bench(path: Path) -> bool:
    """Whether ``path`` is a file that ``gaupt bench --json`` wrote."""
    try:
        return path.is_file() and {"machine", "models", "results"} <= read_json(path).keys()
    except (OSError, ValueError, AttributeError):
        return False


def speed_section(path: Path, say: Wording) -> tuple[str, Markup]:
    """Sizes, and for the forward pass and for training a chart of tokens a second over lengths and its table.

    Raises:
        GauptError: ``path`` is not what ``gaupt bench --json`` writes.
    """
    try:
        return _section(read_json(path), say)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise GauptError(f"{path} is not a file of gaupt bench --json, or is damaged") from None


def _section(bench: Mapping[str, Any], say: Wording) -> tuple[str, Markup]:
    machine = bench["machine"]
    measured = say(
        "{device}, {threads} threads, {precision}; matrix product {peak:,.0f} GFLOP/s; "
        "medians of {rounds} rounds in turns.",
        device=machine["device"], threads=machine["threads"], precision=machine["precision"],
        peak=machine["matrix_peak_flops"] / 1e9, rounds=machine["rounds"],
    )  # fmt: skip
    sizes = [(m["name"], m["classifier_parameters"], m["counted_vocab_size"]) for m in bench["models"]]
    parts = [
        f"<p>{escape(measured)}</p>",
        table(sizes, (say("model"), say("parameters as a classifier"), say("vocabulary")), say("Sizes")),
    ]
    for mode in dict.fromkeys(result["mode"] for result in bench["results"]):
        results = [result for result in bench["results"] if result["mode"] == mode]
        parts += [_chart(mode, results, say), _table(mode, results, say)]
    return section(say("Speed"), *parts)


def _chart(mode: str, results: list[dict[str, Any]], say: Wording) -> Markup:
    series = []
    for name in dict.fromkeys(result["name"] for result in results):
        points = sorted((r["length"], r["tokens_per_second"]) for r in results if r["name"] == name)
        series.append(Series(name, [n for n, _ in points], [rate for _, rate in points]))
    x_label, y_label = say("tokens in a row"), say("tokens a second")
    return line_chart(series, say, title=say.term(mode), x_label=x_label, y_label=y_label, log_x=True)


def _table(mode: str, results: list[dict[str, Any]], say: Wording) -> Markup:
    first = results[0]["name"]
    rows = [
        (
            result["length"],
            say("{model} compiled", model=result["name"]) if result["compiled"] else result["name"],
            round(result["tokens_per_second"]),
            f"{result['first_is']:.2f}",
            f"{result['first_flops']:.2f}",
            f"{result['peak_share']:.0%}",
            round(result["peak_memory"] / 2**20),
        )
        for result in results
    ]
    header = (
        say("length"),
        say("model"),
        say("tokens a second"),
        say("{model}'s speed over its", model=first),
        say("{model}'s FLOPs over its", model=first),
        say("of the matrix product's rate"),
        say("peak MB"),
    )
    return table(rows, header, say.term(mode), named_rows=False)
