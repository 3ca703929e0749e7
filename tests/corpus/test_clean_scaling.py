"""The same bytes from one process, from jobs that share a folder, and from a cluster that loses a worker."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gaupt.config import Config
from gaupt.corpus import clean as pipeline
from gaupt.errors import GauptError
from gaupt.stage import Locked
from gaupt.workers import Crew

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pipeline, "part_bytes", lambda files: 100_000)
    path = tmp_path / "a.jsonl"
    with path.open("w") as file:
        for n in range(6000):
            place = chr(0x4E00 + n % 3000)
            text = f"第{n}号仓库今天收到{n * n % 9973}箱货物，其中{n * 31 % 997}箱来自{place}地，按规定登记。"
            file.write(json.dumps({"text": text * (1 + n % 5)}, ensure_ascii=False) + "\n")
    return path


def assert_same(first: Path, second: Path) -> None:
    names = sorted(p.name for p in first.glob("d*.zst"))
    assert names and names == sorted(p.name for p in second.glob("d*.zst"))
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes()


@pytest.mark.untraced
@pytest.mark.slow
def test_shares_of_an_array_make_the_same(source: Path, tmp_path: Path) -> None:
    clean, share = pipeline.clean, pipeline.clean_share
    clean([source], tmp_path / "one", Config(), workers=1)
    for task in (2, 0):
        share([source], tmp_path / "three", Config(), task, 3, workers=1)
    done = len(list((tmp_path / "three" / "work").glob("0*.json")))
    share([source], tmp_path / "three", Config(), 1, 3, workers=1)
    assert len(list((tmp_path / "three" / "work").glob("0*.json"))) > done
    clean([source], tmp_path / "three", Config(), workers=1)
    assert_same(tmp_path / "one", tmp_path / "three")
    share([source], tmp_path / "three", Config(), 1, 3, workers=1)  # complete: does nothing
    with pytest.raises(GauptError, match="must be from 0"):
        share([source], tmp_path / "new", Config(), 3, 3)


@pytest.mark.slow
def test_a_running_task_is_not_disturbed(source: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    pipeline.clean_share([source], output, Config(), 0, 2, workers=1)
    with pipeline._task_lock(output / "work", 0), pytest.raises(GauptError, match="task 0 is running"):
        pipeline.clean([source], output, Config(), workers=1)


@pytest.mark.slow
def test_a_share_waits_for_a_folder_that_another_job_opens(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = iter([Locked("one"), Locked("two")])
    real, waited = pipeline.open_stage, []

    def busy(*arguments: object):  # type: ignore[no-untyped-def]
        for error in opened:
            raise error
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "open_stage", busy)
    monkeypatch.setattr(pipeline.time, "sleep", waited.append)
    pipeline.clean_share([source], tmp_path / "out", Config(), 0, 2, workers=1)
    assert len(waited) == 2 and list((tmp_path / "out" / "work").glob("0*.json"))


def test_the_words_of_a_message_do_not_decide_whether_a_share_waits(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "this folder is being written"  # words of the message for a locked folder
    output.mkdir()
    (output / "notes.txt").write_text("somebody else's")
    waited: list[float] = []
    monkeypatch.setattr(pipeline.time, "sleep", waited.append)
    with pytest.raises(GauptError, match="did not write"):
        pipeline.clean_share([source], output, Config(), 0, 2, workers=1)
    assert waited == []


@pytest.mark.untraced
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_loses_a_worker_makes_the_same(source: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    pipeline.clean([source], tmp_path / "one", Config(), workers=1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__DASHBOARD__LINK": ""}
    dask = [sys.executable, "-m", "dask"]
    options = {
        "env": environment,
        "cwd": tmp_path,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
    }
    scheduler = [*dask, "scheduler", "--host", address, "--no-dashboard", "--no-show"]
    worker = [*dask, "worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny"]
    processes = [subprocess.Popen(scheduler, **options)]  # type: ignore[call-overload]
    try:
        processes += [subprocess.Popen(worker, **options) for _ in range(2)]  # type: ignore[call-overload]
        victim = processes[1]
        real = Crew.run
        killed = []

        def run(crew, function, tasks):  # type: ignore[no-untyped-def]
            for result in real(crew, function, tasks):
                if not killed:
                    # In mid-task: the second worker, and as likely the first, has work at every moment now.
                    victim.send_signal(signal.SIGKILL)
                    killed.append(time.time())
                yield result

        patch = pytest.MonkeyPatch()
        patch.setattr(Crew, "run", run)
        for _ in range(60):
            try:
                pipeline.clean([source], tmp_path / "two", Config(), engine="dask", address=address)
                break
            except GauptError as error:
                assert "no workers" in str(error) or "answers" in str(error), error
                time.sleep(0.5)
        patch.undo()
        assert killed
        assert victim.wait(10) == -signal.SIGKILL
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert_same(tmp_path / "one", tmp_path / "two")


def test_a_missing_cluster_is_one_line(source: Path, tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="add --dask-address"):
        pipeline.clean([source], tmp_path / "out", Config(), engine="dask")
