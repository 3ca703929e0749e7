"""TensorBoard's event files, written by whoever logs: its own writer is a thread, whose errors nobody else can tell."""

import itertools
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gaupt.files import append, make_folder

_VERSION = "brain.Event:2"
_numbers = itertools.count()


class Events:
    """A new event file in a folder. Errors of the system name it."""

    def __init__(self, folder: Path, start_step: int) -> None:
        """Begin to write; what earlier files hold of ``start_step`` and later steps is void."""
        from tensorboard.compat.proto import event_pb2, summary_pb2
        from tensorboard.summary.writer.record_writer import RecordWriter

        self._event: Any = event_pb2.Event
        self._summary: Any = summary_pb2.Summary
        make_folder(folder)
        # As TensorBoard's own writer names files: it looks for tfevents, and reads them in the order of their names.
        # Padded, for the ninth file of a process and the tenth may be of one second.
        number = f"{os.getpid():010d}.{next(_numbers):06d}"
        name = f"events.out.tfevents.{int(time.time()):010d}.{socket.gethostname()}.{number}"
        self._file = (folder / name).open("ab", buffering=0)
        self._records = RecordWriter(_Appended(self._file))
        self._add(file_version=_VERSION)
        started = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
        self._add(step=start_step, session_log=started)

    def write(self, step: int, values: Mapping[str, float]) -> None:
        """Add the ``values`` of a step, by name."""
        for name, value in values.items():
            self._add(step=step, summary=self._summary(value=[{"tag": name, "simple_value": float(value)}]))

    def close(self) -> None:
        """Nothing more is written."""
        self._file.close()

    def _add(self, **fields: Any) -> None:
        self._records.write(self._event(wall_time=time.time(), **fields).SerializeToString())


class _Appended:
    """What writes to the end of a file, as TensorBoard's records want it."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, data: bytes) -> None:
        append(self._file, data)
