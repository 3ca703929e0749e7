"""Small pieces of HTML: escaped text, tables, bars, and the page around them."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape as escape_markup

START = "<!doctype html>"
STYLE = """
:root { --ink: #1d2430; --soft: #5b6675; --line: #d9dee5; --paper: #ffffff; --tint: #f4f6f9; --bar: #2563a8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ee; --soft: #9aa5b4; --line: #343b46; --paper: #14181e; --tint: #1c222b; --bar: #6aa3dd; }
}
body { font: 15px/1.6 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif;
  color: var(--ink); background: var(--paper); max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
table { border-collapse: collapse; margin: .75rem 0; } caption { text-align: left; color: var(--soft); }
th, td { padding: .2rem .75rem .2rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.bar { display: inline-block; height: .8em; background: var(--bar); }
figure { margin: 1.25rem 0; } figcaption { font-weight: 600; }
svg { width: 100%; max-width: 46rem; } svg text { font-size: 12px; } svg text:not([fill]) { fill: var(--soft); }
svg .grid { stroke: var(--line); }
pre { background: var(--tint); padding: .75rem; overflow: auto; font-size: 13px; }
.note { color: var(--soft); }
"""


def escape(value: str) -> str:
    """Text of others as it is read, never markup; a surrogate, which no page can hold, as an escape."""
    return escape_markup(value.encode("utf-8", "backslashreplace").decode())


def table(
    rows: Iterable[Sequence[object]],
    header: Sequence[str] = (),
    caption: str = "",
    bar_column: int | None = None,
) -> str:
    """An HTML table; numbers to the right, and a bar after the numbers of ``bar_column``."""
    rows = [tuple(row) for row in rows]
    longest = max((row[bar_column] for row in rows), default=0) if bar_column is not None else 0  # type: ignore[type-var]
    numeric = [all(_is_number(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    parts = ["<table>", f"<caption>{escape(caption)}</caption>" if caption else ""]
    if header:
        cells = "".join(
            f"<th{' class=number' if number else ''}>{escape(name)}</th>"
            for name, number in zip(header, numeric or [False] * len(header), strict=True)
        )
        parts.append(f"<tr>{cells}{'<th></th>' if bar_column is not None else ''}</tr>")
    for row in rows:
        cells = "".join(
            f"<td{' class=number' if number else ''}>{escape(text(value))}</td>"
            for value, number in zip(row, numeric, strict=True)
        )
        if bar_column is not None:
            share = row[bar_column] / longest if longest else 0  # type: ignore[operator]
            cells += f'<td><span class="bar" style="width:{12 * share:.2f}rem"></span></td>'
        parts.append(f"<tr>{cells}</tr>")
    return "\n".join([*parts, "</table>"])


def facts(values: Mapping[str, object]) -> str:
    """A two-column table of names, as words, and values; what has no value is left out."""
    rows = [(name.replace("_", " "), text(value)) for name, value in values.items() if value is not None]
    return table(rows)


def text(value: object) -> str:
    """A value as a reader wants it: thousands separated, floats at four digits."""
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
    return str(value)


def section(title: str, *parts: str) -> str:
    """A titled section."""
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def page(title: str, sections: Iterable[str]) -> str:
    """A complete page with its style inside."""
    return (
        f'{START}<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><h1>{escape(title)}</h1>{''.join(sections)}</body></html>\n"
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
