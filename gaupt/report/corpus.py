"""The corpus part of a report: what was read, kept, dropped and changed, and examples of each."""

from collections.abc import Mapping
from typing import Any

from gaupt.report import html


def corpus_section(title: str, report: Mapping[str, Any]) -> str:
    """Tables from a cleaning report (``report.json`` of `gaupt clean`)."""
    before, after = report["bytes"]["before"], report["bytes"]["after"]
    parts = [
        html.facts(
            {
                "documents read": report["read"],
                "documents kept": report["kept"],
                "bytes of text before and after": f"{before:,} → {after:,}",
                "Chinese characters before and after": (
                    f"{report['chinese']['before']:,} → {report['chinese']['after']:,}"
                ),
            }
        ),
        html.table(
            [(name, item["read"], item["kept"], item["bytes"]["after"]) for name, item in report["sources"].items()],
            header=("source", "read", "kept", "bytes kept"), caption="By source", bar_column=3,
        ),
        _counts("Dropped documents", "rule", report["dropped"]),
        _counts("Changed documents", "step", report["changed"]),
    ]  # fmt: skip
    if report["unreadable"]:
        rows = [
            (file, ", ".join(f"{reason}: {count:,}" for reason, count in reasons.items()))
            for file, reasons in report["unreadable"].items()
        ]
        parts.append(html.table(rows, header=("file", "why, and how often"), caption="Not read"))
    parts.append(_examples("Examples of dropped documents", report["examples"]["dropped"], opened=" open"))
    parts.append(_examples("Examples of changes", report["examples"]["changed"]))
    return html.section(f"Corpus: {title}", *parts)


def _counts(caption: str, what: str, counts: Mapping[str, int]) -> str:
    if not counts:
        return ""
    return html.table(counts.items(), header=(what, "documents"), caption=caption, bar_column=1)


def _examples(title: str, examples: Mapping[str, Any], opened: str = "") -> str:
    """Each rule's examples folded away, as the report keeps them."""
    if not examples:
        return ""
    blocks = []
    for rule, items in examples.items():
        rows = [
            tuple(html.text(value) for value in (item.values() if isinstance(item, Mapping) else [item]))
            for item in items
        ]
        header = tuple(items[0]) if items and isinstance(items[0], Mapping) else ()
        blocks.append(
            f"<details{opened}><summary>{html.escape(rule)}</summary>{html.table(rows, header)}</details>"
        )
    return f"<h3>{html.escape(title)}</h3>{''.join(blocks)}"
