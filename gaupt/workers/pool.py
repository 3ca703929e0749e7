"""Processes of this machine, which end when the process that started them does."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.context import BaseContext
from typing import Any

STARTING = 0.3
"""Seconds that processes take to start, for those who tell how long their work will take."""


def default_workers() -> int:
    """One for each core that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1


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
