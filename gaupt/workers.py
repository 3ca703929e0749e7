"""Tasks on the processes of one machine, which end when the process that started them does."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, TypeVar

from gaupt.errors import GauptError

Task = TypeVar("Task")
Result = TypeVar("Result")


def default_workers() -> int:
    """One for each core that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1


class _ThisProcess(Executor):
    """Runs each task when it is submitted."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@contextmanager
def local_executor(workers: int) -> Iterator[Executor]:
    """An executor with ``workers`` processes; with one, the work is done in this process."""
    if workers == 1:
        yield _ThisProcess()
        return
    with worker_pool(workers) as pool:
        yield pool


@contextmanager
def worker_pool(
    workers: int, start: Callable[..., None] | None = None, arguments: tuple[Any, ...] = ()
) -> Iterator[ProcessPoolExecutor]:
    """A pool of ``workers`` processes, each of which first calls ``start`` with ``arguments``.

    Work that has not begun is given up when the block ends; work that has is ended if the block fails.
    """
    # Spawned, because a forked copy of a process with threads may hang.
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
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


def run(
    executor: Executor,
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    in_flight: int,
) -> Iterator[tuple[Task, Result]]:
    """Each task with its result, as they finish; at most ``in_flight`` at once, so that memory stays flat.

    Raises:
        GauptError: a worker process died.
    """
    running: dict[Future[Result], Task] = {}
    try:
        for task in tasks:
            running[executor.submit(function, task)] = task
            if len(running) >= in_flight:
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
