"""The sealed list of a folder's files, with the size and the sha256 of each: by it every damage is found.

It stands in ``files.json``, of a checkpoint in its manifest, and holds its own sha256 too. A folder inside that has a
list of its own stands on the outer one by that list.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from gaupt.errors import GauptError
from gaupt.files import read_sealed_json, sha256, write_bytes, write_sealed_json
from gaupt.workers.claims import SUFFIX

LIST = "files.json"
MANIFEST = "manifest.json"
"""What else may hold a list, under ``files``: that of a checkpoint."""
_FORMAT = {"format": "gaupt-files", "version": 1}
Facts = Mapping[str, Any]
"""``bytes`` and ``sha256`` of a file."""


def facts_of(data: bytes) -> dict[str, Any]:
    """The facts of a file that holds ``data``."""
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def facts_of_file(path: Path) -> dict[str, Any]:
    """The facts of a file."""
    return {"bytes": path.stat().st_size, "sha256": sha256(path)}


def list_files(
    folder: Path, ours: Collection[str] = ("*",), known: Mapping[str, Facts] | None = None
) -> dict[str, Facts]:
    """The facts of the files in ``folder`` by name, hidden ones and claims left out; ``known`` ones are not asked for.

    ``ours``: patterns of the names in it that are listed; what others put there beside is theirs to change.
    """
    known = known or {}
    names = sorted(_names(folder, ours))
    return {name: known[name] if name in known else facts_of_file(folder / name) for name in names}


def _names(folder: Path, ours: Collection[str] | None = None) -> Iterator[str]:
    """Without ``ours`` those of a folder inside, all of which are."""
    for entry in folder.iterdir():
        if entry.name.startswith(".") or entry.name.endswith(SUFFIX):
            continue
        if ours is not None and not any(fnmatch(entry.name, each) for each in ours):
            continue
        # A link may lead round in a circle, but for one to a checkpoint, which holds no folder with a list.
        lists = (MANIFEST,) if entry.is_symlink() else (LIST, MANIFEST)
        if not entry.is_dir():
            yield entry.name
        elif inner := next((name for name in lists if (entry / name).is_file()), None):
            yield f"{entry.name}/{inner}"
        elif ours is not None or not entry.is_symlink():
            yield from (f"{entry.name}/{name}" for name in _names(entry))


def write_list(folder: Path, files: Mapping[str, Facts]) -> None:
    """Write the list of ``folder``."""
    write_sealed_json(folder / LIST, {**_FORMAT, "files": dict(files)})


def close(
    folder: Path, marker: str, data: bytes, ours: Collection[str], known: Mapping[str, Facts] | None = None
) -> None:
    """Complete ``folder``: write its list and, as the last file, ``data`` into its ``marker``.

    ``ours``, ``known``: as `list_files`.
    """
    files = list_files(folder, ours, known)
    write_list(
        folder, {name: facts for name, facts in files.items() if name != LIST} | {marker: facts_of(data)}
    )
    write_bytes(folder / marker, data)


def listed(folder: Path, holder: str = LIST) -> dict[str, Facts]:
    """The files on the list of ``folder``, by name.

    Raises:
        GauptError: it has none, or it is damaged.
    """
    path = folder / holder
    if not path.is_file():
        raise GauptError(f"{path} is missing; {_MEND}")
    try:
        value = read_sealed_json(path)
        if holder == LIST and value["format"] != _FORMAT["format"]:
            raise ValueError("another file of ours")
        # Checkpoints had the checksum alone once.
        return {
            name: {"sha256": facts} if isinstance(facts, str) else facts
            for name, facts in value["files"].items()
        }
    except (OSError, ValueError, KeyError, AttributeError, RecursionError):
        raise GauptError(f"{path} is damaged: it is not what was written; {_MEND}") from None


def verify(folder: Path, holder: str = LIST) -> Iterator[str]:
    """For the list of ``folder`` and each file on it, what is wrong, or an empty line; so for the folders inside."""
    try:
        files = listed(folder, holder)
    except GauptError as error:
        yield str(error).removesuffix(f"; {_MEND}")
        return
    yield ""
    for name, facts in files.items():
        problem = problem_of(folder / name, facts)
        *inside, last = name.split("/")
        if inside and last in (LIST, MANIFEST) and not problem:
            yield from verify((folder / name).parent, last)  # which counts its list
        else:
            yield problem
    # What was made there later, or anew by itself, is on no list but its own.
    for path in sorted(folder.glob(f"*/{LIST}")):
        if str(path.relative_to(folder)) not in files and not path.parent.is_symlink():
            yield from verify(path.parent)


def problem_of(path: Path, facts: Facts, *, content: bool = True) -> str:
    """What is wrong with a file by its ``facts``, or an empty line; not asking for the ``content`` takes no time."""
    if not path.is_file():
        return f"{path} is missing"
    size = path.stat().st_size
    if "bytes" in facts and size != facts["bytes"]:
        return f"{path} is damaged: it has {size:,} bytes instead of {facts['bytes']:,}"
    if content and sha256(path) != facts["sha256"]:
        return f"{path} is damaged: its sha256 is not the recorded one"
    return ""


def first_problem(folder: Path, names: Iterable[str] | None = None, *, content: bool = True) -> str:
    """What is wrong with the first file of ``folder`` that is not what its list says, or an empty line.

    Of all files, or of ``names``, those on the list; without their ``content`` it takes no time.

    Raises:
        GauptError: the list is missing or damaged.
    """
    files = listed(folder)
    asked = files if names is None else [name for name in names if name in files]
    problems = (problem_of(folder / name, files[name], content=content) for name in asked)
    return next(filter(None, problems), "")


def check(folder: Path, names: Iterable[str] | None = None, *, content: bool = True) -> None:
    """Refuse a ``folder`` of which a file is not what its list says, see `first_problem`.

    Raises:
        GauptError: one is missing or damaged, or the list is.
    """
    if problem := first_problem(folder, names, content=content):
        raise GauptError(f"{problem}; {_MEND}")


_MEND = "copy the folder again, or make it anew with --overwrite"
