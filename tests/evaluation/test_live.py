import io

import pytest
from rich.console import Console

from gaupt.evaluation.live import LiveTable, show_board
from gaupt.progress import Progress


def test_the_table_fills_up_with_the_means_of_what_has_ended() -> None:
    table = LiveTable(["one", "two"], ["tnews", "afqmc"], runs=8, done=2)
    table.ended("one", "tnews", [40.0], "")
    table.ended("one", "tnews", [50.0], "")
    table.advance(1000, "tnews two")
    out = io.StringIO()
    Console(file=out, width=100, force_terminal=False).print(table)
    lines = out.getvalue().splitlines()
    assert lines[0].split() == ["tnews", "afqmc"]
    assert lines[1].split() == ["one", "45.00", "(2)", "·"]
    assert lines[2].split() == ["two", "·", "·"]
    assert "tnews two" in lines[3] and "38%" in lines[3]


def test_elsewhere_each_run_that_ends_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with show_board(Progress(), ["one"], ["tnews"], 1, 0) as board:
        board.advance(1000, "note")
        board.ended("one", "tnews", [40.0], "tnews  one  seed 0: 40.00")
    assert capsys.readouterr().err == "tnews  one  seed 0: 40.00\n"
    with show_board(Progress(quiet=True), ["one"], ["tnews"], 1, 0) as board:
        board.ended("one", "tnews", [40.0], "said")
    assert capsys.readouterr().err == ""


def test_names_and_notes_are_no_markup_and_steer_nothing() -> None:
    table = LiveTable(["[/run]", "[bold]x"], ["[news]", "a\x1b[31m"], runs=2, done=0)
    table.advance(1000, "[/note]\n\x1b")
    out = io.StringIO()
    Console(file=out, width=100, force_terminal=False).print(table)
    shown = out.getvalue()
    assert all(name in shown for name in ("[/run]", "[bold]x", "[news]", "a\\x1b[31m", "[/note]\\n\\x1b"))
