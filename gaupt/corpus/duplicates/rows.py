"""Rows that tasks hand to one another: a task writes a file, in buckets, and reads its own bucket of every file.

A file is the rows of one or several tables, each sorted by bucket, and where the buckets begin.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gaupt.files import atomic_write, open_ranges, read_ranges

Rows = npt.NDArray[Any]
"""Rows of a structured type, of a fixed number of bytes."""
REPEAT = np.dtype([("document", "<u8"), ("original", "<u8"), ("similarity", "<f4")])
"""A document that goes, the earlier one that it repeats, and their Jaccard similarity."""
_PLACE = np.dtype("<u8")
_TABLE_BITS, _BITS_MORE = 24, 5
"""Bits of the largest table of keys, a byte for each of their values, and how many more a table has than it needs."""


def write_rows(
    path: Path,
    tables: Iterable[Rows],
    buckets: int,
    bucket_of: Callable[[Rows], npt.NDArray[np.int64]],
) -> None:
    """Write each of ``tables`` sorted by its rows' bucket, in [0, ``buckets``); rows of a bucket stay in order."""
    places, written = list[npt.NDArray[np.int64]](), 0
    with atomic_write(path) as file:
        for rows in tables:
            if buckets == 1:
                ends = np.array([len(rows)])
            else:
                bucket = bucket_of(rows)
                narrow = bucket.astype(np.min_scalar_type(buckets))  # which sorts several times as fast
                rows = rows[np.argsort(narrow, kind="stable")]
                ends = np.cumsum(np.bincount(bucket, minlength=buckets))
            file.write(rows.tobytes())
            places.append(written + rows.itemsize * np.concatenate(([0], ends)))
            written += rows.nbytes
        file.write(np.concatenate(places).astype(_PLACE).tobytes())


def by_key(name: str, buckets: int) -> Callable[[Rows], npt.NDArray[np.int64]]:
    """The bucket of each row by the hash that it has under a ``name``, for `write_rows`."""
    return lambda rows: (rows[name] % np.uint64(buckets)).astype(np.int64)


def read_rows(
    path: Path, row: np.dtype[Any], bucket: int, buckets: int, table: int = 0, tables: int = 1
) -> Rows:
    """The rows of one bucket of a file that `write_rows` wrote with so many ``buckets`` and ``tables``."""
    place = _PLACE.itemsize * ((buckets + 1) * (table - tables) + bucket)
    with open_ranges(path) as read:
        start, stop = np.frombuffer(read(place, 2 * _PLACE.itemsize), _PLACE).tolist()
        return np.frombuffer(read(start, stop - start), row)


def alike(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """The places of ``keys``, hashes, that occur more than once, by key, those of one key in order."""
    # Keys are sorted several times as fast as their places, so that the places are only sorted of a few: of those
    # whose high bits are those of a key that occurs more than once.
    ordered = np.sort(keys)
    several = ordered[1:][ordered[1:] == ordered[:-1]]
    bits = min(_TABLE_BITS, len(several).bit_length() + _BITS_MORE)
    table, shift = np.zeros(1 << bits, dtype=bool), np.uint64(64 - bits)
    table[several >> shift] = True
    places = np.flatnonzero(table[keys >> shift])
    places = places[np.argsort(keys[places], kind="stable")]
    ordered = keys[places]
    same = ordered[1:] == ordered[:-1]
    occurs_again = np.zeros(len(places), dtype=bool)
    occurs_again[1:] |= same
    occurs_again[:-1] |= same
    return places[occurs_again]


def write_array(path: Path, array: npt.NDArray[Any]) -> None:
    """Write the bytes of ``array``."""
    with atomic_write(path) as file:
        file.write(np.ascontiguousarray(array).data)


@contextmanager
def write_ragged(path: Path) -> Iterator[Callable[[npt.NDArray[Any]], None]]:
    """Write arrays of one type, which `read_ragged` reads by their place; an empty one costs eight bytes."""
    sizes = array("Q", [0])
    with atomic_write(path) as file:

        def add(items: npt.NDArray[Any]) -> None:
            file.write(items.tobytes())
            sizes.append(len(items))

        yield add
    write_array(_starts(path), np.cumsum(sizes, dtype=_PLACE))


def read_ragged(path: Path, type_: np.dtype[Any], places: npt.NDArray[np.int64]) -> list[npt.NDArray[Any]]:
    """The arrays at ``places``, ascending, of those that `write_ragged` wrote."""
    width, size = _PLACE.itemsize, type_.itemsize
    found = read_ranges(_starts(path), [(width * place, 2 * width) for place in places.tolist()])
    bounds = np.frombuffer(b"".join(found), _PLACE).reshape(-1, 2).tolist()
    items = read_ranges(path, [(size * start, size * (stop - start)) for start, stop in bounds])
    return [np.frombuffer(data, type_) for data in items]


def _starts(path: Path) -> Path:
    return path.with_name(f"{path.name}.starts")


def read_array(path: Path, type_: np.dtype[Any]) -> npt.NDArray[Any]:
    """All of an array that `write_array` wrote."""
    return np.frombuffer(path.read_bytes(), type_)
