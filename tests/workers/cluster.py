"""A scheduler of Dask and its workers on this machine, over TCP."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gaupt.workers import Engine
from tests.processes import Program, start


@dataclass
class Cluster:
    """The processes of a cluster."""

    engine: Engine
    scheduler: Program
    folder: Path
    workers: list[Program] = field(default_factory=list)

    def add_worker(self) -> Program:
        """Start a worker; it is there when the scheduler knows it."""
        name = f"w{len(self.workers)}"
        address = self.engine.address
        assert address is not None
        options = (
            "--nthreads",
            "1",
            "--no-dashboard",
            "--no-nanny",
            "--local-directory",
            str(self.folder / name),
        )
        worker = start("-m", "dask", "worker", address, "--name", name, *options)
        self.workers.append(worker)
        worker.wait_for(lambda: "Registered to" in worker.err.read_text())
        return worker

    def kill(self, number: int) -> None:
        """End a worker as a machine ends whose power is cut."""
        self.workers[number].process.kill()
        assert self.workers[number].finish()[0] == -signal.SIGKILL


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """A cluster of so many workers, whose own files are in ``folder``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    scheduler = start("-m", "dask", "scheduler", "--host", address, "--no-dashboard", "--no-show")
    made = Cluster(Engine("dask", address), scheduler, folder)
    try:
        scheduler.wait_for(lambda: "Scheduler at" in scheduler.err.read_text())
        for _ in range(workers):
            made.add_worker()
        yield made
    finally:
        for program in (*made.workers, scheduler):
            program.process.kill()
