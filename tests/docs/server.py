"""Runs the programs that pages call in forks of a process that has imported torch and gaupt.

A page's shell finds a `tests.docs.client` under each program's name; what the name does is in `tests.docs.stand_ins`.
"""

import gc
import json
import os
import signal
import socket
import sys
import traceback
from contextlib import suppress
from importlib import import_module

import pytest

from gaupt import peak
from gaupt.bench import plan, race
from tests.conftest import shorten_trials
from tests.docs import stand_ins

for name in ("evaluation.evaluate", "report.page"):  # what commands import as they need it
    import_module(f"gaupt.{name}")
import_module("tensorboard.compat.proto.event_pb2")
import_module("tensorboard.summary.writer.record_writer")


def serve(address: str) -> None:
    """Take calls at ``address`` until killed."""
    shorten()
    gc.freeze()  # so that forks need not copy what they look through
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            answer(connection)
        connection.close()


def shorten() -> None:
    """As `tests.conftest` does for tests: no waiting for the disk, and no timing of the machine."""
    patch = pytest.MonkeyPatch()
    patch.setattr(os, "fsync", lambda descriptor: None)
    shorten_trials(patch)
    patch.setattr(plan, "first_calls", lambda *_: plan.Pace(1e-11, 0, 0, 0, peak=1e11))
    patch.setattr(peak, "MEASURED_SECONDS", 0)
    for module in (peak, race):
        patch.setattr(module, "matrix_peak", lambda *_: 1e11)
    patch.setattr(race, "peak_memory", lambda *_: 1)


def answer(connection: socket.socket) -> None:
    """Run one call in this process, which is its own, and tell its status; without one the client knows it killed."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, files, _, _ = socket.recv_fds(connection, 1, 3)
    text = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    words, place, environment = json.loads(text)
    for number, file in enumerate(files):
        os.dup2(file, number)
    os.chdir(place)
    os.environ.clear()
    os.environ.update(environment)
    # That of a process of multiprocessing is closed.
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    status = run(words)
    with suppress(OSError):
        connection.sendall(status.to_bytes(4, signed=True))
    os._exit(0)


def run(words: list[str]) -> int:
    """Exit status of the program ``words[0]``."""
    try:
        status = stand_ins.run(words)
    except SystemExit as stop:
        if isinstance(stop.code, str):
            print(stop.code, file=sys.stderr)
        status = 1 if isinstance(stop.code, str) else stop.code or 0
    except BaseException:
        traceback.print_exc()
        status = 1
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    return status
