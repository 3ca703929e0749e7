"""Checkpoints written while training goes on: copied to the host's memory at once, and to disk by a thread."""

import threading
from collections.abc import Callable, Mapping
from types import TracebackType

from torch import Tensor


class Writer:
    """One thread that writes, one thing at a time. Use as a context manager, which waits for what is being written."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None

    def begin(self, write: Callable[[], object]) -> None:
        """Have ``write`` called by the thread, as soon as what it was given before is written. Raises as `check`."""
        self.wait()

        def work() -> None:
            try:
                write()
            except BaseException as error:  # raised where it can be told
                self._error = error

        # A daemon: a second Ctrl-C does not wait for a slow disk.
        self._thread = threading.Thread(target=work, name="checkpoint writer", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raise what went wrong with the last writing, if it has."""
        error, self._error = self._error, None
        if error is not None:
            raise error

    def wait(self) -> None:
        """Wait for what is being written. Raises as `check`."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self.check()

    def __enter__(self) -> "Writer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            self.wait()
        elif self._thread is not None and not isinstance(error, KeyboardInterrupt):
            self._thread.join()


def host_copy(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copies of ``tensors`` in the host's memory, which later updates leave alone."""
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in tensors.items()}
