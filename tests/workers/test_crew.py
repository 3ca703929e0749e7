import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.errors import GauptError
from gaupt.files import read_json
from gaupt.workers import Crew, local_crew
from gaupt.workers import crew as crew_module
from gaupt.workers.claims import Claims, open_claims
from gaupt.workers.crew import DEATHS


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

    monkeypatch.setattr("gaupt.workers.crew.wait", finish_one_and_wait)
    done = [task for task, _ in Crew(executor, lambda: at_once, lambda error: False).run(str, range(count))]
    assert sorted(done) == list(range(count))
    assert executor.most == min(count, at_once + 1)


@pytest.mark.slow
@given(at_once=st.integers(1, 4), count=st.integers(0, 20))
def test_each_task_comes_once_with_its_result(at_once: int, count: int) -> None:
    with ThreadPoolExecutor(at_once) as threads:
        results = list(
            Crew(threads, lambda: at_once, lambda error: False).run(lambda task: task * task, range(count))
        )
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


def die_at_first(task: tuple[Path, int]) -> int:
    """Kill the process that does it, as often as the task says; then give how often that was."""
    path, times = task
    if (deaths := len(path.read_bytes()) if path.exists() else 0) < times:
        path.write_bytes(b"x" * (deaths + 1))
        os.kill(os.getpid(), signal.SIGKILL)
    return deaths


@pytest.mark.slow
@pytest.mark.parametrize("place", [0, 3, 6])
def test_a_worker_that_dies_is_replaced_and_its_tasks_are_done(place: int, tmp_path: Path) -> None:
    tasks = [(tmp_path / str(n), 2 if n == place else 0) for n in range(7)]
    with local_crew(2) as crew:
        results = dict(crew.run(die_at_first, tasks))
    assert results == {task: task[1] for task in tasks}


@pytest.mark.slow
def test_a_task_of_which_workers_always_die_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew_module, "DEATHS", 2)
    message = r"a worker process was killed, again and again.*the same command continues"
    with pytest.raises(GauptError, match=message), local_crew(2) as crew:
        list(crew.run(die_at_first, [(tmp_path / "a", 9)]))
    assert len((tmp_path / "a").read_bytes()) == 1 + 2  # in company, then alone
    assert DEATHS == 10


@pytest.mark.slow
def test_workers_are_replaced_after_the_last_task_too(tmp_path: Path) -> None:
    with local_crew(2) as crew:
        assert list(crew.run(die_at_first, [(tmp_path / "a", 1)])) == [((tmp_path / "a", 1), 1)]
        assert list(crew.run(abs, [-1])) == [(-1, 1)]


def named(*tasks: int) -> Callable[[], list[tuple[str, int]]]:
    return lambda: [(f"t{task}", task) for task in tasks]


def test_a_task_is_done_once_and_its_result_is_kept(tmp_path: Path) -> None:
    folder, calls = tmp_path / "a" / "b", []

    def square(task: int) -> dict[str, int]:
        calls.append(task)
        return {"square": task * task}

    with local_crew(1) as crew:
        first = dict(crew.do_once(folder, square, named(1, 2)))
        assert first == {"t1": {"square": 1}, "t2": {"square": 4}}
        assert read_json(folder / "t2.json") == {"square": 4}
        (folder / "t1.json").unlink()
        (folder / ".t1.json.tmp").touch()  # of a process that was killed
        assert dict(crew.do_once(folder, square, named(1, 2, 3))) == first | {"t3": {"square": 9}}
    assert calls == [1, 2, 1, 3]


