"""The speed part of a report, from the JSON that ``gaupt bench --json`` writes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gaupt.errors import GauptError
from gaupt.files import read_json
from gaupt.report import html
from gaupt.report.svg import Series, line_chart


def is_bench(path: Path) -> bool:
    """Whether ``path`` is a file that ``gaupt bench --json`` wrote."""
    try:
        return path.is_file() and {"machine", "models", "results"} <= read_json(path).keys()
    except (OSError, ValueError, AttributeError):
        return False


def speed_section(path: Path) -> str:
    """Sizes, and for the forward pass and for training a chart of tokens a second over lengths and its table.

    Raises:
        GauptError: ``path`` is not what ``gaupt bench --json`` writes.
    """
    try:
        return _section(read_json(path))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise GauptError(f"{path} is not a file of gaupt bench --json, or is damaged") from None


def _section(bench: Mapping[str, Any]) -> str:
    machine = bench["machine"]
    measured = (
        f"{machine['device']}, {machine['threads']} threads, {machine['precision']}; matrix product "
        f"{machine['matrix_peak_flops'] / 1e9:,.0f} GFLOP/s; medians of {machine['rounds']} rounds in turns."
    )
    sizes = [(m["name"], m["classifier_parameters"], m["counted_vocab_size"]) for m in bench["models"]]
    parts = [
        f"<p>{html.escape(measured)}</p>",
        html.table(sizes, header=("model", "parameters as a classifier", "vocabulary")),
    ]
    for mode in dict.fromkeys(result["mode"] for result in bench["results"]):
        results = [result for result in bench["results"] if result["mode"] == mode]
        parts += [_chart(mode, results), _table(results)]
    return html.section("Speed", *parts)


def _chart(mode: str, results: list[dict[str, Any]]) -> str:
    series = []
    for name in dict.fromkeys(result["name"] for result in results):
        points = sorted((r["length"], r["tokens_per_second"]) for r in results if r["name"] == name)
        series.append(Series(name, [n for n, _ in points], [rate for _, rate in points]))
    return line_chart(series, title=mode, x_label="tokens in a row", y_label="tokens a second", log_x=True)


def _table(results: list[dict[str, Any]]) -> str:
    first = results[0]["name"]
    rows = [
        (
            result["length"],
            result["name"] + (" compiled" if result["compiled"] else ""),
            round(result["tokens_per_second"]),
            f"{result['first_is']:.2f}",
            f"{result['first_flops']:.2f}",
            f"{result['peak_share']:.0%}",
            round(result["peak_memory"] / 2**20),
        )
        for result in results
    ]
    header = (
        "length",
        "model",
        "tokens/s",
        f"{first}'s speed over its",
        f"{first}'s FLOPs over its",
        "of the matrix product's rate",
        "peak MB",
    )
    return html.table(rows, header=header)
