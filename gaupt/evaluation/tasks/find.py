"""Tasks by what a user calls them: a name, a group, or the TOML file of an own one."""

import difflib
from collections.abc import Sequence
from pathlib import Path

from gaupt.errors import GauptError
from gaupt.evaluation.tasks.own import read_own_task
from gaupt.evaluation.tasks.registry import GROUPS, TASKS
from gaupt.evaluation.tasks.task import Task


def find_task(name: str) -> Task:
    """The task called ``name``, or described by the TOML file at ``name``.

    Raises:
        GauptError: there is none of that name; the message names the nearest.
    """
    if name.endswith(".toml"):
        return read_own_task(Path(name))
    wanted = name.lower()
    for task in TASKS.values():
        if wanted in (task.name, *task.folders):
            return task
    if wanted in GROUPS:
        raise GauptError(f"{name} is a group; name one of its tasks: {', '.join(GROUPS[wanted])}")
    if Path(name).exists():
        raise GauptError(
            f"{name} is a {'folder' if Path(name).is_dir() else 'file'}, not a task; "
            f"name a task ({', '.join(list(TASKS)[:3])}, …) or the .toml file of one of your own"
        )
    near = difflib.get_close_matches(wanted, [*TASKS, *GROUPS], n=1)
    hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(TASKS)}"
    raise GauptError(f"no task named {name!r} ({hint}; a task of your own is a .toml file)")


def find_tasks(names: Sequence[str]) -> list[Task]:
    """The tasks that names and groups stand for, each once. Raises as `find_task`."""
    tasks: dict[str, Task] = {}
    for name in names:
        for member in GROUPS.get(name.lower(), (name,)):
            task = find_task(member)
            if tasks.setdefault(task.name, task) is not task:
                raise GauptError(
                    f'two tasks are called {task.name!r}; give the .toml file of one another name = "…"'
                )
    return list(tasks.values())
