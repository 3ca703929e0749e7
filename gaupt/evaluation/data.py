"""A task's rows in memory: what is learned from, what the epoch is chosen on, what is scored."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gaupt.config import EvaluateConfig
from gaupt.errors import GauptError
from gaupt.evaluation.tasks.locate import TaskFiles, locate, read_rows
from gaupt.evaluation.tasks.rows import Labelled, Row, answered, first_repeated
from gaupt.evaluation.tasks.task import Task


@dataclass(frozen=True)
class TaskData:
    """The rows of one task that have answers."""

    task: Task
    files: TaskFiles
    labels: tuple[str, ...]
    train: Sequence[Row]
    dev: Sequence[Row]
    test: Sequence[Row]
    """Empty where the test set has no answers: then dev is scored."""

    @property
    def scored(self) -> Sequence[Row]:
        """The rows that scores are over."""
        return self.test or self.dev

    @property
    def scored_on(self) -> str:
        """The name of the split that is scored."""
        return "test" if self.test else "dev"


def read_task(task: Task, data: Path, config: EvaluateConfig) -> TaskData:
    """Find and read the files of ``task`` under ``data``.

    Raises:
        GauptError: a file is missing or wrong, or train or dev has no answers.
    """
    settings = config.of_task(task.name)
    files = locate(task, data, settings.train_files)
    splits = {}
    for name, paths in (("train", files.train), ("dev", files.dev), ("test", files.test)):
        # A row keeps its place in the file as its id, whatever is left out before it.
        rows = [
            replace(row, id=str(place)) if row.id is None else row
            for place, row in enumerate(read_rows(task, paths))
        ]
        scored = task.kind == "reading" and name != "train"
        repeated = first_repeated(row.id for row in rows) if scored else None
        if repeated is not None:
            raise GauptError(
                f"{task.name}: question id {repeated!r} occurs more than once in {', '.join(map(str, paths))}"
            )
        splits[name] = [row for row in rows if answered(row)]
        if name != "test" and not splits[name]:
            shown = ", ".join(map(str, paths))
            raise GauptError(f"{task.name}: {shown} has no row with an answer; {name} needs labels")
    train = splits["train"]
    if 0 < settings.train_rows < len(train):
        chosen = np.random.default_rng(0).permutation(len(train))[: settings.train_rows]
        train = [train[place] for place in sorted(chosen)]
    labels = task.labels
    if labels is None:
        found = {row.label for split in splits.values() for row in split if isinstance(row, Labelled)}
        labels = tuple(sorted(label for label in found if label is not None))
    return TaskData(task, files, labels, train, splits["dev"], splits["test"])
