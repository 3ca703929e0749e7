"""`gaupt prepare` on a cluster of Dask on this machine beside one call without: CPU seconds, and bytes.

    python benchmarks/engines.py ../shared/corpus --workers 1 2
    python benchmarks/engines.py ../shared/corpus --workers 2 --kill     # one worker in each kind of task

The scheduler and the workers talk over TCP. What they take before the work begins (imports) is told apart. Killed
workers are replaced, and what they had taken until then is counted.
"""

import argparse
import contextlib
import hashlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

PHASES = (
    "clean/work/parts",
    "clean/work/keys",
    "clean/work/exact",
    "clean/work/bands",
    "clean/work/pairs",
    "clean/work/candidates",
    "clean/work/similar",
    "clean/work/near",
    "clean/work/ids",
    "clean/work/outputs",
    "tokenizer/work/characters",
    "tokenizer/work/sample",
    "shards/work/sizes",
    "shards/work/parts",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--kill", action="store_true", help="kill a worker in each kind of task")
    parser.add_argument("--vocab-size", type=int, default=12_000)
    arguments = parser.parse_args()
    command = [sys.executable, "-m", "gaupt", "prepare", str(arguments.folder), "-q"]
    command += ["--vocab-size", str(arguments.vocab_size), "-o"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        start, before = time.perf_counter(), own_cpu()
        subprocess.run([*command, folder / "local"], check=True)
        local, expected = own_cpu() - before, digests(folder / "local")
        print(f"local: {local:.1f} CPU s, {time.perf_counter() - start:.1f} s", flush=True)
        for workers in arguments.workers:
            output = folder / f"dask-{workers}"
            with Cluster(folder / "scratch", workers) as cluster:
                idle = cluster.cpu()
                start, before = time.perf_counter(), own_cpu()
                with cluster.killer(output) if arguments.kill else contextlib.nullcontext([]) as killed:
                    options = ["--engine", "dask", "--dask-address", cluster.address]
                    subprocess.run([*command, output, *options], check=True)
                taken = own_cpu() - before + cluster.cpu() - idle
            print(
                f"dask, {workers} workers: {taken:.1f} CPU s ({taken / local:.2f} times; before the work {idle:.1f}), "
                f"{time.perf_counter() - start:.1f} s, bytes {'equal' if digests(output) == expected else 'DIFFERENT'}"
                + (f"; killed a worker in: {', '.join(killed)}" if killed else ""),
                flush=True,
            )


def own_cpu() -> float:
    """Of children that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def digests(folder: Path) -> dict[str, str]:
    """The content of all files, but for times."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != ".lock":
            data = path.read_bytes()
            if path.name == "report.json":
                data = json.dumps(timeless(json.loads(data))).encode()
            found[str(path.relative_to(folder))] = hashlib.sha256(data).hexdigest()
    return found


def timeless(value: Any) -> Any:
    return {k: timeless(v) for k, v in value.items() if k != "seconds"} if isinstance(value, dict) else value


class Cluster:
    """A scheduler and its workers, each a process of one thread."""

    def __init__(self, scratch: Path, workers: int) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        self._scratch, self._count, self._ended = scratch, 0, 0.0
        self._dask = [sys.executable, "-m", "dask"]
        self._processes = [self._start("scheduler", "--host", self.address, "--no-show")]
        for _ in range(workers):
            self.add()

    def _start(self, *options: str) -> psutil.Popen:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return psutil.Popen([*self._dask, *options, "--no-dashboard"], **quiet)

    def add(self) -> None:
        self._count += 1
        place = str(self._scratch / str(self._count))
        options = ("--nthreads", "1", "--no-nanny", "--local-directory", place)
        self._processes.append(self._start("worker", self.address, *options))

    def __enter__(self) -> "Cluster":
        import distributed

        with distributed.Client(self.address, timeout=60) as client:
            client.wait_for_workers(len(self._processes) - 1, timeout=60)
        return self

    def __exit__(self, *error: object) -> None:
        for process in self._processes:
            process.kill()
            process.wait()

    def cpu(self) -> float:
        """Seconds that its processes have taken so far, those that were killed included."""
        return self._ended + sum(sum(process.cpu_times()[:2]) for process in self._processes)

    def kill(self) -> None:
        """Kill the worker that does most, and start another."""
        busy = max(self._processes[1:], key=lambda process: process.cpu_percent(0.05))
        self._ended += sum(busy.cpu_times()[:2])
        busy.kill()
        busy.wait()
        self._processes.remove(busy)
        self.add()

    @contextlib.contextmanager
    def killer(self, output: Path) -> Iterator[list[str]]:
        """Kill a worker soon after each kind of task has begun, those that are over at once excepted."""
        killed, over = list[str](), threading.Event()

        def watch() -> None:
            while not over.wait(0.005):
                for phase in PHASES:
                    if phase not in killed and (output / phase).is_dir():
                        killed.append(phase)
                        self.kill()

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield killed
        finally:
            over.set()
            thread.join()


if __name__ == "__main__":
    main()
