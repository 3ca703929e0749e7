"""The report of a cleaning run: one JSON value, and a table for people."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gaupt.corpus.counts import Counts, SourceCounts
from gaupt.corpus.read.file import InputFile
from gaupt.visible import visible

if TYPE_CHECKING:
    from rich.console import Console


def make_report(
    counts: Counts, files: Sequence[InputFile], skipped: Mapping[str, int], seconds: float
) -> dict[str, Any]:
    """The content of report.json. Always ``read`` = ``kept`` + the sum of ``dropped``, in each source too."""
    return {
        **_source_report(counts.total()),
        "unreadable": {file: dict(reasons) for file, reasons in sorted(counts.unreadable.items())},
        "files": {"read": len(files), "bytes": sum(file.size for file in files), "skipped": dict(skipped)},
        "sources": {name: _source_report(item) for name, item in sorted(counts.sources.items())},
        "examples": {"changed": counts.changes, "dropped": counts.drops},
        "seconds": {
            "total": round(seconds, 3),
            **{step: round(value, 3) for step, value in counts.seconds.items()},
        },
    }


def _source_report(counts: SourceCounts) -> dict[str, Any]:
    return {
        "read": counts.read,
        "kept": counts.kept,
        "dropped": dict(counts.dropped.most_common()),
        "changed": dict(counts.changed.most_common()),
        "bytes": {"before": counts.bytes_before, "after": counts.bytes_after},
        "chinese": {"before": counts.chinese_before, "after": counts.chinese_after},
        "lengths": {
            start: counts.lengths[start] for start in sorted(counts.lengths, key=int) if counts.lengths[start]
        },
    }


def format_report(report: Mapping[str, Any]) -> str:
    """The report as tables, as wide as stdout."""
    from rich.table import Table

    console = _console()
    table = Table(title="Documents by source")
    for heading in ("source", "read", "kept", "share", "MB in", "MB out", "most dropped as"):
        left = heading in ("source", "most dropped as")
        table.add_column(heading, justify="left" if left else "right", no_wrap=True)
    sources = report["sources"]
    shown = sorted(sources, key=lambda name: -sources[name]["bytes"]["before"])[:30]
    for name in shown:
        table.add_row(visible(name), *_row(sources[name]))
    if len(sources) > len(shown):
        table.add_row(f"({len(sources) - len(shown)} more)")
    table.add_section()
    table.add_row("all", *_row(report))
    with console.capture() as captured:
        console.print(table)
        for what in ("dropped", "changed"):
            if report[what]:
                counts = ", ".join(f"{name} {count:,}" for name, count in report[what].items())
                console.print(f"{what} documents: {visible(counts)}")
        if report["unreadable"]:
            table = Table("file", "why, and how often", title="Not read")
            for file, reasons in list(report["unreadable"].items())[:20]:
                said = ", ".join(f"{reason} {count:,}" for reason, count in reasons.items())
                table.add_row(visible(file), visible(said))
            if len(report["unreadable"]) > 20:
                table.add_row(f"({len(report['unreadable']) - 20} more)")
            console.print(table)
    return captured.get()


def format_estimate(sources: Mapping[str, Mapping[str, Any]]) -> str:
    """The drops expected of each source, from a sample, as a table as wide as stdout."""
    from rich.table import Table

    console = _console()
    table = Table("source", "sampled", "dropped by rule", title="Estimate from a sample (without duplicates)")
    for name, source in list(sources.items())[:40]:
        dropped = ", ".join(f"{reason} {share:.1%}" for reason, share in source["dropped"].items())
        table.add_row(visible(name), f"{source['read']:,}", visible(dropped))
    with console.capture() as captured:
        console.print(table)
    return captured.get()


def _console() -> "Console":
    """What lays tables out: names are no markup of its own, and no escape sequences come out."""
    from rich.console import Console

    console = Console(color_system=None, markup=False, emoji=False, highlight=False)
    if not console.is_terminal:
        console.width = max(110, console.width)
    return console


def format_explanation(item: Mapping[str, Any]) -> str:
    """One document that `explain` gave, as a block of lines."""
    if "unreadable" in item:
        return visible(f"{item['file']}: unreadable: {item['unreadable']}") + "\n"
    head = f"{item['id']} (source {item['source']}, profile {item['profile']}): {item['verdict']}"
    lines = [visible(head)]
    lines += [
        f"  {change['step']}: {change['before']!r} -> {change['after']!r}" for change in item["changes"]
    ]
    for rule in item["rules"]:
        mark = "ok  " if rule["keeps"] else "DROP"
        lines.append(f"  {mark} {rule['rule']:24} {rule['value']:<10g} {rule['threshold']}")
    if "language" in item:
        lines.append(f"  language: {item['language']}")
    return "\n".join([*lines, ""])


def _row(counts: Mapping[str, Any]) -> list[str]:
    return [
        f"{counts['read']:,}",
        f"{counts['kept']:,}",
        f"{counts['kept'] / max(1, counts['read']):.1%}",
        f"{counts['bytes']['before'] / 1e6:,.2f}",
        f"{counts['bytes']['after'] / 1e6:,.2f}",
        visible(next((f"{reason} {count:,}" for reason, count in counts["dropped"].items()), "")),
    ]
