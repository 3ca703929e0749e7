"""A cluster of Dask as a crew: what is checked before it works, and what is said when it is gone."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gaupt.errors import GauptError
from gaupt.progress import Progress
from gaupt.workers import Engine, open_crew
from gaupt.workers import dask as module
from gaupt.workers.dask import dask_crew
from gaupt.workers.limit import limits
from tests.workers.cluster import Cluster, cluster

pytest.importorskip("distributed")
pytestmark = [pytest.mark.slow, pytest.mark.untraced, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster"), 2) as made:
        yield made


def crew_of(machines: Cluster, folder: Path, workers: int | None = None) -> Any:
    return open_crew(machines.engine, workers, folder, Progress())


def test_workers_are_counted_and_where_to_look_is_said(
    machines: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with crew_of(machines, tmp_path) as crew:
        assert crew.at_once() == 2
        assert sorted(crew.run(abs, range(-5, 0))) == [(n, -n) for n in range(-5, 0)]
    with crew_of(machines, tmp_path, workers=1) as crew:
        assert crew.at_once() == 1
    said = capsys.readouterr().err.splitlines()[0]
    assert said.startswith(f"{machines.engine.address}: 2 workers with 2 threads; dashboard http://")
    assert list(tmp_path.iterdir()) == []


def test_workers_that_do_not_see_the_folder_are_refused(
    machines: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # They see the disk that we see, but not what we do not write.
    monkeypatch.setattr(module, "write_bytes", lambda path, data: None)
    message = (
        rf"the worker tcp://\S+ does not see {tmp_path}; give a folder of a disk that all machines share"
    )
    with pytest.raises(GauptError, match=message), crew_of(machines, tmp_path):
        pass


def test_workers_with_another_gaupt_are_refused(
    machines: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "__version__", "9.9")
    message = r"the worker tcp://\S+ has gaupt 0\.\S+, and this is 9\.9; install one of them"
    with pytest.raises(GauptError, match=message), crew_of(machines, tmp_path):
        pass


def fail_here(task: Path) -> int:
    """Fail twice as on a machine whose disk is gone."""
    tries = len(list(task.parent.glob(f"{task.name}.*")))
    task.with_name(f"{task.name}.{tries}").touch()
    if tries < 2:
        raise OSError(5, "Input/output error", "/scratch")
    return tries


def test_a_task_whose_worker_has_lost_its_disk_is_done_again(machines: Cluster, tmp_path: Path) -> None:
    with crew_of(machines, tmp_path) as crew:
        assert list(crew.run(fail_here, [tmp_path / "a"])) == [(tmp_path / "a", 2)]
    with crew_of(machines, tmp_path) as crew, pytest.raises(OSError, match="Input/output error"):
        list(crew.run(always_fail, [1]))
    with crew_of(machines, tmp_path) as crew, pytest.raises(ZeroDivisionError):
        list(crew.run(divide, [0]))


def always_fail(task: int) -> int:
    raise OSError(5, "Input/output error", "/scratch")


def divide(task: int) -> float:
    return 1 / task


def die_twice(task: Path) -> int:
    """Kill the worker that does it, twice."""
    tries = len(list(task.parent.glob(f"{task.name}.*")))
    task.with_name(f"{task.name}.{tries}").touch()
    if tries < 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return tries


def test_a_task_of_which_workers_die_is_done_by_others(tmp_path: Path) -> None:
    with cluster(tmp_path / "own", 3) as machines, crew_of(machines, tmp_path) as crew:
        assert list(crew.run(die_twice, [tmp_path / "a"])) == [(tmp_path / "a", 2)]


def hang_twice(task: Path) -> int:
    """Take too long, twice; no signal of Python's reaches a thread of a worker."""
    tries = len(list(task.parent.glob(f"{task.name}.*")))
    task.with_name(f"{task.name}.{tries}").touch()
    with limits() as limit, limit(0.2):
        while tries < 2:
            pass
    return tries


def test_a_task_of_which_a_part_takes_too_long_ends_its_worker(tmp_path: Path) -> None:
    with cluster(tmp_path / "own", 3) as machines, crew_of(machines, tmp_path) as crew:
        assert list(crew.run(hang_twice, [tmp_path / "a"])) == [(tmp_path / "a", 2)]


def wait(task: float) -> None:
    time.sleep(task)


def test_a_lost_scheduler_is_one_line(tmp_path: Path) -> None:
    with cluster(tmp_path / "own", 1) as machines:
        timer = threading.Timer(1.0, machines.scheduler.process.kill)
        message = (
            r"the dask scheduler at tcp://\S+ is gone; start it and its workers again, and the same command"
        )
        with pytest.raises(GauptError, match=message), crew_of(machines, tmp_path) as crew:
            timer.start()
            list(crew.run(wait, [60.0]))


def test_a_scheduler_without_workers_and_none_at_all_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = "has no workers; start some with dask worker"
    with (
        cluster(tmp_path / "own", 0) as machines,
        pytest.raises(GauptError, match=message),
        crew_of(machines, tmp_path),
    ):
        pass
    monkeypatch.setattr(module, "TIMEOUT", 0.2)
    with (
        pytest.raises(GauptError, match=r"no dask scheduler answers at tcp://127\.0\.0\.1:1"),
        dask_crew("tcp://127.0.0.1:1", None, tmp_path, Progress()),
    ):
        pass
    assert Engine("dask", "tcp://a:1").address == "tcp://a:1"
