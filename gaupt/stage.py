"""What every stage does with its output folder: lock it, skip it when complete, continue it, or refuse.

A stage writes ``stage.json`` (its name, config and inputs) when it starts, and the list of its files and its *marker*
when everything else is on disk (`gaupt.seal.close`). A folder is complete when the marker is there.

Nothing in it says where it stands: a folder that is moved or copied together with its input is the same folder.
"""

import fcntl
import secrets
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from os import fstat, getpid
from pathlib import Path
from typing import Any

from gaupt import __version__
from gaupt.config import Config, to_toml, without_folders
from gaupt.errors import GauptError
from gaupt.files import (
    append,
    check_place,
    content_hash,
    free_disk,
    is_temporary_of,
    make_folder,
    read_sealed_json,
    remove,
    write_bytes,
    write_sealed_json,
)
from gaupt.progress import Progress
from gaupt.quantities import megabytes
from gaupt.remote import Remote
from gaupt.seal import LIST, check, listed
from gaupt.workers.claims import BEAT, SUFFIX, open_claims

RECORD = "stage.json"
CONFIG = "config.toml"
"""The resolved config that a folder was made with, beside what it holds."""
LOCK = ".lock"
_EMPTYING = "emptying"
"""What the record of a folder says whose old files are being removed."""
_SHOWN = 4
"""Changes that a message names."""
_WAIT, _ATTEMPTS = 0.5, 1200
"""Seconds between two attempts to open a folder that other jobs of an array open too, and how many there are."""
_CONTENTS = 100 << 30
"""Bytes of input up to which its content is known by a hash; more is told by sizes and times alone, in no time."""
_READERS = 8
"""Threads that read input files: hashing leaves the interpreter free, and network disks answer several at once."""


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
    inputs: Mapping[str, Path | str]
    """What the stage reads, by a name that does not say where it is: the path of a file of the user's, or the
    fingerprint of what a stage of ours wrote (of a remote file, what is known of it)."""
    work: str | None = None
    """Folder inside the output of what is not finished; it goes when the output is complete."""


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


def disk_warnings(folder: Path, needed: float) -> list[str]:
    """A warning where ``folder`` has less disk than the ``needed`` bytes."""
    if (free := free_disk(folder)) is None or needed <= free:
        return []
    return [f"{megabytes(needed)} of disk are needed and {megabytes(free)} are free at {folder}"]


def free_of(folder: Path) -> str:
    """What a plan says of the disk that is free at ``folder``: nothing where there is no end of it."""
    return "" if (free := free_disk(folder)) is None else f"; {megabytes(free)} are free"


def warning_lines(warnings: Iterable[str]) -> str:
    """The ``text`` of a plan that warns."""
    return "".join(f"warning: {warning}\n" for warning in warnings)


def write_config(folder: Path, config: Config) -> None:
    """Leave the resolved ``config`` in ``folder``, without the folders of this machine that it names."""
    write_bytes(folder / CONFIG, to_toml(without_folders(config)).encode())


@contextmanager
def open_stage(
    stage: Stage, overwrite: bool = False, progress: Progress | None = None, shared: bool = False
) -> Iterator[State]:
    """Lock ``stage.output`` for this process and tell what it holds; ``progress`` hears of a complete one.

    With ``shared`` other processes that say so write it too: the first alone opens it, for a moment.

    Raises:
        Locked: another process writes the folder.
        GauptError: it holds somebody else's files; it was made with other options or inputs, or its marker is damaged,
            and ``overwrite`` is false.
    """
    if shared:
        with _open_shared(stage, progress) as state:
            yield state
        # Whoever leaves last finds nobody there.
        with suppress(Locked), _lock(stage.output, progress):
            _remove_work(stage)
        return
    inspect(stage, overwrite)
    missing = list[Path]()
    if not isinstance(stage.output, Remote):
        missing = [folder for folder in (stage.output, *stage.output.parents) if not folder.exists()]
    make_folder(stage.output)
    with _lock(stage.output, progress):
        state = inspect(stage, overwrite)
        if (overwrite and state is not State.NEW) or _is_half_empty(stage.output):
            # Killed meanwhile, the folder still is this stage's, and the rest of the old files goes with the next call.
            write_sealed_json(stage.output / RECORD, _record(stage, {}) | {_EMPTYING: True})
            _clear(stage.output)
            state = State.NEW
        if state is State.NEW:
            inputs = _fingerprints(stage.inputs, progress or Progress(quiet=True))
            write_sealed_json(stage.output / RECORD, _record(stage, inputs))
        elif state is State.INTERRUPTED:
            for name in (LIST, stage.marker):  # one of them, of what the folder was before
                (stage.output / name).unlink(missing_ok=True)
        elif progress is not None and state is State.COMPLETE:
            progress.nothing_to_do(stage.output)
        try:
            yield state
            _remove_work(stage)
        except GauptError:
            # A mistake that came to light before anything was made: the corrected call finds what there was.
            if all(entry.name == RECORD or _is_lock(entry) for entry in stage.output.iterdir()):
                (stage.output / RECORD).unlink(missing_ok=True)
                if missing:
                    (stage.output / LOCK).unlink()
                    _remove_empty(missing)
            raise


