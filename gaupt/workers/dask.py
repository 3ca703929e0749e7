"""The workers of a cluster of Dask as a crew."""

import secrets
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from gaupt import __version__
from gaupt.errors import GauptError
from gaupt.files import write_bytes
from gaupt.progress import Progress
from gaupt.workers.crew import Crew

TIMEOUT = 20
"""Seconds to wait for an answer of the scheduler."""
_LOOK = 10.0
"""Seconds between two looks at how many workers there are."""
_DEATHS = ("KilledWorker",)
"""What distributed raises where workers died of a task; known only where it is installed."""
_LOST = ("CommClosedError", "FutureCancelledError", "SchedulerStillRunning", "ClosedClientError")


@contextmanager
def dask_crew(address: str, workers: int | None, folder: Path, progress: Progress) -> Iterator[Crew]:
    """A crew of the workers that the scheduler at ``address`` has, ``workers`` of their threads at most.

    All must see ``folder``.

    Raises:
        GauptError: dask is not installed, no scheduler answers, it has no workers, or these have another gaupt or do
            not see the folder.
    """
    try:
        import distributed
    except ImportError:
        raise GauptError("--engine dask needs dask: pip install dask distributed") from None
    try:
        connect: Any = distributed.Client
        client = connect(address, timeout=TIMEOUT)
    except (OSError, ValueError) as error:
        raise GauptError(f"no dask scheduler answers at {address} ({error})") from None
    with client:
        threads = sum(client.ncores().values())
        if threads == 0:
            raise GauptError(f"the dask scheduler at {address} has no workers; start some with dask worker")
        _check(client, folder)
        progress.message(
            f"{address}: {len(client.ncores()):,} workers with {threads:,} threads; dashboard {client.dashboard_link}, "
            "where each worker's log is behind its name"
        )
        # Blocks of compressed files travel with their task; dask would warn of each.
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sending large graph")
            executor: Executor = client.get_executor(retries=0, pure=False)
            yield Crew(executor, _Threads(client, workers), _is_death, partial(_told, address), progress)


def _check(client: Any, folder: Path) -> None:
    """Refuse workers that would do other work, or do it elsewhere."""
    probe = folder / f".lock-{secrets.token_hex(4)}"  # a name that no stage takes for its own
    write_bytes(probe, b"seen")
    try:
        answers = client.run(_facts, probe, on_error="return")
    finally:
        probe.unlink(missing_ok=True)
    for worker, answer in answers.items():
        if isinstance(answer, Exception):
            raise GauptError(f"the worker {worker} cannot run gaupt ({answer}); install it on every machine")
        version, sees = answer
        if version != __version__:
            raise GauptError(
                f"the worker {worker} has gaupt {version}, and this is {__version__}; install one of them"
            )
        if not sees:
            raise GauptError(
                f"the worker {worker} does not see {folder}; give a folder of a disk that all machines share, or a URL "
                "such as s3://bucket/folder"
            )


def _facts(probe: Path) -> tuple[str, bool]:
    return __version__, probe.exists()


class _Threads:
    """How many tasks the cluster does at once now; it grows and shrinks."""

    def __init__(self, client: Any, most: int | None) -> None:
        self._client, self._most = client, most
        self._known, self._since = 0, -_LOOK

    def __call__(self) -> int:
        if time.monotonic() - self._since > _LOOK:
            self._known, self._since = sum(self._client.ncores().values()), time.monotonic()
        # One that has lost all waits for the next.
        return max(1, min(self._known, self._most or self._known))


def _is_death(error: Exception) -> bool:
    """Whether a task is to be done again elsewhere: its worker died, or lost its disk."""
    return type(error).__name__ in _DEATHS or (isinstance(error, OSError) and not _is_loss(error))


def _is_loss(error: Exception) -> bool:
    return isinstance(error, CancelledError) or type(error).__name__ in _LOST


def _told(address: str, error: Exception) -> Exception:
    """What to say of an error of the cluster's own."""
    if _is_loss(error):
        return GauptError(
            f"the dask scheduler at {address} is gone; start it and its workers again, and the same command continues"
        )
    return error
