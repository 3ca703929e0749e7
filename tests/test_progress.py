"""Progress: lines where stderr is no terminal, one live line that fits where it is."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gaupt import progress
from gaupt.quantities import duration


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that the progress lines see; the test moves them on."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_the_first_line_comes_soon_and_then_one_every_ten_seconds(
    capsys: pytest.CaptureFixture[str], clock: list[float]
) -> None:
    with progress.Progress().task("encoding", total=100, unit="files") as advance:
        for now, lines in ((1.9, 0), (2.0, 1), (11.9, 0), (12.0, 1), (21.9, 0), (25.0, 1), (34.9, 0)):
            clock[0] = now
            advance(1)
            assert capsys.readouterr().err.count("\n") == lines


def test_a_line_says_how_much_of_how_much_is_done_and_how_long_the_rest_takes(
    capsys: pytest.CaptureFixture[str], clock: list[float]
) -> None:
    with progress.Progress().task("encoding", total=4_000_000) as advance:
        advance(1_000_000)
        clock[0] = 10.0
        advance(1_000_000, "30 documents")
    assert capsys.readouterr().err == "encoding 2.0/4.0 MB (50%), 0.2 MB/s, 10 seconds left, 30 documents\n"
    with progress.Progress().task("encoding", total=40_000_000_000) as advance:
        clock[0] = 20.0
        advance(1_000_000_000)
    assert capsys.readouterr().err == "encoding 1.0/40.0 GB (2%), 100.0 MB/s, 6.5 minutes left\n"


def test_what_an_earlier_call_did_is_progress_but_not_speed(
    capsys: pytest.CaptureFixture[str], clock: list[float]
) -> None:
    with progress.Progress().task("pretraining", total=1_000, unit="steps", done=500) as advance:
        clock[0] = 10.0
        advance(100)
    assert capsys.readouterr().err == "pretraining 600/1,000 steps (60%), 40 seconds left\n"


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str], clock: list[float]) -> None:
    with progress.Progress(quiet=True).task("encoding", total=2) as advance:
        clock[0] = 10.0
        advance(1)
    assert capsys.readouterr().err == ""


# Each example sets the clock to 0 by itself.
@pytest.mark.slow
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
        assert line.endswith(f", {duration(seconds * (total - done - reached) / reached)} left")


def test_a_note_while_nothing_is_done_and_a_total_of_nothing_are_lines_too(
    capsys: pytest.CaptureFixture[str], clock: list[float]
) -> None:
    with progress.Progress().task("reading", total=0) as advance:
        clock[0] = 10.0
        advance(0, "waiting")
    assert capsys.readouterr().err == "reading 0.0/0.0 MB (0%), waiting\n"


def on_a_terminal(columns: int, script: str) -> str:
    """What ``script`` shows on a terminal so wide."""
    main, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "", "NO_COLOR": "1"}
    environment.pop("COLUMNS")
    process = subprocess.Popen([sys.executable, "-c", script], stderr=child, env=environment)
    os.close(child)
    shown = b""
    with suppress(OSError):  # Linux says so at the end
        while data := os.read(main, 1 << 16):
            shown += data
    os.close(main)
    assert process.wait() == 0
    return shown.decode()


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, 50])
def test_on_a_terminal_it_is_one_line_that_fits_and_is_gone_at_the_end(columns: int) -> None:
    script = """
import time
from gaupt.progress import Progress
with Progress().task("pretraining", total=5_000, unit="steps", done=100) as advance:
    for _ in range(3):
        time.sleep(0.3)
        advance(400, "loss 7.740 acc 0.096 9,213 tok/s and a note that is longer than any terminal is wide")
"""
    shown = on_a_terminal(columns, script)
    lines = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line).strip("\r") for line in re.split(r"[\r\n]+", shown)]
    lines = [line for line in lines if line]
    assert lines[0].startswith("pretraining ") and "100/5,000 steps" in lines[0]
    assert any("900/5,000 steps, " in line and "left" in line for line in lines)
    assert max(map(len, lines)) <= columns
    assert shown.rstrip().endswith("\x1b[2K")  # erased


def test_the_bar_gives_way_and_then_the_note(clock: list[float]) -> None:
    def line(width: int, note: str) -> str:
        return progress.fit(progress.Task("cleaning", 10, "files", 5, note=note), width)

    assert line(60, "好") == "cleaning ━━━━━━━━━━────────── 5/10 files, 好"
    assert line(32, "好") == "cleaning ━━━━──── 5/10 files, 好"
    assert line(26, "好") == "cleaning 5/10 files, 好"
    assert line(20, "好好好") == "cleaning 5/10 files…"


def test_a_message_is_one_line_unless_quiet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for quiet, expected in ((False, f"hello\n{tmp_path} is complete; nothing to do\n"), (True, "")):
        progress.Progress(quiet).message("hello")
        progress.Progress(quiet).nothing_to_do(tmp_path)
        assert capsys.readouterr() == ("", expected)


def test_names_in_messages_and_tasks_steer_nothing(
    capsys: pytest.CaptureFixture[str], clock: list[float]
) -> None:
    shown = progress.Progress()
    shown.message("a\x1b[31m\nb")
    shown.warning("\udcff")
    with shown.task("read\x1b", total=4, unit="files") as advance:
        clock[0] = 10.0
        advance(2, "[/x]\r")
    assert capsys.readouterr().err == (
        "a\\x1b[31m\\nb\nwarning: \\xff\nread\\x1b 2/4 files (50%), 10 seconds left, [/x]\\r\n"
    )
