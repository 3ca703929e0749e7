"""Python's search for garbage, less often while a task runs.

A task holds many small objects that are in use; to look through them again and again took a tenth of the time of
`gaupt prepare`. What is in no cycle, which is nearly all, is freed at once as ever.
"""

import gc
import threading

THRESHOLDS = 50_000, 20, 100
"""New objects until the young ones are looked through, and how often until older ones are: see `gc.set_threshold`."""


class _Tasks:
    """Those that run in this process, each in a block: a worker of a cluster has several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = 0
        self._before = gc.get_threshold()

    def __enter__(self) -> None:
        with self._lock:
            if not self._running:
                self._before = gc.get_threshold()
                gc.set_threshold(*THRESHOLDS)
            self._running += 1

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._running -= 1
            if not self._running:
                gc.set_threshold(*self._before)


seldom_collecting = _Tasks()
"""Python looks for garbage less often until the last block in it ends."""
