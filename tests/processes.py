"""Programs in processes of their own, forked from one that has imported what gaupt's commands need.

To start Python and to import torch takes seconds, of which these tests are not. What a command imports, and that it
starts at all, is tested by `tests/cli/test_main.py`.
"""

import atexit
import multiprocessing
import os
import runpy
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

# Elsewhere the system's matrix library may not run in a forked process.
_context = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
_context.set_forkserver_preload(
    [
        "gaupt.cli",
        "distributed",
        "gaupt.exporting.hf",
        "gaupt.preparation",
        "gaupt.training.launch",
        "gaupt.training.pretrain",
        "tests.processes",
        "tests.training.runs",
        "torch._dynamo",
        "torch.distributed.run",
    ]
)


class Workers(type(_context)):
    """How pools start their workers: forked as programs are, with the environment of whoever starts them."""

    def Process(self, target: Callable[..., None], args: tuple[Any, ...]) -> BaseProcess:
        return _context.Process(target=_with_environment, args=({**os.environ}, target, args))


def _with_environment(
    environment: Mapping[str, str], target: Callable[..., None], args: tuple[Any, ...]
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    target(*args)


@atexit.register
def _leave_none() -> None:
    """End what a failed test left; Python itself would wait for it."""
    for process in multiprocessing.active_children():
        process.kill()


@dataclass(frozen=True)
class Program:
    """A process, and the files that hold what it has printed."""

    process: BaseProcess
    out: Path
    err: Path

    def wait_for(self, condition: Callable[[], object], seconds: float = 90) -> None:
        """Until ``condition`` holds, which it must before the process ends."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end and self.process.is_alive(), self.err.read_text()
            time.sleep(0.005)

    def finish(self, seconds: float = 120) -> tuple[int, str, str]:
        """Status (minus the signal that ended it), stdout and stderr."""
        self.process.join(seconds)
        status = self.process.exitcode
        self.process.kill()
        out, err = (path.read_text(encoding="utf-8") for path in (self.out, self.err))
        shutil.rmtree(self.out.parent)
        assert status is not None, f"still at work after {seconds} s: {err}"
        return status, out, err


def start(*command: str, **environment: str) -> Program:
    """As ``ENVIRONMENT python COMMAND`` in the clone, where ``COMMAND`` begins with ``-m NAME`` or ``-c CODE``."""
    folder = Path(tempfile.mkdtemp())
    out, err = folder / "out", folder / "err"
    out.touch()
    err.touch()
    process = _context.Process(target=_run, args=(command, {**os.environ, **environment}, out, err))
    process.start()
    return Program(process, out, err)


def start_gaupt(*arguments: object) -> Program:
    """As ``python -m gaupt ARGUMENTS``."""
    return start("-m", "gaupt", *map(str, arguments))


def _run(command: tuple[str, ...], environment: Mapping[str, str], out: Path, err: Path) -> None:
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY), number)
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    flag, program, *sys.argv[1:] = command
    if flag == "-m":
        runpy.run_module(program, run_name="__main__", alter_sys=True)
    else:
        exec(compile(program, "<string>", "exec"), {"__name__": "__main__"})
