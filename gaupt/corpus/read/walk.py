"""The files of folders and globs on this machine: without what is hidden or left out, and never without end."""

import glob
import os
import stat
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

BROKEN_LINK, LINK_TO_FOLDER, NO_FILE, UNREADABLE = (
    "(broken link)",
    "(link to a folder)",
    "(pipe or device)",
    "(unreadable)",
)
"""What is counted in place of an extension where there is no file to read."""
NO_FILES = (BROKEN_LINK, LINK_TO_FOLDER, NO_FILE, UNREADABLE)


def walk(
    root: Path,
    left_out: Collection[Path],
    is_ours: Callable[[Path, Collection[str]], bool],
    passed_over: Counter[str],
    leave: Callable[[Path], None],
) -> Iterator[tuple[str, PurePath, int]]:
    """Path, path from ``root`` and size of each file below ``root`` that is not hidden, in no order.

    Links to files are files; those to folders are not followed. What is no file that can be read is counted in
    ``passed_over``. Nothing is given of the files and folders of ``left_out`` (where they really are), and of the
    folders below ``root`` that ``is_ours`` by their path and the names in them; ``leave`` hears of each.
    """
    real, waiting = root.resolve(), [PurePath()]
    while waiting:
        relative = waiting.pop()
        entries = _entries(root / relative, passed_over)
        if relative.parts and is_ours(root / relative, {entry.name for entry in entries}):
            leave(root / relative)
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if real / relative / entry.name in left_out:
                leave(root / relative / entry.name)
            elif entry.is_dir(follow_symlinks=False):
                waiting.append(relative / entry.name)
            elif (size := _size(entry, passed_over)) is not None:
                yield str(root / relative / entry.name), relative / entry.name, size


def _entries(folder: Path, passed_over: Counter[str]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        passed_over[UNREADABLE] += 1
        return []


def _size(entry: os.DirEntry[str], passed_over: Counter[str]) -> int | None:
    """Bytes of a file; None, which is counted, of anything else."""
    try:
        facts = entry.stat()
    except OSError:
        passed_over[BROKEN_LINK if entry.is_symlink() else UNREADABLE] += 1
        return None
    if stat.S_ISREG(facts.st_mode):
        return facts.st_size
    passed_over[LINK_TO_FOLDER if stat.S_ISDIR(facts.st_mode) else NO_FILE] += 1
    return None


def expand(pattern: str) -> list[str]:
    """The paths that a glob matches, by name; ``**`` goes into each folder once, through links too.

    (That of the standard library goes round in circles of links, with two of them for longer than anybody waits.)
    """
    parts = PurePath(pattern).parts
    if "**" not in parts:
        return sorted(glob.glob(pattern))
    first = parts.index("**")
    start = str(PurePath(*parts[:first])) if first else "."
    found = list[str]()
    for base in sorted(glob.glob(start)) if glob.has_magic(start) else [start]:
        for below in _below(Path(base), PurePath(), parts[first:], set()):
            if _fits(below.parts, parts[first:]):
                found.append(str(Path(base) / below) if first else str(below))
    return sorted(found)


def _below(base: Path, relative: PurePath, pattern: Sequence[str], seen: set[str]) -> Iterator[PurePath]:
    """``relative`` and all that is below it, each folder once, wherever links lead."""
    yield relative
    waiting = [relative]
    while waiting:
        folder = waiting.pop()
        where = os.path.realpath(base / folder)
        if where in seen:
            continue
        seen.add(where)
        for name in _names(base / folder):
            if name.startswith(".") and not any(part.startswith(".") for part in pattern):
                continue
            yield folder / name
            if os.path.isdir(base / folder / name):
                waiting.append(folder / name)


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a path matches; only a pattern that begins with a dot matches a name that does."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return _fits(parts, pattern[1:]) or (
            bool(parts) and not parts[0].startswith(".") and _fits(parts[1:], pattern)
        )
    if not parts or (parts[0].startswith(".") and not pattern[0].startswith(".")):
        return False
    return fnmatchcase(parts[0], pattern[0]) and _fits(parts[1:], pattern[1:])
