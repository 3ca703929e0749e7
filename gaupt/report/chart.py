"""Line charts: a drawing as wide as the page, its numbers as a table, and a script that reads them out.

The lines are SVG, stretched; what is written around them is HTML, which keeps its size on a telephone. Under the
drawing stands the table that it was drawn from. Out of that, `page.js` says the values at the pointer, or at a slider
that keys move; without scripts the drawing and the table are there all the same.
"""

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass

from gaupt.language import Wording
from gaupt.report.html import Markup, cell, details, escape, note, table

COLORS = 8
"""Colors in page.css; later lines take them again."""
MOST_POINTS = 400
"""Points of a line that are drawn: more than that no screen shows apart."""
_DOTS = 12
"""Up to so many points of a line, each is a dot too."""


@dataclass(frozen=True)
class Series:
    """One line of a chart: points in ascending x."""

    name: str
    xs: Sequence[float]
    ys: Sequence[float]
    dashed: bool = False
    color: int | None = None
    """Of `COLORS`, where it is not the next one; 0 is that of what others are measured against."""


@dataclass(frozen=True)
class _Scale:
    """Where numbers lie between the first and the last mark, in percent."""

    marks: Sequence[float]
    low: float
    high: float
    logarithmic: bool = False

    def place(self, value: float) -> float:
        scale = math.log if self.logarithmic else float
        low, high = scale(self.low), scale(self.high)
        return 100 * (scale(value) - low) / ((high - low) or 1)


def line_chart(
    series: Sequence[Series], say: Wording, *, title: str, x_label: str, y_label: str, log_x: bool = False
) -> Markup:
    """A figure of ``series``; points that are not finite are left out, of very many those that stand out stay.

    With ``log_x``, equal factors of x (all positive) are equally far apart, and the marks are at the points.

    Returns a sentence instead of a chart where there is no point to draw.
    """
    lines = [line for line in map(_finite, series) if line.xs]
    if not lines:
        return note(say("{chart}: nothing logged.", chart=title))
    lines = [_thinned(line) for line in lines]
    across, up = _across(lines, log_x), _up(lines)
    colors = [number % COLORS + 1 if line.color is None else line.color for number, line in enumerate(lines)]
    drawn = [
        *_grid(across, up),
        *(_drawn(line, color, across, up) for line, color in zip(lines, colors, strict=True)),
    ]
    legend = "".join(
        f'<li class="c{color}{" dashed" if line.dashed else ""}">{escape(line.name)}</li>'
        for line, color in zip(lines, colors, strict=True)
        if line.name
    )
    names = [line.name or y_label for line in lines]
    told = "; ".join(_told(name, line, say, x_label) for name, line in zip(names, lines, strict=True))
    return Markup(
        f'<figure class="chart"><figcaption>{escape(title)} <span class="note">{escape(y_label)}</span></figcaption>'
        + (f'<ul class="legend">{legend}</ul>' if legend else "")
        + f'<div class="plot" role="img" aria-label="{escape(f"{title}: {told}")}">'
        f"{''.join(drawn)}</div>"
        f'<p class="across" aria-hidden="true">{escape(x_label)}</p>'
        f"{details(say('values'), _values(lines, names, across, title, x_label))}</figure>"
    )


def nice_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """About ``count`` round numbers (1, 2 or 5 times a power of ten apart) that span ``low`` to ``high``."""
    if low == high:
        low, high = low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [index * step for index in range(first, last + 1)]


def short_number(value: float) -> str:
    """``12000`` as 12k, ``2e-4`` as 2e-4, ``0.25`` as 0.25."""
    size = abs(value)
    for limit, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if size >= limit:
            return f"{value / limit:.3g}{suffix}"
    if size and size < 1e-3:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa.removesuffix('.0')}e{int(exponent)}"
    return f"{value:.3g}"


def exact_number(value: float) -> str:
    """A number of a file, to six digits: what the table says and the script reads out."""
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:.6g}"


def _finite(series: Series) -> Series:
    kept = [(x, y) for x, y in zip(series.xs, series.ys, strict=True) if math.isfinite(y)]
    return Series(series.name, [x for x, _ in kept], [y for _, y in kept], series.dashed, series.color)


