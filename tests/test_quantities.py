"""Times and sizes in words: two digits or so, and the unit that people would say."""

import pytest

from gaupt.quantities import duration, megabytes


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (89, "89 seconds"),
        (90, "1.5 minutes"),
        (120, "2 minutes"),
        (720, "12 minutes"),
        (5400, "1.5 hours"),
        (86400 * 3.5, "3.5 days"),
        (86400 * 1150, "1,150 days"),
    ],
)
def test_a_time_is_told_in_the_unit_that_people_would_say(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0.0 MB"),
        (312_175, "0.3 MB"),
        (42e6, "42 MB"),
        (999e6, "999 MB"),
        (1.5e9, "1.5 GB"),
        (2e13, "20,000.0 GB"),
    ],
)
def test_a_size_is_told_in_megabytes_or_gigabytes(size: float, words: str) -> None:
    assert megabytes(size) == words
