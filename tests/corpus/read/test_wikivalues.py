"""Values of templates: no number is lost, and quantities stay in the unit in which they were given."""

import pytest

from gaupt.corpus.read import wikivalues as values


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("6300|km|mi", "6300公里"),
        ("1,234.5|m2|sqft|0", "1,234.5平方米"),
        ("10|-|20|km", "10–20公里"),
        ("10|to|20|km|mi", "10–20公里"),
        ("4|x|5|x|6|m", "4×5×6米"),
        ("5|ft|6|in|cm", "5英尺6英寸"),
        ("6|km|2|mi", "6公里"),
        ("2.5|e6km2", "2.5百万平方公里"),
        ("30|C|F", "30摄氏度"),
        ("120|km/h|mph", "120公里每小时"),
        ("3|MW", "3兆瓦"),
        ("3|mm", "3毫米"),
        ("3|Mm", "3 Mm"),
        ("3|furlong", "3 furlong"),
        ("3", "3"),
        ("", ""),
    ],
)
def test_quantities(given: str, text: str) -> None:
    assert values.quantity(given.split("|"), {}) == text


def test_symbols_of_units() -> None:
    assert values.short_quantity(["6300", "km2"], {}) == "6300 km²"
    assert values.short_quantity(["20", "m3/s"], {}) == "20 m³/s"
    assert values.short_quantity(["-11", "C"], {}) == "-11 °C"
    assert values.quantity(["6300", "km"], {"abbr": "on"}) == "6300 km"
    assert values.quantity(["6300", "km"], {"abbr": "off"}) == "6300公里"


@pytest.mark.parametrize(
    ("given", "named", "text"),
    [
        (["31900"], {}, "31900"),
        (["31900"], {"u": "m3/s"}, "31900 m3/s"),
        (["9.10", "0.05"], {"e": "-31", "u": "kg"}, "9.10±0.05×10<sup>-31</sup> kg"),
        (["1", "+2", "-3"], {}, "1+2-3"),
        (["50"], {"u": "%"}, "50%"),
        (["3"], {"p": "约", "s": "以上", "ul": "m", "up": "s"}, "约3 m/s以上"),
        ([], {}, ""),
    ],
)
def test_measured_values(given: list[str], named: dict[str, str], text: str) -> None:
    assert values.value(given, named) == text


def test_numbers_in_parts() -> None:
    assert values.digits(["1", "234", "567"], {}) == "1234567"
    assert values.power_of_ten(["5"], {}) == "×10<sup>5</sup>"
    assert values.power_of_ten([], {}) == ""
    assert [values.fraction(given.split("|"), {}) for given in ("2", "1|2", "3|1|2", "")] == [
        "1/2",
        "1/2",
        "3 1/2",
        "",
    ]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("1999|12|31", "1999年12月31日"),
        ("1999|01|02", "1999年1月2日"),
        ("1999|12", "1999年12月"),
        ("1999", "1999年"),
        ("2020|3|4|1930|1|1", "2020年3月4日"),
        ("1999年|12月31日", "1999年12月31日"),
        ("1999|十二月", "1999十二月"),
        ("1999|" + "1" * 5000, "1999" + "1" * 5000),
        ("", ""),
    ],
)
def test_dates(given: str, text: str) -> None:
    assert values.date(given.split("|"), {}) == text


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("1881年|9月25日|1936年|10月19日", "1881年9月25日－1936年10月19日"),
        ("？||23年|", "？－23年"),
        ("1989年|4月18日", "1989年4月18日"),
        ("1989年|4月18日||:", "1989年4月18日"),
        ("||1936年|10月19日", "？－1936年10月19日"),
    ],
)
def test_years_of_a_life(given: str, text: str) -> None:
    assert values.life(given.split("|"), {}) == text


def test_other_times() -> None:
    assert values.circa(["1200", "1250"], {}) == "约1200－约1250"
    assert values.circa([], {}) == "约"
    assert values.reign(["1800年", "1820年"], {}) == "1800年－1820年在位"
    assert values.old_style(["1870年", "4月22日", "4月10日"], {}) == "1870年4月22日（旧历4月10日）"
    assert values.old_style(["1870年", "4月22日"], {}) == "1870年4月22日"


def test_an_age_needs_two_days() -> None:
    assert values.age(["1950", "1", "2", "2000", "1", "2"], {}) == "50"
    assert values.age(["1950", "1", "2", "2000", "1", "1"], {}) == "49"
    assert values.age(["1950", "1", "2"], {}) == ""
    assert values.age(["1950", "1", "2", "9" * 5000, "1", "1"], {}) == ""
