"""Documents with the same letters as an earlier one, by a 128-bit hash of these."""

from collections.abc import Sequence

import numpy as np

from gaupt.corpus.duplicates.groups import Group, Search, buckets_for
from gaupt.corpus.duplicates.rows import REPEAT, Rows, alike, by_key, read_rows, write_rows
from gaupt.corpus.part_files import map_array
from gaupt.workers import Crew

EXACT = float("inf")
"""What stands for the similarity of exact duplicates."""
_KEY = np.dtype([("first", "<u8"), ("second", "<u8"), ("document", "<u4")])


def find_exact(search: Search, groups: Sequence[Group], crew: Crew) -> int:
    """Find the documents that repeat an earlier one exactly; how many there are."""
    search.run(crew, "keys", _write_keys, groups)
    return sum(search.run(crew, "exact", _find, range(buckets_for(search.total))))


def exact_repeats(search: Search, group: int) -> Rows:
    """Those of a group, by their number (see `REPEAT`)."""
    buckets = range(buckets_for(search.total))
    found = [read_rows(search.path("exact", bucket), REPEAT, group, search.groups) for bucket in buckets]
    rows = np.concatenate(found)
    return rows[np.argsort(rows["document"])]


def _write_keys(search: Search, group: Group) -> int:
    rows, place = np.empty(len(group), _KEY), 0
    for part in group.parts:
        keys = map_array(part.keys)
        here = slice(place, place := place + len(keys))
        rows["first"][here], rows["second"][here] = keys.T
    rows["document"] = np.arange(len(group))
    buckets = buckets_for(search.total)
    write_rows(search.path("keys", group.number), [rows], buckets, by_key("first", buckets))
    return len(group)


def _find(search: Search, bucket: int) -> int:
    """The repeats whose keys are in one bucket, written by group."""
    keys, numbers = search.bucket("keys", _KEY, bucket, buckets_for(search.total))
    places = alike(np.ascontiguousarray(keys["first"]))
    keys, numbers = keys[places], numbers[places]
    order = np.lexsort((keys["second"], keys["first"]))  # stable: of one key the documents stay in order
    first, second, numbers = keys["first"][order], keys["second"][order], numbers[order]
    repeated = np.zeros(len(order), dtype=bool)
    repeated[1:] = (first[1:] == first[:-1]) & (second[1:] == second[:-1])
    original = numbers[~repeated][np.cumsum(~repeated) - 1]
    rows = np.empty(int(repeated.sum()), REPEAT)
    rows["document"], rows["original"], rows["similarity"] = numbers[repeated], original[repeated], EXACT
    write_rows(search.path("exact", bucket), [rows], search.groups, search.by_group("document"))
    return len(rows)
