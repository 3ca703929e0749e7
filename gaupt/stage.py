"""What every stage does with its output folder: lock it, skip it when complete, continue it, or refuse.

A stage writes ``stage.json`` (its name, config and inputs) when it starts and its *marker* file, by an
atomic rename, when everything else is on disk. A folder is complete when the marker is there.
"""

import fcntl
import shutil
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from os import getpid
from pathlib import Path
from typing import Any

from gaupt import __version__
from gaupt.config import Config, to_toml
from gaupt.errors import GauptError
from gaupt.files import check_place, make_folder, read_sealed_json, write_bytes, write_sealed_json
from gaupt.progress import Progress

RECORD = "stage.json"
CONFIG = "config.toml"
"""The resolved config that a folder was made with, beside what it holds."""
LOCK = ".lock"


class Locked(GauptError):
    """Another process writes the folder."""


class State(Enum):
    """What an output folder holds when its stage starts."""

    NEW = "new"
    INTERRUPTED = "interrupted"
    COMPLETE = "complete"


@dataclass(frozen=True)
class Stage:
    """An output folder, what makes it complete, and what it is made from."""

    name: str
    """The command that writes the folder, for messages."""
    output: Path
    marker: str
    """File whose presence says that the folder is complete; written last."""
    config: Mapping[str, Any]
    """The resolved options that decide the output (never the number of workers)."""
    inputs: Mapping[str, Any]
    """Fingerprints of what the stage reads, see `file_fingerprints`."""


@dataclass(frozen=True)
class Plan:
    """What a stage would do, said before it does anything."""

    config: Config
    """The config as the stage would resolve it."""
    facts: Mapping[str, Any]
    """What is read, what comes out, and what the output folder holds already."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """More facts, of which people read ``text``."""
    text: str = ""


def write_config(folder: Path, config: Config) -> None:
    """Leave the resolved ``config`` in ``folder``."""
    write_bytes(folder / CONFIG, to_toml(config).encode())


def file_fingerprints(paths: Sequence[Path]) -> dict[str, list[int]]:
    """Size in bytes and modification time in ns of each file: cheap, and enough to notice an edit."""
    return {str(path.resolve()): [path.stat().st_size, path.stat().st_mtime_ns] for path in paths}


@contextmanager
def open_stage(stage: Stage, overwrite: bool = False, progress: Progress | None = None) -> Iterator[State]:
    """Lock ``stage.output`` for this process and tell what it holds; ``progress`` hears of a complete one.

    Raises:
        Locked: another process writes the folder.
        GauptError: it holds somebody else's files; it was made with
            other options or inputs and ``overwrite`` is false.
    """
    inspect(stage, overwrite)
    make_folder(stage.output)
    with _lock(stage.output):
        state = inspect(stage, overwrite)
        if overwrite and state is not State.NEW:
            _clear(stage.output)
            state = State.NEW
        if state is State.NEW:
            write_sealed_json(stage.output / RECORD, _record(stage))
        elif progress is not None and state is State.COMPLETE:
            progress.nothing_to_do(stage.output)
        try:
            yield state
        except GauptError:
            # A mistake that came to light before anything was made: the corrected call finds a new folder.
            if {entry.name for entry in stage.output.iterdir()} <= {LOCK, RECORD}:
                (stage.output / RECORD).unlink(missing_ok=True)
            raise


def inspect(stage: Stage, overwrite: bool = False) -> State:
    """Tell what the output folder holds without changing anything. Raises as `open_stage`."""
    check_place(stage.output)
    record_path = stage.output / RECORD
    if not record_path.exists():
        if stage.output.exists() and any(entry.name != LOCK for entry in stage.output.iterdir()):
            raise GauptError(
                f"{stage.output} holds files that gaupt {stage.name} did not write; choose an empty folder"
            )
        return State.NEW
    try:
        record = read_sealed_json(record_path)
        name = record["stage"]
    except (ValueError, KeyError):
        raise GauptError(
            f"{record_path} is damaged; remove {stage.output} or choose another folder"
        ) from None
    if name != stage.name:
        raise GauptError(
            f"{stage.output} was written by gaupt {name}; choose another folder for gaupt {stage.name}"
        )
    if not overwrite:
        changes = differences(record, _record(stage))
        if changes:
            raise GauptError(
                f"{stage.output} was made with other settings ({'; '.join(changes)}); "
                "use --overwrite to start again, or another -o folder"
            )
    return State.COMPLETE if (stage.output / stage.marker).exists() else State.INTERRUPTED


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Name what changed between two stage records, at most four items, e.g. ``shards.seq_len 512 -> 128``."""
    old_flat, new_flat = (_flatten({k: r[k] for k in ("config", "inputs") if k in r}) for r in (old, new))
    changes = []
    for key in sorted(old_flat.keys() | new_flat.keys()):
        before, after = old_flat.get(key), new_flat.get(key)
        if before == after:
            continue
        scope, _, name = key.partition(".")
        if scope == "inputs":
            verb = "added" if key not in old_flat else "removed" if key not in new_flat else "changed"
            changes.append(f"input {name} {verb}")
        else:
            changes.append(f"{name} {before} -> {after}")
    return changes if len(changes) <= 4 else [*changes[:4], f"and {len(changes) - 4} more"]


def _record(stage: Stage) -> dict[str, Any]:
    return {
        "stage": stage.name,
        "gaupt_version": __version__,
        "config": dict(stage.config),
        "inputs": dict(stage.inputs),
    }


def _flatten(value: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, item in value.items():
        name = f"{prefix}{key}"
        if isinstance(item, Mapping):
            flat |= _flatten(item, f"{name}.")
        else:
            flat[name] = list(item) if isinstance(item, tuple) else item
    return flat


def _clear(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.name == LOCK:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Hold an exclusive lock on ``folder``; the kernel releases it when the process dies, however it dies."""
    with (folder / LOCK).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Locked(
                f"{folder} is being written by another gaupt ({file.read().strip()}); wait for it"
            ) from None
        file.truncate(0)
        file.write(f"pid {getpid()} on {socket.gethostname()}")
        file.flush()
        yield
