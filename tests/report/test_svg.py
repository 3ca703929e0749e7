"""Charts: ticks that span the data, every finite point drawn."""

import math

from hypothesis import given
from hypothesis import strategies as st

from gaupt.report.svg import Series, line_chart, nice_ticks, short_number


@given(low=st.floats(-1e9, 1e9), width=st.floats(1e-6, 1e9))
def test_ticks_are_few_and_span_the_data(low, width):
    ticks = nice_ticks(low, low + width)
    assert 2 <= len(ticks) <= 12
    assert ticks[0] <= low + 1e-6 * abs(low) + 1e-9
    assert ticks[-1] >= (low + width) - 1e-6 * abs(low + width) - 1e-9


def test_numbers_are_short():
    assert [short_number(x) for x in (12_000, 0.25, 2e-4, 0, 3.5e9)] == ["12k", "0.25", "2e-4", "0", "3.5G"]


def test_points_that_are_not_finite_are_left_out():
    chart = line_chart(
        [Series("loss", [1, 2, 3], [3.0, math.nan, 1.0])], title="a<b", x_label="step", y_label="nats"
    )
    assert "nan" not in chart
    assert "a&lt;b" in chart
    assert chart.count("<polyline") == 1


def test_nothing_to_draw_says_so():
    assert "nothing logged" in line_chart([Series("loss", [], [])], title="Loss", x_label="", y_label="")
