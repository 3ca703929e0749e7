from pathlib import Path

import pytest

from gaupt.errors import GauptError
from gaupt.progress import Progress
from gaupt.workers import LOCAL, Engine, default_workers, open_crew


@pytest.mark.parametrize(
    ("engine", "message"),
    [
        (Engine("spark"), "--engine spark: choose local or dask"),
        (Engine("dask"), r"--engine dask needs .*: add --dask-address"),
        (Engine(address="tcp://here:1"), "--dask-address is for --engine dask"),
        (Engine(job=0), "--task-index and --num-tasks belong together"),
        (Engine(jobs=3), "--task-index and --num-tasks belong together"),
        (Engine("dask", "tcp://here:1", 0, 3), "--task-index shares work without --engine"),
        (Engine(job=3, jobs=3), "--task-index 3: must be from 0 to --num-tasks - 1 = 2"),
        (Engine(job=-1, jobs=3), "--task-index -1: must be from 0"),
    ],
)
def test_what_does_not_fit_together_is_refused(engine: Engine, message: str) -> None:
    with pytest.raises(GauptError, match=message):
        engine.check()
    with pytest.raises(GauptError, match=message), open_crew(engine, 1, Path(), Progress()):
        pass


@pytest.mark.parametrize(("workers", "at_once"), [(1, 1), (3, 3), (None, default_workers())])
def test_a_local_crew_is_as_large_as_asked_for_or_as_there_are_cores(
    workers: int | None, at_once: int
) -> None:
    with open_crew(LOCAL, workers, Path(), Progress()) as crew:
        assert crew.at_once() == at_once
        assert crew.claims is None


def test_a_job_of_an_array_has_claims() -> None:
    engine = Engine(job=2, jobs=3)
    assert engine.is_shared and not LOCAL.is_shared
    with open_crew(engine, 1, Path(), Progress()) as crew:
        assert crew.claims is not None and (crew.claims.job, crew.claims.jobs) == (2, 3)


@pytest.mark.parametrize(("tasks", "at_once"), [(None, 3), (5, 3), (2, 2), (0, 1)])
def test_there_are_no_more_processes_than_tasks(tasks: int | None, at_once: int) -> None:
    with open_crew(LOCAL, 3, Path(), Progress(), tasks) as crew:
        assert crew.at_once() == at_once
