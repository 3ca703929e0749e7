"""Everything that the report says has its Chinese, and nothing else has."""

from importlib import import_module
from pkgutil import iter_modules

from gaupt import report
from gaupt.bench.measure import MODES
from gaupt.report import chinese
from gaupt.report.chinese import CHINESE
from tests.wording import check_placeholders, texts_said


def test_every_text_has_its_chinese_and_no_chinese_is_left_over() -> None:
    rooms = [import_module(f"gaupt.report.{module.name}") for module in iter_modules(report.__path__)]
    assert set(texts_said(*rooms)) == set(chinese.TEXTS)


def test_every_chinese_has_the_values_of_its_english() -> None:
    check_placeholders(CHINESE)


def test_the_modes_of_a_bench_have_chinese_names() -> None:
    assert set(MODES) - set(CHINESE) == set()
