"""The sealed list of a folder's files, with the size and the sha256 of each: by it every damage is found.

It stands in ``files.json``, or under ``files`` in the manifest or the results of a folder without that; all of them
hold their own sha256 too. A folder inside that has a list of its own stands on the outer one by that list.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from gaupt.errors import GauptError
from gaupt.files import read_sealed_json, sha256, write_bytes, write_sealed_json
from gaupt.workers.claims import SUFFIX

LIST = "files.json"
HOLDERS = (LIST, "manifest.json", "results.json")
"""What may hold the list of a folder, the first that is there."""
Facts = Mapping[str, Any]
"""``bytes`` and ``sha256`` of a file."""


def facts_of(data: bytes) -> dict[str, Any]:
    """The facts of a file that holds ``data``."""
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def facts_of_file(path: Path) -> dict[str, Any]:
    """The facts of a file."""
    return {"bytes": path.stat().st_size, "sha256": sha256(path)}


def list_files(
    folder: Path, known: Mapping[str, Facts] | None = None, apart: Collection[str] = ()
) -> dict[str, Facts]:
    """The facts of all files in ``folder`` by name, hidden ones and claims left out; ``known`` ones are not asked for.

    ``apart``: files and folders of it that are not listed.
    """
    known = known or {}
    found = {}
    for name in sorted(_names(folder, apart)):
        found[name] = known[name] if name in known else facts_of_file(folder / name)
    return found


def _names(folder: Path, apart: Collection[str] = ()) -> Iterator[str]:
    for entry in folder.iterdir():
        if entry.name.startswith(".") or entry.name.endswith(SUFFIX) or entry.name in apart:
            continue
        if not entry.is_dir():
            yield entry.name
            continue
        holder = holder_of(entry)
        for name in _names(entry) if holder is None else (holder.name,):
            yield f"{entry.name}/{name}"


def close(
    folder: Path,
    marker: str,
    data: bytes,
    known: Mapping[str, Facts] | None = None,
    apart: Collection[str] = (),
) -> None:
    """Complete ``folder``: write its list and, as the last file, ``data`` into its ``marker``.

    ``known``, ``apart``: as `list_files`.
    """
    files = list_files(folder, known, {*apart, marker, LIST})
    write_sealed_json(folder / LIST, {"files": files | {marker: facts_of(data)}})
    write_bytes(folder / marker, data)


def holder_of(folder: Path) -> Path | None:
    """The file that holds the list of ``folder``, where it has one."""
    return next((path for path in (folder / name for name in HOLDERS) if path.is_file()), None)


def listed(folder: Path) -> dict[str, Facts]:
    """The files on the list of ``folder``, by name.

    Raises:
        GauptError: it has none, or it is damaged.
    """
    holder = holder_of(folder)
    if holder is None:
        raise GauptError(f"{folder / LIST} is missing; {_MEND}")
    try:
        files = read_sealed_json(holder)["files"]
        # Manifests had the checksum alone once.
        return {name: {"sha256": facts} if isinstance(facts, str) else facts for name, facts in files.items()}
    except (OSError, ValueError, KeyError, AttributeError, RecursionError):
        raise GauptError(f"{holder} is damaged: it is not what was written; {_MEND}") from None


def verify(folder: Path) -> Iterator[str]:
    """For the list of ``folder`` and each file on it, what is wrong, or an empty line; so for the folders inside."""
    try:
        files = listed(folder)
    except GauptError as error:
        yield str(error).removesuffix(f"; {_MEND}")
        return
    yield ""
    for name, facts in files.items():
        problem = problem_of(folder / name, facts)
        *inside, last = name.split("/")
        if inside and last in HOLDERS and not problem:
            yield from verify((folder / name).parent)  # which counts its list
        else:
            yield problem


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
