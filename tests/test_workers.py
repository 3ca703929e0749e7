import fcntl
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.errors import GauptError
from gaupt.workers import Crew, default_workers, local_crew, open_crew

PARENT = """
    import fcntl, sys, time
    from gaupt.workers import worker_pool

    def hold(path):
        global held
        held = open(path, "w")
        fcntl.flock(held, fcntl.LOCK_EX)

    def work(path):
        open(path, "w").close()
        time.sleep(600)

    if __name__ == "__main__":
        with worker_pool(1, hold, (sys.argv[1],)) as pool:
            pool.submit(work, sys.argv[2]).result()
"""


def is_held(path: Path) -> bool:
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@pytest.mark.slow
def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    """Else they would go on writing into a folder that the same command continues."""
    script, held, working = tmp_path / "parent.py", tmp_path / "held", tmp_path / "working"
    script.write_text(textwrap.dedent(PARENT))
    parent = subprocess.Popen([sys.executable, script, held, working])
    while not working.exists():
        assert parent.poll() is None
        time.sleep(0.01)
    assert is_held(held)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 30
    while is_held(held) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_held(held)


class Held(Executor):
    """Finishes a task only when it is told to, and counts how many it held at most."""

    def __init__(self) -> None:
        self.unfinished: list[Future[Any]] = []
        self.most = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.unfinished.append(Future())
        self.most = max(self.most, len(self.unfinished))
        return self.unfinished[-1]

    def finish_one(self) -> None:
        self.unfinished.pop(len(self.unfinished) // 2).set_result(None)


@pytest.mark.parametrize("at_once", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 5, 6, 20])
def test_one_task_waits_beside_those_in_work_and_no_more(
    at_once: int, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor = Held()

    def finish_one_and_wait(futures: Iterable[Future[Any]], return_when: str) -> object:
        """However long the work takes, the crew waits for it: then, and only then, a task is finished."""
        executor.finish_one()
        return wait(futures, return_when=return_when)

    monkeypatch.setattr("gaupt.workers.wait", finish_one_and_wait)
    done = [task for task, _ in Crew(executor, at_once).run(str, range(count))]
    assert sorted(done) == list(range(count))
    assert executor.most == min(count, at_once + 1)


@pytest.mark.slow
@given(at_once=st.integers(1, 4), count=st.integers(0, 20))
def test_each_task_comes_once_with_its_result(at_once: int, count: int) -> None:
    with ThreadPoolExecutor(at_once) as threads:
        results = list(Crew(threads, at_once).run(lambda task: task * task, range(count)))
    assert sorted(results) == [(task, task * task) for task in range(count)]


def test_results_come_while_other_tasks_are_still_to_be_made() -> None:
    made = []

    def tasks() -> Iterator[int]:
        for task in range(5):
            made.append(task)
            yield task

    with local_crew(1) as crew:
        results = crew.run(str, tasks())
        assert made == []
        first = next(results)
        assert made == [0, 1]
        assert sorted([first, *results]) == [(task, str(task)) for task in range(5)]


def test_an_error_of_a_task_is_the_callers() -> None:
    with local_crew(1) as crew, pytest.raises(ZeroDivisionError):
        list(crew.run(lambda task: 1 // task, [1, 0]))


@pytest.mark.slow
def test_processes_do_what_one_process_does() -> None:
    with local_crew(2) as crew:
        assert sorted(crew.run(abs, [-3, -2, -1, 0])) == [(-3, 3), (-2, 2), (-1, 1), (0, 0)]


@pytest.mark.slow
def test_a_worker_that_dies_is_an_error_with_a_remedy() -> None:
    message = r"a worker process was killed.*the same command continues"
    with pytest.raises(GauptError, match=message), local_crew(2) as crew:
        list(crew.run(os._exit, [1]))


def test_an_unknown_engine_and_a_cluster_without_an_address_are_refused_at_once() -> None:
    with pytest.raises(GauptError, match="--engine spark: choose local or dask"):
        open_crew("spark", 1, None)
    with pytest.raises(GauptError, match=r"--engine dask needs .*: add --dask-address"):
        open_crew("dask", 1, None)


@pytest.mark.parametrize(("workers", "at_once"), [(1, 1), (3, 3), (None, default_workers())])
def test_a_local_crew_is_as_large_as_asked_for_or_as_there_are_cores(
    workers: int | None, at_once: int
) -> None:
    with open_crew("local", workers, None) as crew:
        assert crew.at_once == at_once
