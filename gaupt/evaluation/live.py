"""Where an evaluation stands: on a terminal a table that fills up, elsewhere a line every few seconds."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from gaupt.progress import Progress
from gaupt.visible import visible

UNITS_OF_A_RUN = 1000
"""A run counts so much; a fine-tuning advances by its updates."""


class Board(Protocol):
    """What hears of progress."""

    def advance(self, amount: int, note: str = "") -> None: ...

    def ended(self, model: str, task: str, scores: Sequence[float], said: str) -> None: ...


@contextmanager
def show_board(
    progress: Progress, models: Sequence[str], tasks: Sequence[str], runs: int, done: int
) -> Iterator[Board]:
    """A board for ``runs`` runs, of which an earlier call did ``done``."""
    if not progress.quiet and sys.stderr.isatty():
        with _live(models, tasks, runs, done) as board:
            yield board
        return
    total = UNITS_OF_A_RUN * runs
    with progress.task("evaluating", total=total, unit="‰ of a run", done=UNITS_OF_A_RUN * done) as advance:
        yield _Lines(progress, advance)


class _Lines:
    def __init__(self, progress: Progress, advance: Any) -> None:
        self.progress = progress
        self.advance = advance

    def ended(self, model: str, task: str, scores: Sequence[float], said: str) -> None:
        self.progress.message(said)


@contextmanager
def _live(models: Sequence[str], tasks: Sequence[str], runs: int, done: int) -> Iterator[Board]:
    from rich.console import Console
    from rich.live import Live

    table = LiveTable(models, tasks, runs, done)
    with Live(table, console=Console(stderr=True), transient=True, refresh_per_second=4):
        yield table


class LiveTable:
    """Models by tasks, the mean of what has ended in each cell, and how long the rest will take."""

    def __init__(self, models: Sequence[str], tasks: Sequence[str], runs: int, done: int) -> None:
        from rich import progress as rich_progress

        self.models, self.tasks = models, tasks
        self.scores: dict[tuple[str, str], list[float]] = {}
        self.bar = rich_progress.Progress(
            rich_progress.TextColumn("{task.fields[note]}", markup=False),
            rich_progress.BarColumn(),
            rich_progress.TaskProgressColumn(),
            rich_progress.TimeRemainingColumn(),
        )
        self.task = self.bar.add_task(
            "", total=UNITS_OF_A_RUN * runs, completed=UNITS_OF_A_RUN * done, note=f"{runs} runs"
        )

    def advance(self, amount: int, note: str = "") -> None:
        """``amount`` thousandths of a run are done."""
        self.bar.advance(self.task, amount)
        if note:
            self.bar.update(self.task, note=visible(note))

    def ended(self, model: str, task: str, scores: Sequence[float], said: str) -> None:
        """A run has ended, or was there."""
        self.scores.setdefault((model, task), []).extend(scores)

    def __rich__(self) -> Any:
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False)
        table.add_column("")
        for task in self.tasks:
            table.add_column(Text(visible(task)), justify="right")
        for model in self.models:
            table.add_row(Text(visible(model)), *(self._cell(model, task) for task in self.tasks))
        return Group(table, self.bar)

    def _cell(self, model: str, task: str) -> str:
        scores = self.scores.get((model, task))
        return "·" if scores is None else f"{sum(scores) / len(scores):.2f} ({len(scores)})"
