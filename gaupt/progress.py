"""Live progress on stderr: a bar on a terminal, a line every few seconds elsewhere, nothing when quiet."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

LINE_INTERVAL = 10.0
"""Seconds between two lines where stderr is not a terminal."""


class Advance(Protocol):
    """Report that ``amount`` more units are done; ``note`` is a short live text such as counts."""

    def __call__(self, amount: int, note: str = "") -> None: ...


class Progress:
    """Where the stages report how far they are. One per command; nothing of the output depends on it."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet

    def message(self, text: str) -> None:
        """Print one line on stderr."""
        if not self.quiet:
            print(text, file=sys.stderr, flush=True)

    def nothing_to_do(self, output: Path) -> None:
        """Say that ``output`` is there already."""
        self.message(f"{output} is complete; nothing to do")

    @contextmanager
    def task(self, description: str, total: int, unit: str = "B", done: int = 0) -> Iterator[Advance]:
        """Show progress towards ``total`` units, of which an earlier call did ``done``.

        ``unit`` "B" is shown as bytes, anything else as a count.
        """
        if self.quiet:
            yield lambda amount, note="": None
        elif sys.stderr.isatty():
            with _bar(description, total, unit, done) as advance:
                yield advance
        else:
            with _lines(description, total, unit, done) as advance:
                yield advance


@contextmanager
def _bar(description: str, total: int, unit: str, done: int) -> Iterator[Advance]:
    from rich import progress as rich_progress
    from rich.console import Console

    amount_columns: list[rich_progress.ProgressColumn] = (
        [
            rich_progress.TaskProgressColumn(),
            rich_progress.DownloadColumn(),
            rich_progress.TransferSpeedColumn(),
        ]
        if unit == "B"
        # Text does not wrap, so on a narrow terminal the bar gives way.
        else [rich_progress.TextColumn("{task.completed:.0f}/{task.total:.0f}")]
    )
    with rich_progress.Progress(
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        *amount_columns,
        rich_progress.TimeRemainingColumn(),
        rich_progress.TextColumn("{task.fields[note]}"),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(description, total=total, completed=done, note="")

        def advance(amount: int, note: str = "") -> None:
            bar.advance(task, amount)
            if note:
                bar.update(task, note=note)

        yield advance


@contextmanager
def _lines(description: str, total: int, unit: str, done: int) -> Iterator[Advance]:
    before, start = done, time.monotonic()
    last = start

    def advance(amount: int, note: str = "") -> None:
        nonlocal done, last
        done += amount
        now = time.monotonic()
        if now - last >= LINE_INTERVAL:
            last = now
            rate = (done - before) / (now - start)
            shown = f"{rate / 1e6:.1f} MB/s" if unit == "B" else f"{rate:,.1f} {unit}/s"
            left = (total - done) / rate if rate else 0.0
            share = 100 * done / max(total, 1)
            print(
                f"{description} {share:.0f}% {shown} {left:.0f}s left {note}".rstrip(),
                file=sys.stderr,
                flush=True,
            )

    yield advance


def duration(seconds: float) -> str:
    """A time for people, two digits of it: ``40 seconds``, ``12 minutes``, ``3.5 days``."""
    for unit, size in (("second", 1.0), ("minute", 60.0), ("hour", 3600.0), ("day", 86400.0)):
        count = seconds / size
        if unit == "day" or round(count) < {"second": 90, "minute": 90, "hour": 36}[unit]:
            break
    shown = (
        f"{count:.1f}".removesuffix(".0") if 0.95 <= count < 9.95 and unit != "second" else f"{count:,.0f}"
    )
    return f"{shown} {unit}{'' if shown == '1' else 's'}"