def _remove_work(stage: Stage) -> None:
    if stage.work is not None and (stage.output / stage.marker).exists():
        remove(stage.output / stage.work)


@contextmanager
def _open_shared(stage: Stage, progress: Progress | None) -> Iterator[State]:
    with ExitStack() as held:
        for left in reversed(range(_ATTEMPTS)):
            try:
                state = inspect(stage)
                if state is State.NEW or (state is State.INTERRUPTED and _is_to_be_cleared(stage)):
                    with open_stage(stage, progress=progress):
                        pass
                held.enter_context(_lock(stage.output, progress, shared=True))
                break
            except Locked:
                if not left:
                    raise
            time.sleep(_WAIT)
        state = inspect(stage)
        if state is State.COMPLETE and progress is not None:
            progress.nothing_to_do(stage.output)
        yield state


def inspect(stage: Stage, overwrite: bool = False) -> State:
    """Tell what the output folder holds without changing anything. Raises as `open_stage`."""
    check_place(stage.output)
    record_path = stage.output / RECORD
    if not record_path.exists():
        entries = list(stage.output.iterdir()) if stage.output.exists() else []
        if all(_is_lock(entry) or is_temporary_of(record_path, entry) for entry in entries):
            return State.NEW
        # Another call may open the folder meanwhile: what it makes there comes after its record.
        if not record_path.exists():
            raise GauptError(
                f"{stage.output} holds files that gaupt {stage.name} did not write; choose an empty folder"
            )
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
        inputs = [] if record.get(_EMPTYING) else _changed_inputs(record.get("inputs", {}), stage.inputs)
        changes = [*inputs, *_changed_options(record, stage)]
        if changes:
            raise GauptError(
                f"{stage.output} was made with other settings ({_few(changes)}); "
                "use --overwrite to start again, or another -o folder"
            )
    is_whole = all((stage.output / name).exists() for name in (stage.marker, LIST))
    if not is_whole or record.get(_EMPTYING):
        return State.INTERRUPTED
    if not overwrite:  # what tells of the rest is read at once
        few = [name for name in listed(stage.output) if "/" not in name and name.endswith((".json", ".toml"))]
        check(stage.output, few)
    return State.COMPLETE


def check_inputs(stage: Stage) -> None:
    """Refuse to complete what was made from inputs that have changed meanwhile.

    Raises:
        GauptError: they have.
    """
    known = read_sealed_json(stage.output / RECORD)["inputs"]
    if changes := _changed_inputs(known, stage.inputs):
        raise GauptError(
            f"{_few(changes)} while it was read; run the same command with --overwrite once nothing writes there"
        )


def change_stage(old: Stage, new: Stage, prepare: Callable[[], None]) -> None:
    """Make an output folder of ``old`` one of ``new``, which goes on from what ``prepare`` leaves there.

    Whatever stops it, the folder is either's: ``prepare`` leaves one of ``old`` that is not complete.

    Raises:
        Locked: another process writes the folder.
        GauptError: as `inspect` for ``old``.
    """
    with _lock(old.output, None):
        inspect(old)
        known = read_sealed_json(old.output / RECORD)["inputs"]
        prepare()
        write_sealed_json(new.output / RECORD, _record(new, known))


def _few(changes: Sequence[str]) -> str:
    more = [f"and {len(changes) - _SHOWN} more"] if len(changes) > _SHOWN else []
    return "; ".join([*changes[:_SHOWN], *more])


def _record(stage: Stage, inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "stage": stage.name,
        "gaupt_version": __version__,
        "config": dict(stage.config),
        "inputs": dict(inputs),
    }


def _fingerprints(inputs: Mapping[str, Path | str], progress: Progress) -> dict[str, Any]:
    """Size in bytes, modification time in ns and content of each file; other fingerprints as they are."""
    files = {name: path for name, path in inputs.items() if isinstance(path, Path)}
    facts = {name: _facts(path) for name, path in files.items()}
    found: dict[str, Any] = {**inputs, **{name: [*known, None] for name, known in facts.items()}}
    if (total := sum(size for size, _ in facts.values())) > _CONTENTS:
        return found
    with progress.task("reading the input once", total) as advance, ThreadPoolExecutor(_READERS) as pool:
        for name, content in zip(files, pool.map(content_hash, files.values()), strict=True):
            found[name][2] = content
            advance(facts[name][0])
    return found


