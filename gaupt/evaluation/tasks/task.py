"""What a task is: a kind, files, labels, and how its predictions are handed in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from gaupt.evaluation.tasks.rows import Row

Kind = Literal["classification", "pair", "choice", "spans", "reading"]
SplitName = Literal["train", "dev", "test"]

METRICS: Mapping[Kind, tuple[str, ...]] = {
    "classification": ("accuracy", "macro_f1"),
    "pair": ("accuracy", "macro_f1"),
    "choice": ("accuracy",),
    "spans": ("micro_span", "macro_by_string"),
    "reading": ("average", "em", "f1"),
}
"""What each kind can be judged by; the first is its custom."""
FEW_SHOT = {
    "train": (("train_few_all.json",), ("train_0.json",)),
    "dev": (("dev_few_all.json",), ("dev_0.json",)),
    "test": (("test_public.json",),),
}
"""FewCLUE's names of a split's files."""


def _plain_files() -> dict[SplitName, tuple[tuple[str, ...], ...]]:
    return {
        "train": (("train.json",), *FEW_SHOT["train"]),
        "dev": (("dev.json",), *FEW_SHOT["dev"]),
        # The test set with labels first: it is the one that can be scored.
        "test": (*FEW_SHOT["test"], ("test.json",), ("test1.1.json",), ("test1.0.json",)),
    }


@dataclass(frozen=True)
class Task:
    """A task of CLUE, of FewCLUE, or the user's own."""

    name: str
    kind: Kind
    read: Callable[[Path], Sequence[Row]]
    """One file's rows. Raises GauptError naming what is wrong, where."""
    labels: tuple[str, ...] | None = ()
    """Names of the classes or entity types, in the order of the head; None: those that train and dev have."""
    folders: tuple[str, ...] = ()
    """Other names that the task's folder goes by, in lower case."""
    files: Mapping[SplitName, tuple[tuple[str, ...], ...]] = field(default_factory=_plain_files)
    """For each split the names its files go by: alternatives, each a set of files that all are needed."""
    source: str = ""
    """Where the files come from, for whoever lacks them."""
    submission: tuple[tuple[str, str], ...] = ()
    """Test files, and the name that CLUE wants their predictions by."""
    metric: str = ""
    """The figure that tables print, one of `METRICS` of the kind; empty: its first."""
    probe_length: int = 128
    """Tokens of a text that the probe looks at."""
    description: str = ""
    root: Path | None = None
    """Folder that an own task's files stand in; None: looked for by the task's name under ``--data``."""

    @property
    def headline(self) -> str:
        """The figure that tables print."""
        return self.metric or METRICS[self.kind][0]
