"""Ways to call the command line: in this process, which is fast, and as a user does."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from gaupt import cli
from tests.conftest import TINY

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Called:
    """What a command left: its exit status and what it printed."""

    status: int
    out: str
    err: str

    def done(self) -> "Called":
        """Itself, of a command that did its work."""
        assert self.status == 0, self
        return self

    def error(self) -> str:
        """The message of a command that was refused: one line, status 2, nothing on stdout."""
        assert (self.status, self.out) == (2, ""), self
        assert self.err.startswith("gaupt: error: ") and self.err.count("\n") == 1, self.err
        return self.err


Gaupt = Callable[..., Called]


@pytest.fixture
def gaupt(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gaupt:
    """Call ``gaupt ARGUMENTS`` in this process."""

    def call(*arguments: object) -> Called:
        monkeypatch.setattr(sys, "argv", ["gaupt", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            cli.main()
        printed = capsys.readouterr()
        return Called(int(stop.value.code or 0), printed.out, printed.err)

    return call


def run_gaupt(*arguments: object, **environment: str) -> Called:
    """Run ``python -m gaupt ARGUMENTS`` in a process of its own."""
    command = [sys.executable, "-m", "gaupt", *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, env=os.environ | environment
    )
    return Called(done.returncode, done.stdout, done.stderr)


TINY_OPTIONS = [part for option in TINY for part in ("--set", option)]
"""The smallest chain, as options of the command line."""


def written(folder: Path) -> list[str]:
    """Everything in ``folder`` by name."""
    return sorted(path.name for path in folder.rglob("*"))