def _is_same(known: Any, now: Path | str) -> bool:
    """Whether an input is what the record knows; its content is read only where its time stamp is another."""
    if isinstance(now, str):
        return bool(known == now)
    if not isinstance(known, list) or len(known) != 3:
        return False
    size, modified, content = known
    size_now, modified_now = _facts(now)
    unchanged = modified is not None and modified == modified_now
    return bool(size == size_now and (unchanged or (content is not None and content_hash(now) == content)))


def _facts(path: Path) -> tuple[int, int | None]:
    """Bytes of a file, and when it was changed; None of other storage, which tells no fractions of seconds."""
    facts = path.stat()
    return facts.st_size, None if isinstance(path, Remote) else facts.st_mtime_ns


def _changed_inputs(known: Mapping[str, Any], inputs: Mapping[str, Path | str]) -> list[str]:
    changes = []
    for name in sorted(known.keys() | inputs.keys()):
        if name not in inputs:
            changes.append(f"input {name} removed")
        elif name not in known:
            changes.append(f"input {name} added")
        else:
            try:
                same = _is_same(known[name], inputs[name])
            except FileNotFoundError:  # since it was found
                changes.append(f"input {name} removed")
            else:
                changes += [] if same else [f"input {name} changed"]
    return changes


def _changed_options(record: Mapping[str, Any], stage: Stage) -> list[str]:
    """What changed in the config, e.g. ``shards.seq_len 512 -> 128``."""
    old, new = _flatten(record.get("config", {})), _flatten(stage.config)
    return [
        f"{key} {old.get(key)} -> {new.get(key)}"
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    ]


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
        if not _is_lock(entry) and entry.name != RECORD:
            remove(entry)


def _is_to_be_cleared(stage: Stage) -> bool:
    """Whether an interrupted folder holds what has to go before anybody works there."""
    return _is_half_empty(stage.output) or (stage.output / stage.marker).exists()


def _is_half_empty(folder: Path) -> bool:
    """Whether a call that was to start again was killed while it removed what was there."""
    return (folder / RECORD).exists() and read_sealed_json(folder / RECORD).get(_EMPTYING, False)


def _remove_empty(folders: Iterable[Path]) -> None:
    """Remove folders, the innermost first, up to one that somebody has put something into."""
    with suppress(OSError):
        for folder in folders:
            folder.rmdir()


def _is_lock(path: Path) -> bool:
    return path.name.startswith(LOCK)


@contextmanager
def _lock(folder: Path, progress: Progress | None, shared: bool = False) -> Iterator[None]:
    """Hold a lock on ``folder``, or a ``shared`` one; the kernel releases it when the process dies, however it dies."""
    if isinstance(folder, Remote):
        with _claim(folder, progress, shared):
            yield
        return
    with (folder / LOCK).open("ab+", buffering=0) as file:
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Locked(
                f"{folder} is being written by another gaupt ({file.read().decode(errors='replace').strip()}); "
                "wait for it"
            ) from None
        if not fstat(
            file.fileno()
        ).st_nlink:  # removed by one that was refused, between our opening and locking
            raise Locked(
                f"{folder} was in use by another gaupt that has just ended; run the same command again"
            )
        file.truncate(0)
        append(file, f"pid {getpid()} on {socket.gethostname()}".encode())
        yield


@contextmanager
def _claim(folder: Path, progress: Progress | None, shared: bool) -> Iterator[None]:
    """Hold a lock in storage that has none: a file that is written anew as long as its process lives.

    What a killed process left is told from a living one by waiting for the next writing.
    """
    with open_claims(0, 1) as claims:
        own = folder / (f"{LOCK}-{secrets.token_hex(4)}" if shared else LOCK)
        taken = claims.take(own)
        others = [
            entry
            for entry in folder.iterdir()
            if _is_lock(entry) and not (taken and entry.name == own.name + SUFFIX)
            if not shared or entry.name == LOCK + SUFFIX
        ]
        if others:
            if progress is not None:
                progress.message(f"{folder} was in use; waiting whether it still is")
            texts = [_claimed(other) for other in others]
            time.sleep(3 * BEAT)
            for other, text in zip(others, texts, strict=True):
                now = _claimed(other)
                if now and now != text:
                    raise Locked(f"{folder} is being written by another gaupt ({now}); wait for it")
                other.unlink(missing_ok=True)
        if not taken and not claims.take(own):
            raise Locked(f"{folder} is being opened by another gaupt; wait for it")
        yield


def _claimed(claim: Path) -> str:
    try:
        return claim.read_text()
    except FileNotFoundError:
        return ""
