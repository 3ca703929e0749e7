"""Values of templates: no number is lost, and quantities stay in the unit in which they were given."""

import pytest

from gaupt.corpus.read import wikivalues as values

UNITS = {
    "公里": "km kilometre kilometer kilometres kilometers",
    "米": "m metre meter metres meters",
    "厘米": "cm centimetre centimeter",
    "毫米": "mm millimetre millimeter",
    "微米": "um \u03bcm \u00b5m",  # the Greek letter and the sign
    "纳米": "nm",
    "英里": "mi mile miles",
    "英尺": "ft foot feet",
    "英寸": "in inch inches",
    "码": "yd yard yards",
    "海里": "nmi",
    "里": "li",
    "光年": "ly",
    "秒差距": "pc",
    "天文单位": "au AU",
    "平方公里": "km2 sqkm",
    "平方米": "m2 sqm",
    "平方厘米": "cm2 sqcm",
    "平方英里": "mi2 sqmi",
    "平方英尺": "ft2 sqft",
    "公顷": "ha hectare hectares",
    "英亩": "acre acres",
    "立方米": "m3",
    "立方公里": "km3 cukm",
    "立方厘米": "cm3 cc",
    "立方英尺": "ft3 cuft",
    "立方英寸": "in3 cuin",
    "升": "L l litre liter",
    "毫升": "mL ml",
    "加仑": "gal USgal usgal impgal",
    "桶": "bbl oilbbl",
    "公斤": "kg kilogram kilograms",
    "克": "g gram grams",
    "毫克": "mg",
    "吨": "t MT tonne tonnes",
    "磅": "lb lbs",
    "盎司": "oz",
    "英石": "st",
    "短吨": "ST",
    "长吨": "LT",
    "公里每小时": "km/h kph",
    "英里每小时": "mph",
    "米每秒": "m/s",
    "公里每秒": "km/s",
    "节": "kn knot",
    "立方米每秒": "m3/s",
    "立方英尺每秒": "cuft/s",
    "摄氏度": "C °C degC",
    "华氏度": "F °F degF",
    "开尔文": "K",
    "瓦": "W",
    "千瓦": "kW kw",
    "兆瓦": "MW",
    "马力": "hp bhp PS",
    "牛顿": "N",
    "千牛": "kN",
    "牛米": "Nm N.m",
    "帕": "Pa",
    "百帕": "hPa",
    "千帕": "kPa",
    "兆帕": "MPa",
    "焦耳": "J",
    "千焦": "kJ",
    "千卡": "kcal",
    "人每平方公里": "PD/km2 PD/sqkm /km2 /sqkm",
    "人每平方英里": "PD/sqmi /sqmi",
    " Mm": "Mm",  # the case counts
    " furlong": "furlong",
    "千米": "e3m",
    "万米": "e4m",
    "百万平方公里": "e6km2",
    "亿吨": "e8t",
    "十亿桶": "e9oilbbl",
    "万亿 $": "e12$",
    " e5m": "e5m",
    " e100m": "e100m",
    " em": "em",
}
SIGNS = {
    "–": "- – — to TO 到 至 ~ ～",
    "或": "or 或",
    "和": "and & 和 及",
    "×": "x × by xx",
    "±": "+/- ± +-",
    "、": ", ， 、",
}


def test_every_unit_is_named_in_chinese_and_an_unknown_one_stays() -> None:
    expected = {unit: f"3{name}" for name, units in UNITS.items() for unit in units.split()}
    assert {unit: values.quantity(["3", unit], {}) for unit in expected} == expected


def test_every_sign_may_stand_between_two_numbers() -> None:
    expected = {word: f"3{sign}4米" for sign, words in SIGNS.items() for word in words.split()}
    assert {word: values.quantity(["3", word, "4", "m"], {}) for word in expected} == expected


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("6300|km|mi", "6300公里"),
        ("1,234.5|m2|sqft|0", "1,234.5平方米"),
        ("10|to|20|km|mi", "10–20公里"),
        ("10|to|20", "10–20"),
        ("10|to", "10 to"),
        ("4|x|5|x|6|m", "4×5×6米"),
        ("5|to|8|ft|6|in|m", "5–8英尺6英寸"),
        ("5|ft|6|in", "5英尺6英寸"),
        ("5|yd|1|ft", "5码1英尺"),
        ("5|mi|100|yd", "5英里100码"),
        ("5|mi|100|ft", "5英里100英尺"),
        ("9|st|7|lb", "9英石7磅"),
        ("9|lb|7|oz", "9磅7盎司"),
        ("6|km|2|mi", "6公里"),
        ("3||m", "3"),
        ("3", "3"),
        ("", ""),
    ],
)
def test_quantities_stay_in_the_unit_in_which_they_were_given(given: str, text: str) -> None:
    assert values.quantity(given.split("|"), {}) == text


