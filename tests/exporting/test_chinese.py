"""Everything that the model card says has its Chinese, and nothing else has."""

import pytest

from gaupt.exporting import card, chinese, usage
from gaupt.exporting.chinese import CHINESE
from tests.wording import check_placeholders, texts_said


def test_every_text_has_its_chinese_and_no_chinese_is_left_over() -> None:
    assert set(texts_said(card)) == set(chinese.TEXTS)


def test_every_chinese_has_the_values_of_its_english() -> None:
    check_placeholders(CHINESE)


@pytest.mark.parametrize(
    "use",
    [usage.MASKED_LM, usage.ENCODER, usage.LABELLING, *usage.SEQUENCES.values(), *usage.OTHERS.values()],
)
def test_every_use_has_its_chinese(use: usage.Usage) -> None:
    assert use.purpose in CHINESE
