"""Where the work runs: in this process, in processes of this machine, or on a cluster of Dask distributed."""

import multiprocessing
import os
import signal
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, TypeVar

from gaupt.errors import GauptError

RETRIES = 5
"""How often a task of a cluster is tried again after its worker died."""

Task = TypeVar("Task")
Result = TypeVar("Result")


class _ThisProcess(Executor):
    """Runs each task when it is submitted."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def default_workers() -> int:
    """One for each core that this process may use."""
    return len(os.sched_getaffinity(0))


@contextmanager
def local_executor(workers: int) -> Iterator[Executor]:
    """An executor with ``workers`` processes; with one, the work is done in this process."""
    if workers == 1:
        yield _ThisProcess()
        return
    pool = ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("spawn"), initializer=_start_worker
    )
    try:
        yield pool
    except BaseException:
        processes = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        raise
    pool.shutdown()


def _start_worker() -> None:
    # Ctrl-C reaches every process of the terminal; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        # A worker whose parent was killed must not go on writing into the folder.
        threading.Thread(target=_exit_with, args=(parent,), daemon=True).start()


def _exit_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)


@contextmanager
def open_executor(engine: str, workers: int | None, address: str | None) -> Iterator[tuple[Executor, int]]:
    """An executor of ``engine`` ("local" or "dask") and how many tasks it runs at once.

    Raises:
        GauptError: dask is not installed, or no scheduler answers at ``address``.
    """
    if engine == "local":
        workers = workers or default_workers()
        with local_executor(workers) as executor:
            yield executor, workers
    else:
        with _dask_executor(workers, address) as opened:
            yield opened


@contextmanager
def _dask_executor(workers: int | None, address: str | None) -> Iterator[tuple[Executor, int]]:
    try:
        import distributed
    except ImportError:
        raise GauptError("--engine dask needs dask: pip install 'gaupt[dask]'") from None
    if address is None:
        raise GauptError("--engine dask needs the scheduler's address: add --dask-address tcp://HOST:PORT")
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
            yield executor, min(threads, workers or threads)


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
