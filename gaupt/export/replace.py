"""Write a folder as a whole: a reader sees the old one or the complete new one, never a part."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gaupt.errors import GauptError
from gaupt.files import sync_folder


def check_output(output: Path, ours: Callable[[Path], bool], overwrite: bool) -> None:
    """Refuse an ``output`` that holds anything, unless it is ``ours`` and may be overwritten.

    Raises:
        GauptError: it is a file, somebody else's folder, or there already and ``overwrite`` is false.
    """
    if output.exists() and not output.is_dir():
        raise GauptError(f"{output} is a file; give -o a folder")
    if not output.is_dir() or not any(output.iterdir()):
        return
    if not ours(output):
        raise GauptError(f"{output} holds files that this command did not write; choose an empty folder")
    if not overwrite:
        raise GauptError(f"{output} holds another model; use --overwrite to replace it, or another -o folder")


@contextmanager
def new_folder(output: Path) -> Iterator[Path]:
    """A temporary neighbour of ``output`` to fill; it takes the place of ``output`` on success."""
    output.parent.mkdir(parents=True, exist_ok=True)
    temporary = output.with_name(f".{output.name}.tmp")
    replaced = output.with_name(f".{output.name}.old")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        yield temporary
        if output.exists():
            output.rename(replaced)
        temporary.rename(output)
        sync_folder(output.parent)
        shutil.rmtree(replaced, ignore_errors=True)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