def test_symbols_of_units() -> None:
    expected = {
        "6300|km2": "6300 km²",
        "20|m3/s": "20 m³/s",
        "-11|C": "-11 °C",
        "12|F": "12 °F",
        "3|H2O": "3 H2O",
        "3": "3",
    }
    assert {given: values.short_quantity(given.split("|"), {}) for given in expected} == expected


@pytest.mark.parametrize("abbr", ["on", "in", "yes", "y"])
def test_a_quantity_may_ask_for_the_symbol(abbr: str) -> None:
    assert values.quantity(["6300", "km"], {"abbr": abbr}) == "6300 km"


@pytest.mark.parametrize("named", [{"abbr": "off"}, {"abbr": ""}, {"lk": "on"}])
def test_or_else_it_is_named(named: dict[str, str]) -> None:
    assert values.quantity(["6300", "km"], named) == "6300公里"


@pytest.mark.parametrize(
    ("given", "named", "text"),
    [
        (["31900"], {}, "31900"),
        (["31900"], {"u": "m3/s"}, "31900 m3/s"),
        (["9.10", "0.05"], {"e": "-31", "u": "kg"}, "9.10±0.05×10<sup>-31</sup> kg"),
        (["9", ".5"], {}, "9±.5"),
        (["1", "+2", "-3"], {}, "1+2-3"),
        (["1.5", "(2)"], {}, "1.5(2)"),
        (["", "3", ""], {"e": ""}, "3"),
        (["50"], {"u": "%"}, "50%"),
        (["50"], {"u": "°"}, "50°"),
        (["50"], {"u": "′"}, "50′"),
        (["50"], {"u": "″"}, "50″"),
        (["3"], {"p": "约", "s": "以上", "ul": "m", "up": "s"}, "约3 m/s以上"),
        (["3"], {"u": "m", "upl": "s"}, "3 m/s"),
        (["3"], {"upl": "s"}, "3 /s"),
        ([], {}, ""),
    ],
)
def test_measured_values(given: list[str], named: dict[str, str], text: str) -> None:
    assert values.value(given, named) == text


def test_numbers_in_parts() -> None:
    assert values.digits(["1", "234", "567"], {"u": "m"}) == "1234567 m"
    assert values.power_of_ten(["5"], {}) == "×10<sup>5</sup>"
    assert values.power_of_ten([], {}) == ""


def test_fractions_with_and_without_a_whole_number() -> None:
    expected = {"2": "1/2", "1|2": "1/2", "3|1|2": "3 1/2", "||1|2": "1/2", "": ""}
    assert {given: values.fraction(given.split("|"), {}) for given in expected} == expected


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("1999|12|31", "1999年12月31日"),
        ("1999|01|02", "1999年1月2日"),
        ("1999|12", "1999年12月"),
        ("1999", "1999年"),
        ("2020|3|4|1930|1|1", "2020年3月4日"),
        ("1999年|12月31日", "1999年12月31日"),
        ("1999|十二月|三日", "1999十二月三日"),
        ("1999|123|1", "19991231"),
        ("1999|" + "1" * 5000, "1999" + "1" * 5000),
        ("", ""),
    ],
)
def test_dates(given: str, text: str) -> None:
    assert values.date(given.split("|"), {}) == text


def test_a_date_without_arguments_is_nothing() -> None:
    assert values.date([], {}) == ""


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("1881年|9月25日|1936年|10月19日", "1881年9月25日－1936年10月19日"),
        ("？||23年|", "？－23年"),
        ("1989年|4月18日", "1989年4月18日"),
        ("1989年|4月18日||:", "1989年4月18日"),
        ("1989年|4月18日||：", "1989年4月18日"),
        ("||1936年|10月19日", "？－1936年10月19日"),
        ("1881年|9月25日|1936年|10月19日|x", "1881年9月25日－1936年10月19日"),
        ("", ""),
    ],
)
def test_years_of_a_life(given: str, text: str) -> None:
    assert values.life(given.split("|"), {}) == text


def test_other_times() -> None:
    assert values.circa(["1200", "", "1250"], {}) == "约1200－约1250"
    assert values.circa([], {}) == "约"
    assert values.reign(["1800年", "", "1820年"], {}) == "1800年－1820年在位"
    assert values.old_style(["1870年", "4月22日", "4月10日", "x"], {}) == "1870年4月22日（旧历4月10日）"
    assert values.old_style(["1870年", "4月22日"], {}) == "1870年4月22日"


@pytest.mark.parametrize(
    ("given", "years"),
    [
        ("1950|1|2|2000|1|2", "50"),
        ("1950|1|2|2000|1|1", "49"),
        ("1950|5|1|2000|4|30", "49"),
        ("1950|4|30|2000|5|1", "50"),
        ("1950|1|2|2000|1|2|df=y", "50"),
        ("1950|1|2|2000|1", ""),
        ("1950|1|2", ""),
        ("1950|1|2|2000|1|?", ""),
        ("1950|1|2|" + "9" * 5000 + "|1|1", ""),
    ],
)
def test_an_age_needs_two_days(given: str, years: str) -> None:
    assert values.age(given.split("|"), {}) == years
