"""Charts: ticks that span the data, every finite point drawn."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.report.svg import WIDTH, Series, line_chart, nice_ticks, short_number


@pytest.mark.slow
@given(low=st.floats(-1e9, 1e9), width=st.floats(1e-6, 1e9))
def test_ticks_are_few_and_span_the_data(low: float, width: float) -> None:
    ticks = nice_ticks(low, low + width)
    assert 2 <= len(ticks) <= 12
    assert ticks[0] <= low + 1e-6 * abs(low) + 1e-9
    assert ticks[-1] >= (low + width) - 1e-6 * abs(low + width) - 1e-9


def test_numbers_are_short() -> None:
    assert [short_number(x) for x in (12_000, 0.25, 2e-4, 0, 3.5e9)] == ["12k", "0.25", "2e-4", "0", "3.5G"]


def test_points_that_are_not_finite_are_left_out() -> None:
    chart = line_chart(
        [Series("loss", [1, 2, 3], [3.0, math.nan, 1.0])], title="a<b", x_label="step", y_label="nats"
    )
    assert "nan" not in chart
    assert "a&lt;b" in chart
    assert chart.count("<polyline") == 1


def test_nothing_to_draw_says_so() -> None:
    assert "nothing logged" in line_chart([Series("loss", [], [])], title="Loss", x_label="", y_label="")


def test_lengths_are_marked_and_equal_factors_are_equally_far_apart() -> None:
    line = Series("transformers RoFormerV1-12", (128, 512, 2048), (3.0, 2.0, 1.0))
    chart = line_chart([line], title="", x_label="", y_label="", log_x=True)
    points = re.search(r'points="([^"]*)"', chart)
    assert points is not None
    xs = [float(point.split(",")[0]) for point in points[1].split()]
    assert xs[1] - xs[0] == pytest.approx(xs[2] - xs[1], abs=0.2)
    assert all(f">{mark}</text>" in chart for mark in ("128", "512", "2.05k"))
    assert xs[2] + 6.5 * len(line.name) < WIDTH  # the label is inside


@pytest.mark.parametrize(
    ("xs", "marks"), [((1, 2), {"1", "2"}), ((1, 1.5, 2), {"1", "1.2", "1.4", "1.6", "1.8", "2"})]
)
def test_whole_numbers_are_marked_by_whole_numbers(xs: tuple[float, ...], marks: set[str]) -> None:
    chart = line_chart([Series("dev", xs, [5.0] * len(xs))], title="", x_label="", y_label="")
    assert set(re.findall(r'text-anchor="middle">([\d.]+)</text>', chart)) == marks
