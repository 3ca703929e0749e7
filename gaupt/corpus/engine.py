"""Where the cleaning runs: in processes of this machine, or on a cluster of Dask distributed."""

import warnings
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from gaupt.errors import GauptError
from gaupt.workers import default_workers, local_executor

RETRIES = 5
"""How often a task of a cluster is tried again after its worker died."""


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