def test_what_was_done_before_a_failure_is_not_done_again(tmp_path: Path) -> None:
    with local_crew(1) as crew:
        with pytest.raises(ZeroDivisionError):
            list(crew.do_once(tmp_path, lambda task: 1 // task, named(1, 0, 2)))
        assert dict(crew.do_once(tmp_path, lambda task: -task, named(1, 0, 2))) == {
            "t1": 1,
            "t0": 0,
            "t2": -2,
        }


def job(number: int, jobs: int, crew: Crew) -> Crew:
    return replace(crew, claims=Claims(number, jobs))


def test_a_job_does_its_own_share_first_and_then_what_nobody_else_does(tmp_path: Path) -> None:
    done = list[int]()
    with local_crew(1) as crew:
        for _ in job(1, 3, crew).do_once(tmp_path, done.append, named(*range(7))):
            pass
    assert done == [1, 4, 0, 2, 3, 5, 6]
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"t{n}.json" for n in range(7)]


def test_a_job_waits_for_what_another_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other, waited = Claims(0, 2), list[float]()
    assert other.take(tmp_path / "t2")

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            (tmp_path / "t2.json").write_text('"by the other"')
            other.release(tmp_path / "t2")

    monkeypatch.setattr(crew_module.time, "sleep", sleep)
    with local_crew(1) as crew:
        results = list(job(1, 2, crew).do_once(tmp_path, abs, named(1, 2, 3)))
    assert results[-1] == ("t2", "by the other")
    assert sorted(results) == [("t1", 1), ("t2", "by the other"), ("t3", 3)]
    assert waited == [crew_module.POLL] * 3


def test_what_another_has_done_since_we_looked_is_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew_module, "_results", lambda folder: set())
    (tmp_path / "t1.json").write_text("7")
    with local_crew(1) as crew:
        assert list(job(0, 1, crew).do_once(tmp_path, abs, named(1))) == [("t1", 7)]
    assert not list(tmp_path.glob("*.claim"))


def test_a_job_does_what_a_dead_one_has_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("gaupt.workers.claims.time.monotonic", lambda: now[0])
    monkeypatch.setattr(crew_module.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + 20))
    Claims(0, 2).take(tmp_path / "t0")
    with local_crew(1) as crew:
        assert list(job(1, 2, crew).do_once(tmp_path, abs, named(0))) == [("t0", 0)]
    assert now[0] == 80  # a lease is 60 s


def test_progress_tells_what_is_done_and_by_whom() -> None:
    with ThreadPoolExecutor(1) as threads:
        one, three = (Crew(threads, lambda n=n: n, lambda error: False) for n in (1, 3))  # type: ignore[misc]
        assert one.told_by(1) == "1 task done, 1 worker"
        assert three.told_by(1200) == "1,200 tasks done, 3 workers"
        assert job(2, 4, three).told_by(0) == "0 tasks done, job 2 of 4"


def test_one_job_does_what_is_for_one_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result, calls = tmp_path / "result", list[str]()

    def act() -> None:
        calls.append("act")
        result.write_text("done")

    with local_crew(1) as crew:
        crew.alone(result, act)
        crew.alone(result, act)
        job(0, 2, crew).alone(result, act)
        assert calls == ["act"]
        result.unlink()
        other = Claims(0, 2)
        other.take(result)
        monkeypatch.setattr(crew_module.time, "sleep", lambda seconds: result.write_text("by the other"))
        job(1, 2, crew).alone(result, act)
        assert calls == ["act"]
        result.unlink()
        other.release(result)
        job(1, 2, crew).alone(result, act)
    assert calls == ["act", "act"]
    assert [path.name for path in tmp_path.iterdir()] == ["result"]


@pytest.mark.slow
def test_jobs_side_by_side_do_each_task_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew_module, "POLL", 0.01)
    calls = list[int]()

    def run(number: int) -> dict[str, Any]:
        with open_claims(number, 3) as claims, local_crew(1) as crew:
            shared = replace(crew, claims=claims)
            return dict(shared.do_once(tmp_path, lambda task: calls.append(task) or task, named(*range(30))))

    with ThreadPoolExecutor(3) as jobs:
        results = list(jobs.map(run, range(3)))
    assert results == [{f"t{n}": n for n in range(30)}] * 3
    assert sorted(calls) == list(range(30))
