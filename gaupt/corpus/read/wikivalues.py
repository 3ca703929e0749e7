"""Values that MediaWiki's templates show: numbers, quantities and dates.

Each function takes a template's arguments, those without a name in order and the others by name. Numbers stay as they
were written, quantities in the unit in which they were given: nothing is converted, and no number is lost.
"""

import re
from collections.abc import Callable, Mapping, Sequence

Given = Sequence[str]
Named = Mapping[str, str]

_UNITS = {
    unit: name
    for name, units in {
        "公里": "km kilometre kilometer kilometres kilometers",
        "米": "m metre meter metres meters",
        "厘米": "cm centimetre centimeter",
        "毫米": "mm millimetre millimeter",
        "微米": "um μm µm",
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
        "马力": "hp bhp PS",
        "牛顿": "N",
        "帕": "Pa",
        "百帕": "hPa",
        "千帕": "kPa",
        "焦耳": "J",
        "千焦": "kJ",
        "千卡": "kcal",
        "短吨": "ST",
        "长吨": "LT",
        "千牛": "kN",
        "牛米": "Nm N.m",
        "兆瓦": "MW",
        "兆帕": "MPa",
        "人每平方公里": "PD/km2 PD/sqkm /km2 /sqkm",
        "人每平方英里": "PD/sqmi /sqmi",
    }.items()
    for unit in units.split()
}
_TENS = {"3": "千", "4": "万", "6": "百万", "8": "亿", "9": "十亿", "12": "万亿"}
_BETWEEN = {
    word: sign
    for sign, words in {
        "–": "- – — to 到 至 ~ ～",
        "或": "or 或",
        "和": "and & 和 及",
        "×": "x × by xx",
        "±": "+/- ± +-",
        "、": ", ， 、",
    }.items()
    for word in words.split()
}
_COMPOUND = {("ft", "in"), ("yd", "ft"), ("mi", "yd"), ("mi", "ft"), ("st", "lb"), ("lb", "oz")}


def quantity(given: Given, named: Named) -> str:
    """{{convert|6300|km|mi}}: 6300公里; {{convert|5|to|8|ft|6|in|m}}: 5–8英尺6英寸."""
    return _measured(given, _symbol if named.get("abbr") in ("on", "in", "yes", "y") else _unit)


def short_quantity(given: Given, _: Named) -> str:
    """{{cvt|6300|km2}}: 6300 km²."""
    return _measured(given, _symbol)


def _measured(given: Given, unit_text: Callable[[str], str]) -> str:
    shown, place = [*given[:1]], 1
    while place + 1 < len(given) and (sign := _BETWEEN.get(given[place].lower())) is not None:
        shown += sign, given[place + 1]
        place += 2
    match given[place:]:
        case [unit, number, smaller, *_] if (unit, smaller) in _COMPOUND:
            shown += unit_text(unit), number, unit_text(smaller)
        case [unit, *_] if unit:
            shown.append(unit_text(unit))
    return "".join(shown)


def _unit(unit: str) -> str:
    tens = re.fullmatch(r"e(\d{1,2}+)(.*+)", unit)
    before = ""
    if tens is not None and tens[1] in _TENS:
        before, unit = _TENS[tens[1]], tens[2]
    return before + (_UNITS.get(unit) or f" {unit}")


def _symbol(unit: str) -> str:
    if unit in ("C", "F"):
        return f" °{unit}"
    return " " + re.sub(r"(?<=[A-Za-z])[23](?!\w)", lambda digit: "²" if digit[0] == "2" else "³", unit)


def value(given: Given, named: Named) -> str:
    """{{val|9.10|0.05|e=-31|u=kg}}: 9.10±0.05×10<sup>-31</sup> kg."""
    number, *errors = [words for words in given if words] or [""]
    sign = "±" if len(errors) == 1 and errors[0].removeprefix(".")[:1].isdecimal() else ""
    return _with_unit(number + sign + "".join(errors), named)


def digits(given: Given, named: Named) -> str:
    """{{gaps|1|234|567}}: 1234567."""
    return _with_unit("".join(given), named)


def _with_unit(number: str, named: Named) -> str:
    power = f"×10<sup>{named['e']}</sup>" if named.get("e") else ""
    unit, per = named.get("u") or named.get("ul") or "", named.get("up") or named.get("upl") or ""
    unit += f"/{per}" if per else ""
    between = " " if unit and unit[0] not in "%°′″" else ""
    return f"{named.get('p', '')}{number}{power}{between}{unit}{named.get('s', '')}"


def power_of_ten(given: Given, _: Named) -> str:
    """{{e|5}}: ×10<sup>5</sup>."""
    return f"×10<sup>{given[0]}</sup>" if given else ""


def fraction(given: Given, _: Named) -> str:
    """{{frac|3|1|2}}: 3 1/2."""
    match [words for words in given if words]:
        case [denominator]:
            return f"1/{denominator}"
        case [*whole, numerator, denominator]:
            return " ".join([*whole, f"{numerator}/{denominator}"])
        case _:
            return ""


_MONTH_OR_DAY = re.compile(r"[0-9]{1,2}")
_NUMBER = re.compile(r"[0-9]{1,6}")


def date(given: Given, _: Named) -> str:
    """{{start date|1999|12|31}}: 1999年12月31日; what is written out already stays so."""
    year, month, day, *_rest = *given, "", "", ""
    if not year.isdecimal() or (month and not _MONTH_OR_DAY.fullmatch(month)):
        return year + month + day
    shown = f"{year}年"
    if month:
        shown += f"{int(month)}月"
        if _MONTH_OR_DAY.fullmatch(day):
            shown += f"{int(day)}日"
    return shown


def life(given: Given, _: Named) -> str:
    """{{bd|1881年|9月25日|1936年|10月19日}}: 1881年9月25日－1936年10月19日."""
    birth, death = "".join(given[:2]), "".join(given[2:4]).strip(":：")
    return f"{birth or '？'}－{death}" if death else birth


def circa(given: Given, _: Named) -> str:
    """{{circa|1200|1250}}: 约1200－约1250."""
    return "约" + "－约".join(filter(None, given))


def reign(given: Given, _: Named) -> str:
    """{{reign|1800|1820}}: 1800－1820在位."""
    return "－".join(filter(None, given)) + "在位"


def old_style(given: Given, _: Named) -> str:
    """{{oldstyledate|1870年|4月22日|4月10日}}: 1870年4月22日（旧历4月10日）."""
    day, old = "".join(given[:2]), "".join(given[2:3])
    return f"{day}（旧历{old}）" if old else day


def age(given: Given, _: Named) -> str:
    """The years between two days; of one day and today nothing can be said."""
    if len(given) < 6 or not all(map(_NUMBER.fullmatch, given[:6])):
        return ""
    year, month, day, *end = (int(words) for words in given[:6])
    return str(end[0] - year - ((end[1], end[2]) < (month, day)))
