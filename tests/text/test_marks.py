import unicodedata

import pytest

from gaupt.text.marks import LONGEST, cut_marks


@pytest.mark.parametrize(
    "text", ["", "茶" * 50, "a\u0301", "é\u0323" * 100, "茶" + "\u0301" * LONGEST, "\ud800a\u0301" * 40]
)
def test_what_people_write_stays(text: str) -> None:
    assert cut_marks(text) == text


def test_of_each_longer_run_the_beginning_stays() -> None:
    for mark in ("\u0301", "\u0f71", "\u0f73", "\uff9e", "\U0001d165"):
        text = f"茶{mark * 40}a{mark * LONGEST}文{mark * 1000}"
        assert cut_marks(text) == f"茶{mark * LONGEST}a{mark * LONGEST}文{mark * LONGEST}"
        assert cut_marks(mark * 40 + "\ud800") == mark * LONGEST + "\ud800"


@pytest.mark.slow
def test_every_character_counts_that_adds_to_a_run_in_some_form() -> None:
    for code in (*range(0xD800), *range(0xE000, 0x110000)):
        begins_with_mark = unicodedata.combining(unicodedata.normalize("NFKD", chr(code))[0]) > 0
        if begins_with_mark or code % 97 == 0:
            assert (len(cut_marks(chr(code) * 40)) == LONGEST) == begins_with_mark, hex(code)


def test_the_longest_runs_that_stay_are_normalized_at_once() -> None:
    text = cut_marks("茶" + "\u0f71\u0f72" * 500_000)  # which would take half an hour
    assert len(unicodedata.normalize("NFC", text)) == 1 + LONGEST
