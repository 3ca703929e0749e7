"""Signs of life among processes: where one of them falls silent, the others end instead of waiting for it.

They go by a connection of their own and come from a thread of their own, so that however long a process computes,
reads or writes, it counts as living; and one that waits for a dead one inside a GPU library is ended all the same.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gaupt.training.ranks import ENDED

if TYPE_CHECKING:
    from torch.distributed import Store  # type: ignore[attr-defined]

EVERY = 2.0
"""Seconds between two signs of life."""
SILENCE = 20.0
"""Seconds without one after which a process counts as dead."""
PATIENCE, OF_THE_WRITER = 5.0, 20.0
"""Seconds that a process is given to end by itself once another has ended with an error; rank 0 may be writing."""


@contextmanager
def signs_of_life(
    store: "Store",
    rank: int,
    world: int,
    lost: Callable[[str], None],
    *,
    every: float = EVERY,
    silence: float = SILENCE,
) -> Iterator[None]:
    """Inside, give signs of life and watch for those of the others; ``lost`` hears, in the watching thread, that one
    fell silent, or that this process is still here when another has ended with an error.

    Rank 0 watches all, and all watch rank 0. ``store`` is used by this thread alone.
    """
    done = threading.Event()
    watched = [other for other in range(world) if other != rank] if rank == 0 else [0]
    store.set(_key(rank), "0")

    def watch() -> None:
        seen = {other: ("", time.monotonic()) for other in watched}
        ended, beats = 0.0, 0
        while not done.wait(every):
            beats += 1
            now = time.monotonic()
            try:
                store.set(_key(rank), str(beats))
                for other in watched:
                    # None is asked for before it has given its first, for which the store would wait.
                    sign = store.get(_key(other)).decode() if store.check([_key(other)]) else ""
                    if sign != seen[other][0]:
                        seen[other] = (sign, now)
                if store.check([ENDED]):
                    ended = ended or now
            except RuntimeError:
                what = "rank 0 cannot be reached"
            else:
                silent = [other for other in watched if now - seen[other][1] > silence]
                what = (
                    f"rank {silent[0]} has given no sign of life for {silence:.0f} seconds" if silent else ""
                )
                if ended and now - ended > (PATIENCE if rank else OF_THE_WRITER):
                    what = "another process of the run ended with an error"
            if what and not done.is_set():
                lost(what)
                return

    thread = threading.Thread(target=watch, name="signs of life", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(every)


def _key(rank: int) -> str:
    return f"alive/{rank}"