def _thinned(line: Series) -> Series:
    """At most `MOST_POINTS` of the points: of each stretch the lowest and the highest, and both ends."""
    count = len(line.xs)
    if count <= MOST_POINTS:
        return line
    stretches = MOST_POINTS // 2 - 1
    kept = {0, count - 1}
    for number in range(stretches):
        stretch = range(number * count // stretches, (number + 1) * count // stretches)
        kept |= {min(stretch, key=line.ys.__getitem__), max(stretch, key=line.ys.__getitem__)}
    places = sorted(kept)
    return Series(
        line.name, [line.xs[i] for i in places], [line.ys[i] for i in places], line.dashed, line.color
    )


def _across(lines: Sequence[Series], log_x: bool) -> _Scale:
    xs = sorted({x for line in lines for x in line.xs})
    marks = xs if log_x else nice_ticks(xs[0], xs[-1])
    if all(x == round(x) for x in xs):  # half a step or epoch is nothing to mark
        marks = [mark for mark in marks if math.isclose(mark, round(mark))]
    return _Scale(marks, min(xs[0], marks[0]), max(xs[-1], marks[-1]), log_x)


def _up(lines: Sequence[Series]) -> _Scale:
    ys = [y for line in lines for y in line.ys]
    marks = nice_ticks(min(ys), max(ys))
    return _Scale(marks, min(min(ys), marks[0]), max(max(ys), marks[-1]))


def _grid(across: _Scale, up: _Scale) -> list[str]:
    """Lines at the marks of y, and what is written at both."""
    rules = "".join(
        f'<line x1="0" x2="100" y1="{100 - up.place(y):.2f}" y2="{100 - up.place(y):.2f}"/>' for y in up.marks
    )
    parts = [
        f'<svg class="grid" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">{rules}</svg>'
    ]
    parts += [f'<span class="y" style="bottom:{up.place(y):.2f}%">{short_number(y)}</span>' for y in up.marks]
    parts += [
        f'<span class="x" style="left:{across.place(x):.2f}%">{short_number(x)}</span>' for x in across.marks
    ]
    return parts


def _drawn(line: Series, color: int, across: _Scale, up: _Scale) -> str:
    places = [(across.place(x), up.place(y)) for x, y in zip(line.xs, line.ys, strict=True)]
    points = " ".join(f"{x:.2f},{100 - y:.2f}" for x, y in places)
    dots = ""
    if len(places) <= _DOTS and not line.dashed:
        dots = "".join(
            f'<i class="dot c{color}" style="left:{x:.2f}%;bottom:{y:.2f}%"></i>' for x, y in places
        )
    return (
        f'<svg class="c{color}{" dashed" if line.dashed else ""}" viewBox="0 0 100 100" preserveAspectRatio="none" '
        f'aria-hidden="true"><polyline points="{points}"/></svg>{dots}'
    )


def _told(name: str, line: Series, say: Wording, x_label: str) -> str:
    """A line in words, for who does not see it."""
    if len(set(line.ys)) == 1:
        return say("{name} {value}", name=name, value=exact_number(line.ys[0]))
    return say(
        "{name} from {first} at {x_label} {start} to {last} at {stop}",
        name=name, first=exact_number(line.ys[0]), x_label=x_label, start=exact_number(line.xs[0]),
        last=exact_number(line.ys[-1]), stop=exact_number(line.xs[-1]),
    )  # fmt: skip


def _values(
    lines: Sequence[Series], names: Sequence[str], across: _Scale, title: str, x_label: str
) -> Markup:
    """The points as a table: a row for each x, with its place along the drawing for the script."""
    rows = []
    for x in sorted({x for line in lines for x in line.xs}):
        place = Markup(f'<span data-at="{across.place(x):.2f}">{cell(exact_number(x))}</span>')
        rows.append((place, *(_at(line, x) for line in lines)))
    return table(rows, (x_label, *names), title)


def _at(line: Series, x: float) -> str:
    place = bisect.bisect_left(line.xs, x)
    return exact_number(line.ys[place]) if place < len(line.xs) and line.xs[place] == x else ""
