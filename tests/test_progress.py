"""Progress where stderr is no terminal."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gaupt import progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that the progress lines see; the test moves them on."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_line_every_few_seconds_says_how_far_and_how_fast(
    capsys: pytest.CaptureFixture[str], clock: list[float]
) -> None:
    with progress.Progress().task("encoding", total=4_000_000) as advance:
        advance(1_000_000)
        clock[0] = 10.0
        advance(1_000_000, "kept 3")
    assert capsys.readouterr().err == "encoding 50% 0.2 MB/s 10s left kept 3\n"


def test_what_an_earlier_call_did_is_progress_but_not_speed(
    capsys: pytest.CaptureFixture[str], clock: list[float]
) -> None:
    with progress.Progress().task("pretraining", total=100, unit="steps", done=50) as advance:
        clock[0] = 10.0
        advance(10)
    assert capsys.readouterr().err == "pretraining 60% 1.0 steps/s 40s left\n"


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str], clock: list[float]) -> None:
    with progress.Progress(quiet=True).task("encoding", total=2) as advance:
        clock[0] = 10.0
        advance(1)
    assert capsys.readouterr().err == ""


# Each example sets the clock to 0 by itself.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    done=st.integers(0, 1_000),
    steps=st.lists(st.tuples(st.integers(10, 90), st.integers(1, 1_000)), min_size=1, max_size=5),
    left=st.integers(0, 10_000),
)
def test_what_is_left_takes_as_long_as_this_call_took_for_its_share(
    capsys: pytest.CaptureFixture[str],
    clock: list[float],
    done: int,
    steps: list[tuple[int, int]],
    left: int,
) -> None:
    clock[0] = 0.0
    total = done + sum(amount for _, amount in steps) + left
    with progress.Progress().task("pretraining", total=total, unit="steps", done=done) as advance:
        for waited, amount in steps:
            clock[0] += waited
            advance(amount)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == len(steps)
    seconds, reached = 0, 0
    for line, (waited, amount) in zip(lines, steps, strict=True):
        seconds, reached = seconds + waited, reached + amount
        expected = seconds * (total - done - reached) / reached
        assert abs(int(line.split()[4].removesuffix("s")) - expected) <= 0.5 + 1e-6 * expected
        assert line.split()[5] == "left"


def test_a_line_comes_when_ten_seconds_have_passed_since_the_last_and_not_before(
    capsys: pytest.CaptureFixture[str], clock: list[float]
) -> None:
    with progress.Progress().task("encoding", total=100, unit="files") as advance:
        for now, lines in ((9.9, 0), (10.0, 1), (19.9, 0), (20.0, 1), (25.0, 0)):
            clock[0] = now
            advance(1)
            assert capsys.readouterr().err.count("\n") == lines


def test_a_note_while_nothing_is_done_and_a_total_of_nothing_are_lines_too(
    capsys: pytest.CaptureFixture[str], clock: list[float]
) -> None:
    with progress.Progress().task("reading", total=0) as advance:
        clock[0] = 10.0
        advance(0, "waiting")
    assert capsys.readouterr().err.startswith("reading 0% 0.0 MB/s ")


def test_a_message_is_one_line_unless_quiet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for quiet, expected in ((False, f"hello\n{tmp_path} is complete; nothing to do\n"), (True, "")):
        progress.Progress(quiet).message("hello")
        progress.Progress(quiet).nothing_to_do(tmp_path)
        assert capsys.readouterr() == ("", expected)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.4, "0 seconds"),
        (1, "1 second"),
        (40.4, "40 seconds"),
        (89, "89 seconds"),
        (90, "1.5 minutes"),
        (720, "12 minutes"),
        (89 * 60, "89 minutes"),
        (90 * 60, "1.5 hours"),
        (84 * 3600, "3.5 days"),
        (35 * 3600, "35 hours"),
        (36 * 3600, "1.5 days"),
        (115 * 86400, "115 days"),
        (3650 * 86400, "3,650 days"),
    ],
)
def test_times_are_told_in_two_digits(seconds: float, told: str) -> None:
    assert progress.duration(seconds) == told
