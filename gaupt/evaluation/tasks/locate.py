"""Where a task's files are: the folder and file names in use since CLUE 1.0."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gaupt.errors import GauptError
from gaupt.evaluation.tasks.rows import Row
from gaupt.evaluation.tasks.task import FEW_SHOT, SplitName, Task


@dataclass(frozen=True)
class TaskFiles:
    """The files of a task that are there."""

    folder: Path
    train: tuple[Path, ...]
    dev: tuple[Path, ...]
    test: tuple[Path, ...]
    """Empty where there is none; it may come without answers."""

    @property
    def few_shot(self) -> bool:
        """Whether these are FewCLUE's: the same tasks with fewer rows and other test sets."""
        return any((self.folder / name).is_file() for names in FEW_SHOT.values() for (name,) in names)


def locate(task: Task, data: Path, train_files: Sequence[str] = ()) -> TaskFiles:
    """Find the files of ``task`` under ``data``: in the folder of the task's name, or in ``data`` itself.

    ``train_files``, relative to ``data``, are taken in place of the task's own.

    Raises:
        GauptError: the folder, train or dev is missing; the message says where they come from.
    """
    if task.root is None and not data.is_dir():
        raise GauptError(f"{data} is no folder; --data takes the folder that holds the tasks' folders")
    folder = task.root or _folder(task, data)
    if train_files:
        train = tuple(data / name for name in train_files)
        for path in train:
            if not path.is_file():
                raise GauptError(f"{path} does not exist (evaluate.tasks.{task.name}.train_files)")
    else:
        train = _split(task, folder, "train")
    dev = _split(task, folder, "dev")
    if not train or not dev:
        lacking: SplitName = "dev" if train else "train"
        names = " or ".join(" and ".join(files) for files in task.files[lacking])
        raise GauptError(
            f"{task.name}: no {names} in {folder}; get it from {task.source} and put it there"
            + ("" if train else f", or name others by --set evaluate.tasks.{task.name}.train_files=[…]")
        )
    return TaskFiles(folder, train, dev, _split(task, folder, "test"))


def read_rows(task: Task, files: Sequence[Path]) -> list[Row]:
    """All rows of ``files``, one after the other. Raises as the task's reader."""
    return [row for path in files for row in task.read(path)]


def _folder(task: Task, data: Path) -> Path:
    names = {task.name, *task.folders}
    names |= {f"{name}_public" for name in names}
    folders = [entry for entry in sorted(data.iterdir()) if entry.is_dir() and entry.name.lower() in names]
    # An empty one does not hide the one with the files.
    for folder in (*(each for each in folders if _split(task, each, "dev")), *folders):
        return folder
    if _split(task, data, "dev"):
        return data
    raise GauptError(
        f"{task.name}: no folder {task.name}/ in {data}; get it from {task.source} "
        f"and unpack it to {data / task.name}"
    )


def _split(task: Task, folder: Path, split: SplitName) -> tuple[Path, ...]:
    for names in task.files[split]:
        paths = tuple(folder / name for name in names)
        if all(path.is_file() for path in paths):
            return paths
    return ()
