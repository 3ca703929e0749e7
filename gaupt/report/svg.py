"""Line charts as inline SVG: no script, no network, sharp at any size."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gaupt.report.html import escape

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 120, 16, 44
LETTER = 6.5
"""Width of a letter of a label, roughly."""
COLORS = ("#2563a8", "#c2571a", "#3b7d4f", "#7a4fa3", "#a8325e", "#6b6f2a", "#2a8a8a", "#8a5a2a")


@dataclass(frozen=True)
class Series:
    """One line of a chart: points in ascending x."""

    name: str
    xs: Sequence[float]
    ys: Sequence[float]
    dashed: bool = False


def line_chart(
    series: Sequence[Series], *, title: str, x_label: str, y_label: str, log_x: bool = False
) -> str:
    """An SVG figure of ``series``, each labelled at its right end; points that are not finite are left out.

    With ``log_x``, equal factors of x (all positive) are equally far apart, and the marks are at the points.

    Returns a sentence instead of a chart where there is no point to draw.
    """
    lines = [_finite(item) for item in series]
    xs = [x for item in lines for x in item.xs]
    ys = [y for item in lines for y in item.ys]
    if not xs:
        return f"<p>{escape(title)}: nothing logged yet.</p>"
    x_ticks = sorted(set(xs)) if log_x else nice_ticks(min(xs), max(xs))
    if all(x == round(x) for x in xs):  # half a step or epoch is nothing to mark
        x_ticks = [tick for tick in x_ticks if math.isclose(tick, round(tick))]
    y_ticks = nice_ticks(min(ys), max(ys))
    right = max(RIGHT, 12 + LETTER * max(len(item.name) for item in series))
    scale = math.log if log_x else float
    x_low, x_high = min(min(xs), x_ticks[0]), max(max(xs), x_ticks[-1])
    y_low, y_high = min(min(ys), y_ticks[0]), max(max(ys), y_ticks[-1])

    def place_x(x: float) -> float:
        low, high = scale(x_low), scale(x_high)
        return LEFT + (scale(x) - low) / ((high - low) or 1) * (WIDTH - LEFT - right)

    def place_y(y: float) -> float:
        return HEIGHT - BOTTOM - (y - y_low) / ((y_high - y_low) or 1) * (HEIGHT - TOP - BOTTOM)

    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">']
    for tick in y_ticks:
        y = place_y(tick)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{short_number(tick)}</text>')
    for tick in x_ticks:
        parts.append(
            f'<text x="{place_x(tick):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">'
            f"{short_number(tick)}</text>"
        )
    middle = (TOP + HEIGHT - BOTTOM) / 2
    parts.append(
        f'<text x="{(LEFT + WIDTH - right) / 2}" y="{HEIGHT - 6}" text-anchor="middle">{escape(x_label)}</text>'
        f'<text transform="translate(14 {middle}) rotate(-90)" text-anchor="middle">{escape(y_label)}</text>'
    )
    ends = _spread([place_y(item.ys[-1]) for item in lines if item.ys])
    for number, item in enumerate(item for item in lines if item.ys):
        color = COLORS[number % len(COLORS)]
        points = " ".join(f"{place_x(x):.1f},{place_y(y):.1f}" for x, y in zip(item.xs, item.ys, strict=True))
        dash = ' stroke-dasharray="5 4"' if item.dashed else ""
        if len(item.xs) == 1:
            parts.append(
                f'<circle cx="{place_x(item.xs[0]):.1f}" cy="{place_y(item.ys[0]):.1f}" r="3" fill="{color}"/>'
            )
        parts.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"{dash}/>')
        parts.append(
            f'<text x="{place_x(item.xs[-1]) + 6:.1f}" y="{ends[number] + 4:.1f}" fill="{color}">'
            f"{escape(item.name)}</text>"
        )
    return f"<figure><figcaption>{escape(title)}</figcaption>{''.join(parts)}</svg></figure>"


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


def _finite(series: Series) -> Series:
    kept = [(x, y) for x, y in zip(series.xs, series.ys, strict=True) if math.isfinite(y)]
    return Series(series.name, [x for x, _ in kept], [y for _, y in kept], series.dashed)


def _spread(heights: list[float], gap: float = 15) -> list[float]:
    """Move labels apart where they would overlap, keeping their order."""
    placed = dict[int, float]()
    last = -math.inf
    for index in sorted(range(len(heights)), key=heights.__getitem__):
        last = placed[index] = max(heights[index], last + gap)
    return [placed[index] for index in range(len(heights))]
