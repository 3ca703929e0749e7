"""Which item of a task its worker was at when it died, so that an item of which workers always die is set aside."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gaupt.files import naming

DEATHS = 3
"""How often workers die of an item before it is set aside."""


class Watch:
    """What a file tells of the tries of a task so far, a line each: the item at which it ended, if that is known.

    The first try tells no items, which would cost time; only where that did not come to its end the next ones do.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tries = path.read_text().split("\n")[:-1] if path.exists() else []
        known = [item for item in self._tries if item]
        deaths = Counter(known)
        if known and len(self._tries) > len(known):
            deaths[known[0]] += 1  # the first try ended there as well
        self.set_aside = frozenset(item for item, count in deaths.items() if count >= DEATHS)
        """Items to leave out."""
        self._write("")

    def at(self, item: str) -> None:
        """The next is ``item``, a word."""
        if self._tries:
            self._write(item)

    def _write(self, item: str) -> None:
        with naming(self._path):
            self._path.write_text("".join(f"{line}\n" for line in (*self._tries, item)))


@contextmanager
def watch(path: Path) -> Iterator[Watch]:
    """Watch a task, until it ends in whatever way but the death of its process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    watched = Watch(path)
    yield watched
    path.unlink(missing_ok=True)
