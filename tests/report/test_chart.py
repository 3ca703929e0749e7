"""Charts: ticks that span the data, every finite point drawn and told."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.report.chart import MOST_POINTS, Series, exact_number, line_chart, nice_ticks, short_number
from tests.report.said import EN, ZH, rows


def chart(*series: Series, **wanted: bool) -> str:
    return line_chart(series, EN, title="Loss", x_label="step", y_label="nats", **wanted)


def points(drawn: str) -> list[list[tuple[float, float]]]:
    """Where each line goes, in percent from the left and from the top."""
    lines = re.findall(r'<polyline points="([^"]*)"', drawn)
    return [[tuple(map(float, place.split(","))) for place in line.split()] for line in lines]  # type: ignore[misc]


@pytest.mark.slow
@given(low=st.floats(-1e9, 1e9), width=st.floats(1e-6, 1e9))
def test_ticks_are_few_and_span_the_data(low: float, width: float) -> None:
    ticks = nice_ticks(low, low + width)
    assert 2 <= len(ticks) <= 12
    assert ticks[0] <= low + 1e-6 * abs(low) + 1e-9
    assert ticks[-1] >= (low + width) - 1e-6 * abs(low + width) - 1e-9


def test_numbers_are_short() -> None:
    assert [short_number(x) for x in (12_000, 0.25, 2e-4, 0, 3.5e9)] == ["12k", "0.25", "2e-4", "0", "3.5G"]


def test_numbers_that_are_read_out_are_those_of_the_file_to_six_digits() -> None:
    numbers = (5.636681037, 300, 4657.640363, 1e-4, 1_082_195, 0.0)
    assert [*map(exact_number, numbers)] == ["5.63668", "300", "4657.64", "0.0001", "1,082,195", "0"]


def test_points_that_are_not_finite_are_left_out() -> None:
    drawn = chart(Series("loss", [1, 2, 3], [3.0, math.nan, 1.0]))
    assert "nan" not in drawn
    assert [len(line) for line in points(drawn)] == [2]


def test_names_are_text() -> None:
    drawn = line_chart([Series("<b>", [1, 2], [1, 2])], EN, title="a<b", x_label="<i>", y_label="<u>")
    assert not re.search("<[biu]>", drawn) and "a&lt;b" in drawn


def test_nothing_to_draw_says_so() -> None:
    assert chart(Series("loss", [], [])) == '<p class="note">Loss: nothing logged.</p>'


def test_a_line_goes_from_corner_to_corner_of_its_marks() -> None:
    (line,) = points(chart(Series("loss", [0, 50, 100], [2.0, 1.0, 0.0])))
    assert line == [(0, 0), (50, 50), (100, 100)]


def test_the_table_has_every_point_in_its_row() -> None:
    drawn = chart(Series("training", [10, 20], [7.25, 6.5]), Series("validation", [20], [6.75]))
    assert rows(drawn, "Loss") == [
        ["step", "training", "validation"],
        ["10", "7.25", ""],
        ["20", "6.5", "6.75"],
    ]
    # Where a row lies along the drawing.
    assert re.findall(r'data-at="([\d.]+)"', drawn) == ["0.00", "100.00"]


def test_who_does_not_see_it_is_told_where_it_begins_and_ends() -> None:
    drawn = chart(
        Series("training", [10, 20], [7.25, 6.5]), Series("entropy", [10, 20], [5.0, 5.0], dashed=True)
    )
    assert 'role="img" aria-label="Loss: training from 7.25 at step 10 to 6.5 at 20; entropy 5"' in drawn
    chinese = line_chart(
        [Series("训练", [10, 20], [7.25, 6.5])], ZH, title="损失", x_label="步", y_label="nat"
    )
    assert 'aria-label="损失: 训练：步 10 时为 7.25，20 时为 6.5"' in chinese


def test_few_points_are_dots_too_and_a_reference_is_not() -> None:
    assert chart(Series("few", [1, 2, 3], [1, 2, 3])).count('class="dot c1"') == 3
    assert "dot" not in chart(Series("many", [*range(13)], [*range(13)]))
    assert "dot" not in chart(Series("entropy", [1, 2], [5, 5], dashed=True))


def test_of_very_many_points_the_ends_and_what_stands_out_stay() -> None:
    xs = [*range(10 * MOST_POINTS)]
    ys = [0.001 * x for x in xs]
    ys[1234], ys[2345] = 99.0, -99.0
    drawn = chart(Series("loss", xs, ys))
    (line,) = points(drawn)
    assert MOST_POINTS / 2 < len(line) <= MOST_POINTS
    told = {row[0]: row[1] for row in rows(drawn, "Loss")[1:]}
    assert (told["1,234"], told["2,345"]) == ("99", "-99")
    assert told["0"] == "0" and f"{xs[-1]:,}" in told
    (line,) = points(chart(Series("loss", xs[:MOST_POINTS], ys[:MOST_POINTS])))
    assert len(line) == MOST_POINTS


def test_lengths_are_marked_and_equal_factors_are_equally_far_apart() -> None:
    drawn = chart(Series("RoFormer", (128, 512, 2048), (3.0, 2.0, 1.0)), log_x=True)
    (line,) = points(drawn)
    assert [x for x, _ in line] == [0, 50, 100]
    assert re.findall(r'class="x"[^>]*>([^<]*)<', drawn) == ["128", "512", "2.05k"]


@pytest.mark.parametrize(
    ("xs", "marks"), [((1, 2), {"1", "2"}), ((1, 1.5, 2), {"1", "1.2", "1.4", "1.6", "1.8", "2"})]
)
def test_whole_numbers_are_marked_by_whole_numbers(xs: tuple[float, ...], marks: set[str]) -> None:
    drawn = chart(Series("dev", xs, [5.0] * len(xs)))
    assert set(re.findall(r'class="x"[^>]*>([^<]*)<', drawn)) == marks


def test_colors_go_round_unless_they_are_given() -> None:
    lines = [Series(str(number), [1, 2], [1, 2]) for number in range(9)]
    assert re.findall(r'<li class="c(\d)">', chart(*lines)) == [*"123456781"]
    given_ = [Series("a", [1, 2], [1, 2], color=3), Series("b", [1, 2], [1, 2], color=3, dashed=True)]
    assert re.findall(r'<li class="([^"]*)">', chart(*given_)) == ["c3", "c3 dashed"]
