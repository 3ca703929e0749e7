"""Who does the tasks of a stage, and how they are done once each, whoever dies meanwhile."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from gaupt.errors import GauptError
from gaupt.files import make_folder, read_json, write_json
from gaupt.progress import Progress
from gaupt.workers.claims import Claims
from gaupt.workers.garbage import seldom_collecting
from gaupt.workers.pool import worker_pool

Task = TypeVar("Task")
Result = TypeVar("Result")

POLL = 1.0
"""Seconds between two looks at what the other jobs of an array have done."""
DEATHS = 10
"""How often workers may die of one task before it is given up."""
_RECORD = ".json"


@dataclass(frozen=True)
class Crew:
    """An executor, and what is to be known of it."""

    executor: Executor
    at_once: Callable[[], int]
    """How many tasks it does at once now."""
    is_death: Callable[[Exception], bool]
    """Whether an error says that it was the worker that failed, so that the task is to be done again."""
    told: Callable[[Exception], Exception] = lambda error: error
    """What to raise for any other error."""
    progress: Progress = field(default_factory=lambda: Progress(quiet=True))
    claims: Claims | None = None
    """What tells the jobs of an array who does what; None: there is nobody else."""

    def told_by(self, tasks: int) -> str:
        """What progress says of the work: how many ``tasks`` are done, and who does them."""
        who = f"{self.at_once():,} {'worker' if self.at_once() == 1 else 'workers'}"
        if self.claims is not None:
            who = f"job {self.claims.job} of {self.claims.jobs}"
        return f"{tasks:,} {'task' if tasks == 1 else 'tasks'} done, {who}"

    def run(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[tuple[Task, Result]]:
        """Each task with its result, as they finish; at most one waits beside those in work, so that memory stays flat.

        Tasks whose worker died are done again, one at a time, so that it comes out which of them it died of.

        Raises:
            GauptError: `DEATHS` worker processes died of the same task.
        """
        function = partial(_work, function)
        running: dict[Future[Result], Task] = {}
        suspects = deque[tuple[Task, Exception]]()
        for task in tasks:
            running[self.executor.submit(function, task)] = task
            if len(running) > self.at_once():
                yield from self._finished(running, suspects)
            if suspects:
                yield from self._one_at_a_time(function, running, suspects)
        while running:
            yield from self._finished(running, suspects)
        yield from self._one_at_a_time(function, running, suspects)

    def _one_at_a_time(
        self,
        function: Callable[[Task], Result],
        running: dict[Future[Result], Task],
        suspects: deque[tuple[Task, Exception]],
    ) -> Iterator[tuple[Task, Result]]:
        while running:
            yield from self._finished(running, suspects)
        while suspects:
            task, error = suspects.popleft()
            left = len(suspects)
            for _ in range(DEATHS):
                running[self.executor.submit(function, task)] = task
                yield from self._finished(running, suspects)
                if len(suspects) == left:
                    break
                _, error = suspects.pop()
            else:
                if isinstance(error, OSError):
                    raise error
                raise GauptError(
                    "a worker process was killed, again and again, perhaps for lack of memory; the same command "
                    "continues (with fewer --workers it needs less memory)"
                )

    def _finished(
        self, running: dict[Future[Result], Task], suspects: deque[tuple[Task, Exception]]
    ) -> Iterator[tuple[Task, Result]]:
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            task = running.pop(future)
            try:
                result = future.result()
            except (Exception, CancelledError) as error:
                if not self.is_death(error):
                    raise self.told(error) from error
                suspects.append((task, error))
            else:
                yield task, result

    def do_once(
        self, folder: Path, function: Callable[[Task], Any], tasks: Callable[[], Iterable[tuple[str, Task]]]
    ) -> Iterator[tuple[str, Any]]:
        """The result of each of the named ``tasks``, in any order; those that were done before are not done again.

        A result is a JSON value, kept in ``folder`` under the task's name. The jobs of an array share the tasks: each
        begins with its own, then does what no other has begun, and waits for the rest; ``tasks`` is called for each.

        Raises:
            GauptError: as `run`.
        """
        make_folder(folder)
        claims, told, known = self.claims, set[str](), deque[str]()
        own_share = claims is not None
        while True:
            done, left = _results(folder), list[str]()

            def waiting(
                done: set[str] = done, left: list[str] = left, own_share: bool = own_share
            ) -> Iterator[tuple[str, Task]]:
                for number, (name, task) in enumerate(tasks()):
                    if name in told:
                        continue
                    if name in done:
                        known.append(name)
                    elif claims is None:
                        yield name, task
                    elif (own_share and not claims.is_mine(number)) or not claims.take(folder / name):
                        left.append(name)
                    elif (folder / (name + _RECORD)).exists():  # since we looked
                        claims.release(folder / name)
                        known.append(name)
                    else:
                        yield name, task

            for (name, _), result in self.run(partial(_do, folder, function), waiting()):
                if claims is not None:
                    claims.release(folder / name)
                told.add(name)
                yield name, result
                yield from _known(folder, known, told)
            yield from _known(folder, known, told)
            if claims is None or not left:
                return
            if own_share:
                own_share = False
                continue
            while left and not any(claims.is_stale(folder / name) for name in left):
                time.sleep(POLL)
                done = _results(folder)
                yield from _known(folder, deque(name for name in left if name in done), told)
                left = [name for name in left if name not in done]

    def alone(self, result: Path, act: Callable[[], None]) -> None:
        """Have ``act`` write ``result`` here, unless it is there; of the jobs of an array one does, the others wait."""
        while not result.exists():
            if self.claims is None:
                act()
            elif self.claims.take(result):
                if not result.exists():  # since we looked
                    act()
                self.claims.release(result)
            else:
                time.sleep(POLL)


def _work(function: Callable[[Task], Result], task: Task) -> Result:
    with seldom_collecting:
        return function(task)


def _do(folder: Path, function: Callable[[Task], Any], named: tuple[str, Task]) -> Any:
    name, task = named
    result = function(task)
    write_json(folder / (name + _RECORD), result)
    return result


def _results(folder: Path) -> set[str]:
    return {entry.stem for entry in folder.glob(f"*{_RECORD}")}


def _known(folder: Path, names: deque[str], told: set[str]) -> Iterator[tuple[str, Any]]:
    """What was done before of ``names``, which are ``told`` then."""
    while names:
        name = names.popleft()
        told.add(name)
        yield name, read_json(folder / (name + _RECORD))


@contextmanager
def local_crew(workers: int) -> Iterator[Crew]:
    """A crew of ``workers`` processes of this machine; with one, the work is done in this process."""
    if workers == 1:
        yield Crew(_ThisProcess(), lambda: 1, _is_death)
        return
    with _Processes(workers) as processes:
        yield Crew(processes, lambda: workers, _is_death)


def _is_death(error: Exception) -> bool:
    return isinstance(error, BrokenProcessPool)


class _ThisProcess(Executor):
    """Runs each task when it is submitted."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class _Processes(Executor):
    """A pool of processes, and another where one of them has died, which is the end of a pool."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pools = ExitStack()
        self._pool = self._pools.enter_context(worker_pool(workers))

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        try:
            return self._pool.submit(fn, *args, **kwargs)
        except BrokenProcessPool:
            self._pools.close()
            self._pool = self._pools.enter_context(worker_pool(self._workers))
            return self._pool.submit(fn, *args, **kwargs)

    def __exit__(self, *error: Any) -> bool | None:
        return self._pools.__exit__(*error)
