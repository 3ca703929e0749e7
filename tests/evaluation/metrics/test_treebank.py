import pytest

from gaupt.evaluation.metrics.treebank import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("t-100", ["t-100"]),
        ("don't stop", ["do", "n't", "stop"]),
        ("we'll", ["we", "'ll"]),
        ("o'clock", ["o'clock"]),
        ("cannot", ["can", "not"]),
        ("wanna go", ["wan", "na", "go"]),
        ("100%", ["100", "%"]),
        ("$5.20", ["$", "5.20"]),
        ("3,000", ["3,000"]),
        ("a, b", ["a", ",", "b"]),
        ('"x"', ["``", "x", "''"]),
        ("(x)", ["(", "x", ")"]),
        ("wait...", ["wait", "..."]),
        ("a--b", ["a", "--", "b"]),
        ("`x`", ["`", "x", "`"]),
    ],
)
def test_words_are_the_treebanks(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_a_period_is_a_word_at_the_end_of_a_sentence() -> None:
    assert words("version 2.0 works.") == ["version", "2.0", "works", "."]
    assert words("apples etc. and pears") == ["apples", "etc", ".", "and", "pears"]  # unknown to Punkt
    assert words("the c.l. max") == ["the", "c.l", ".", "max"]


@pytest.mark.parametrize(
    "text", ["dr. smith", "no. 5 mr. li", "j. smith", "2. place", "(t. smith", "(5)c. li"]
)
def test_a_sentence_goes_on_after_abbreviations_initials_and_numbers(text: str) -> None:
    assert [word for word in words(text) if word == "."] == (["."] if text.startswith("no") else [])
