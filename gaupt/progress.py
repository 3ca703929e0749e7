"""Live progress on stderr: a bar on a terminal, a line every few seconds elsewhere, nothing when quiet."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol, cast

from gaupt.quantities import duration
from gaupt.visible import visible

FIRST_LINE, LINE_INTERVAL = 2.0, 10.0
"""Seconds until the first line where stderr is not a terminal, and between two lines."""
_BAR, _SHORTEST_BAR = 20, 5
"""Columns of a bar."""


class Advance(Protocol):
    """Report that ``amount`` more units are done; ``note`` is a short live text such as counts."""

    def __call__(self, amount: int, note: str = "") -> None: ...


class Progress:
    """Where the stages report how far they are. One per command; nothing of the output depends on it."""

    def __init__(self, quiet: bool = False, warns: bool = True) -> None:
        self.quiet = quiet
        self.warns = warns
        """Whether warnings are printed, quiet or not: of several processes one alone tells them."""

    def message(self, text: str) -> None:
        """Print one line on stderr."""
        if not self.quiet:
            _tell(visible(text))

    def warning(self, text: str) -> None:
        """Print on stderr, quiet or not, what would be a loss to pass over."""
        if self.warns:
            _tell(f"warning: {visible(text)}")

    def nothing_to_do(self, output: Path) -> None:
        """Say that ``output`` is there already."""
        self.message(f"{output} is complete; nothing to do")

    @contextmanager
    def task(self, description: str, total: int, unit: str = "B", done: int = 0) -> Iterator[Advance]:
        """Show progress towards ``total`` units, of which an earlier call did ``done``.

        ``unit`` "B" is shown as megabytes, anything else as a count.
        """
        if self.quiet:
            yield lambda amount, note="": None
            return
        show = _bar if sys.stderr.isatty() else _lines
        with show(Task(description, total, unit, done)) as advance:
            yield advance


class _Stderr:
    """stderr; a terminal that was closed takes nothing any more, and the work goes on."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr, name)


def _tell(line: str) -> None:
    print(line, file=_Stderr(), flush=True)


@dataclass
class Task:
    """How far one task is."""

    description: str
    total: int
    unit: str
    done: int
    note: str = ""

    def __post_init__(self) -> None:
        self.description = visible(self.description)
        self.before = self.done
        self.start = self.last = time.monotonic()

    def advance(self, amount: int, note: str = "") -> None:
        """Count ``amount`` more units as done."""
        self.done += amount
        self.note = visible(note) or self.note
        self.last = time.monotonic()

    def amount(self) -> str:
        """How much is done, of how much: ``1,234/5,000 steps``, ``7.0/42.0 MB``."""
        if self.unit != "B":
            return f"{self.done:,}/{self.total:,} {self.unit}"
        size, unit = (1e9, "GB") if self.total >= 1e10 else (1e6, "MB")
        return f"{self.done / size:,.1f}/{self.total / size:,.1f} {unit}"

    def speed(self) -> str:
        """How much this call does in a second; empty while nothing is known of it, and of what is no text."""
        here = self.done - self.before
        if self.unit != "B" or here <= 0 or self.last <= self.start:
            return ""
        return f"{here / 1e6 / (self.last - self.start):,.1f} MB/s"

    def left(self) -> str:
        """The time to the end, by the pace of this call; empty while nothing is known of it."""
        here = self.done - self.before
        if here <= 0 or self.last <= self.start:
            return ""
        seconds = (self.total - self.done) * (self.last - self.start) / here
        return f"{duration(max(0.0, seconds - (time.monotonic() - self.last)))} left"

    def share(self) -> float:
        """How much of the whole is done, from 0 to 1."""
        return min(1.0, self.done / max(1, self.total))


def fit(task: Task, width: int) -> str:
    """The live line of ``task`` in at most ``width`` columns: a bar where there is room, the note cut where not."""
    from rich.cells import cell_len, set_cell_size

    said = ", ".join(part for part in (task.amount(), task.speed(), task.left(), task.note) if part)
    room = width - cell_len(task.description) - cell_len(said) - 2
    length = min(_BAR, room)
    bar = f"{'━' * round(length * task.share()):─<{length}} " if length >= _SHORTEST_BAR else ""
    line = f"{task.description} {bar}{said}"
    return line if cell_len(line) <= width else f"{set_cell_size(line, width - 1)}…"


@contextmanager
def _bar(task: Task) -> Iterator[Advance]:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(file=cast("IO[str]", _Stderr()))

    def shown() -> Text:
        return Text(fit(task, console.width), no_wrap=True)

    with Live(console=console, get_renderable=shown, refresh_per_second=5, transient=True):
        yield task.advance


@contextmanager
def _lines(task: Task) -> Iterator[Advance]:
    next_line = task.start + FIRST_LINE

    def advance(amount: int, note: str = "") -> None:
        nonlocal next_line
        task.advance(amount, note)
        if task.last >= next_line:
            next_line = task.last + LINE_INTERVAL
            parts = (f"{task.amount()} ({100 * task.share():.0f}%)", task.speed(), task.left(), task.note)
            _tell(f"{task.description} {', '.join(filter(None, parts))}")

    yield advance
