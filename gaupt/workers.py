"""Who does the work: processes of this machine, which end when the process that started them does, or a cluster."""

import multiprocessing
import os
import signal
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from multiprocessing.context import BaseContext
from typing import Any, TypeVar

from gaupt.errors import GauptError

Task = TypeVar("Task")
Result = TypeVar("Result")

STARTING = 0.3
"""Seconds that processes take to start, for those who tell how long their work will take."""
RETRIES = 5
"""How often a task of a cluster is tried again after its worker died."""


def default_workers() -> int:
    """One for each core that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1


@dataclass(frozen=True)
class Crew:
    """An executor, and how many tasks it does at once."""

    executor: Executor
    at_once: int

    def run(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[tuple[Task, Result]]:
        """Each task with its result, as they finish; at most one waits beside those in work, so that memory stays flat.

        Raises:
            GauptError: a worker process died.
        """
        running: dict[Future[Result], Task] = {}
        try:
            for task in tasks:
                running[self.executor.submit(function, task)] = task
                if len(running) > self.at_once:
                    yield from _finished(running)
            while running:
                yield from _finished(running)
        except Exception as error:
            # Dask's KilledWorker, which is known only where dask is installed.
            if not isinstance(error, BrokenProcessPool) and type(error).__name__ != "KilledWorker":
                raise
            raise GauptError(
                "a worker process was killed, perhaps for lack of memory; the same command continues "
                "(with fewer --workers it needs less memory)"
            ) from None


def _finished(running: dict[Future[Result], Task]) -> Iterator[tuple[Task, Result]]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in done:
        yield running.pop(future), future.result()


@contextmanager
def local_crew(workers: int) -> Iterator[Crew]:
    """A crew of ``workers`` processes of this machine; with one, the work is done in this process."""
    if workers == 1:
        yield Crew(_ThisProcess(), 1)
        return
    with worker_pool(workers) as pool:
        yield Crew(pool, workers)


class _ThisProcess(Executor):
    """Runs each task when it is submitted."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@contextmanager
def worker_pool(
    workers: int,
    start: Callable[..., None] | None = None,
    arguments: tuple[Any, ...] = (),
    context: BaseContext | None = None,
) -> Iterator[ProcessPoolExecutor]:
    """A pool of ``workers`` processes, each of which first calls ``start`` with ``arguments``.

    ``context`` is multiprocessing's way to start them, by default spawn.

    Work that has not begun is given up when the block ends; work that has is ended if the block fails.
    """
    # Spawned, because a forked copy of a process with threads may hang.
    pool = ProcessPoolExecutor(
        workers,
        mp_context=context or multiprocessing.get_context("spawn"),
        initializer=_start_worker,
        initargs=(start, arguments),
    )
    try:
        yield pool
    except BaseException:
        processes = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        raise
    pool.shutdown(cancel_futures=True)


def _start_worker(start: Callable[..., None] | None, arguments: tuple[Any, ...]) -> None:
    # Ctrl-C reaches every process of the terminal; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        # If the parent is killed, a worker must neither wait for ever nor go on writing into its folder,
        # where the same command may be continuing already.
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    if start is not None:
        start(*arguments)


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)


def open_crew(engine: str, workers: int | None, address: str | None) -> AbstractContextManager[Crew]:
    """A crew of ``engine``: "local", or "dask" with the ``address`` of a scheduler of Dask distributed.

    Raises:
        GauptError: another engine, or no address, at once; when it is entered, dask is not installed or no
            scheduler answers at ``address``.
    """
    if engine == "local":
        return local_crew(workers or default_workers())
    if engine != "dask":
        raise GauptError(f"--engine {engine}: choose local or dask")
    if address is None:
        raise GauptError("--engine dask needs the scheduler's address: add --dask-address tcp://HOST:PORT")
    return _dask_crew(workers, address)


@contextmanager
def _dask_crew(workers: int | None, address: str) -> Iterator[Crew]:
    try:
        import distributed
    except ImportError:
        raise GauptError("--engine dask needs dask: pip install dask distributed") from None
    try:
        connect: Any = distributed.Client
        client = connect(address, timeout=20)
    except (OSError, ValueError) as error:
        raise GauptError(f"no dask scheduler answers at {address} ({error})") from None
    with client:
        threads = sum(client.ncores().values())
        if threads == 0:
            raise GauptError(f"the dask scheduler at {address} has no workers; start some with dask worker")
        # Blocks of compressed files travel with their task; dask would warn of each.
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sending large graph")
            executor: Executor = client.get_executor(retries=RETRIES, pure=False)
            yield Crew(executor, min(threads, workers or threads))
