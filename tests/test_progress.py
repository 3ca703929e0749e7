"""Progress where stderr is no terminal."""

import pytest

from gaupt import progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that the progress lines see; the test moves them on."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_line_every_few_seconds_says_how_far_and_how_fast(capsys, clock):
    with progress.Progress().task("encoding", total=4_000_000) as advance:
        advance(1_000_000)
        clock[0] = 10.0
        advance(1_000_000, "kept 3")
    assert capsys.readouterr().err == "encoding 50% 0.2 MB/s 10s left kept 3\n"


def test_what_an_earlier_call_did_is_progress_but_not_speed(capsys, clock):
    with progress.Progress().task("pretraining", total=100, unit="steps", done=50) as advance:
        clock[0] = 10.0
        advance(10)
    assert capsys.readouterr().err == "pretraining 60% 1.0 steps/s 40s left\n"


def test_quiet_says_nothing(capsys, clock):
    with progress.Progress(quiet=True).task("encoding", total=2) as advance:
        clock[0] = 10.0
        advance(1)
    assert capsys.readouterr().err == ""
