"""Look-alike signs and numbers written for people, as gaupt reads them."""

import pytest

from gaupt.spelling import number, plainly


@pytest.mark.parametrize(
    ("word", "plain"),
    [
        ("train.lr＝1e-4", "train.lr=1e-4"),
        ("—steps", "--steps"),
        ("－－steps", "--steps"),
        ("–-steps", "--steps"),
        ("“train.lr=1e-4”", "train.lr=1e-4"),
    ],
)
def test_what_to_type_for_signs_that_only_look_alike(word: str, plain: str) -> None:
    assert plainly(f"{word}: what is this?", ["pretrain", word]).endswith(f": type {plain}")


def test_words_that_the_message_is_not_about_and_chinese_ones_are_left_alone() -> None:
    assert plainly("no such folder", ["－－steps"]) == ""
    assert plainly("no [MASK] in '你好！'", ["你好！"]) == ""
    assert plainly("--steps x: expected a whole number", ["--steps", "x"]) == ""


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1,000", "1000"),
        ("1k", "1000"),
        ("1e4", "10000"),
        ("128K", "128000"),
        ("10万", "100000"),
        ("8h", "8"),
        ("15%", "0.15"),
        ("１e-4", "0.0001"),
    ],
)
def test_numbers_as_people_write_them(text: str, meant: str) -> None:
    assert number(text) == meant


@pytest.mark.parametrize("text", ["", "many", "1:30", "3 apples", "1e999", "k"])
def test_what_means_no_number(text: str) -> None:
    assert number(text) is None


def test_a_share_is_no_whole_number() -> None:
    assert number("15%", whole=True) is None
    assert number("1k", whole=True) == "1000"
