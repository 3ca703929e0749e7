"""Documents nearly like an earlier one that stays: candidates by bands of their sketches, compared by their n-grams."""

import mmap
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from gaupt.corpus.duplicates.exact import exact_repeats
from gaupt.corpus.duplicates.groups import BUCKET, Group, Search, buckets_for, name_of
from gaupt.corpus.duplicates.minhash import BANDS, jaccard, shingle_set
from gaupt.corpus.duplicates.rows import (
    REPEAT,
    Rows,
    alike,
    by_key,
    read_array,
    read_rows,
    write_array,
    write_ragged,
    write_rows,
)
from gaupt.corpus.part_files import map_array
from gaupt.files import naming, open_ranges
from gaupt.text.characters import letters
from gaupt.workers import Crew

PAIRS_PER_TASK = 100_000
_PAIRS_AT_ONCE = 5_000
"""Pairs whose n-grams are in memory at once, some kilobytes each."""
_BAND = np.dtype([("key", "<u8"), ("document", "<u4")])
_PAIR = np.dtype([("later", "<u8"), ("earlier", "<u8")])
_NUMBER, _HASH = np.dtype("<u8"), np.dtype("<u4")


def find_near(search: Search, groups: Sequence[Group], threshold: float, exact: bool, crew: Crew) -> int:
    """Find the documents that are ``threshold`` similar to an earlier one that stays; how many there are.

    With ``exact`` those that `gaupt.corpus.duplicates.exact` found are out of it.
    """
    search.run(crew, "bands", _write_bands, [(group, exact) for group in groups])
    tasks = _band_tasks(search)
    if not sum(search.run(crew, "pairs", _find_pairs, tasks)):
        return 0
    counts = search.run(crew, "candidates", _gather, [(group, len(tasks)) for group in groups])
    comparisons = [
        (group.number, start, min(start + PAIRS_PER_TASK, count), threshold)
        for group, count in zip(groups, counts, strict=True)
        for start in range(0, count, PAIRS_PER_TASK)
    ]
    search.run(crew, "similar", _compare, list(enumerate(comparisons)))
    of_groups = [[n for n, (of, *_) in enumerate(comparisons) if of == group.number] for group in groups]
    return int(sum(search.run(crew, "near", _resolve, [of_groups])))


def near_repeats(search: Search, group: int) -> Rows:
    """The documents of a group that go, by their number (see `REPEAT`); none where `find_near` found none at all."""
    path = search.path("near", group)
    return read_array(path, REPEAT) if path.exists() else np.empty(0, REPEAT)


def _write_bands(search: Search, task: tuple[Group, bool]) -> int:
    """The keys of a group's documents, a table a band."""
    group, exact = task
    stays = np.ones(len(group), dtype=bool)
    if exact:
        stays[(exact_repeats(search, group.number)["document"] - np.uint64(group.start)).astype(np.int64)] = (
            False
        )
    documents = np.flatnonzero(stays)
    keys, place, seen = np.empty((BANDS, len(documents)), np.uint64), 0, 0
    for part in group.parts:
        of_part = map_array(part.bands)
        kept = of_part[:, stays[seen : seen + of_part.shape[1]]]
        keys[:, place : (place := place + kept.shape[1])] = kept
        seen += of_part.shape[1]
    buckets = buckets_for(search.total)

    def tables() -> Iterator[Rows]:
        rows = np.empty(len(documents), _BAND)
        rows["document"] = documents
        for band in keys:
            rows["key"] = band
            yield rows

    write_rows(search.path("bands", group.number), tables(), buckets, by_key("key", buckets))
    return len(documents)


def _band_tasks(search: Search) -> list[tuple[int, range, int]]:
    """The number of each task, its bands, and its bucket: several bands where those are small."""
    at_once = min(BANDS, max(1, BUCKET // max(1, search.total)))
    tasks = [
        (range(first, min(first + at_once, BANDS)), bucket)
        for first in range(0, BANDS, at_once)
        for bucket in range(buckets_for(search.total))
    ]
    return [(number, *task) for number, task in enumerate(tasks)]


def _find_pairs(search: Search, task: tuple[int, range, int]) -> int:
    """The candidates that some bands give in one bucket, written by the group of the later document.

    The earlier documents are written by their own group too, which has to know them.
    """
    number, bands, bucket = task
    found = np.concatenate([_pairs_of_band(search, band, bucket) for band in bands])
    write_rows(search.path("pairs", number), [found], search.groups, search.by_group("later"))
    earlier = np.unique(found["earlier"])
    write_rows(search.path("pairs", f"{name_of(number)}.earlier"), [earlier], search.groups, search.group_of)
    return len(found)


def _pairs_of_band(search: Search, band: int, bucket: int) -> Rows:
    """Each document that shares a key with earlier ones, with the first and with the last of them."""
    buckets = buckets_for(search.total)
    rows, documents = search.bucket("bands", _BAND, bucket, buckets, table=band, tables=BANDS)
    keys = np.ascontiguousarray(rows["key"])
    places = alike(keys)  # of one key the documents stay in order
    keys, documents = keys[places], documents[places]
    repeated = np.zeros(len(keys), dtype=bool)
    repeated[1:] = keys[1:] == keys[:-1]
    first = documents[~repeated][np.cumsum(~repeated) - 1]
    previous = np.concatenate((documents[:1], documents[:-1]))
    further = repeated & (previous != first)
    pairs = np.empty(int(repeated.sum() + further.sum()), _PAIR)
    pairs["later"] = np.concatenate((documents[repeated], documents[further]))
    pairs["earlier"] = np.concatenate((first[repeated], previous[further]))
    return pairs


def _gather(search: Search, task: tuple[Group, int]) -> int:
    """The distinct candidates whose later document is in a group, and the n-grams of the group's documents in any."""
    group, files = task
    gathered, size, least = [np.empty(0, _PAIR)], 0, 0
    named = np.zeros(len(group), dtype=bool)
    for number in range(files):
        gathered.append(read_rows(search.path("pairs", number), _PAIR, group.number, search.groups))
        size += len(gathered[-1])
        if size > 2 * least:  # so that time is linear in the files, and memory in what is distinct
            gathered = [_distinct(np.concatenate(gathered))]
            size = least = len(gathered[0])
        earlier = read_rows(
            search.path("pairs", f"{name_of(number)}.earlier"), _NUMBER, group.number, search.groups
        )
        named[(earlier - np.uint64(group.start)).astype(np.int64)] = True
    pairs = _distinct(np.concatenate(gathered))
    named[(pairs["later"] - np.uint64(group.start)).astype(np.int64)] = True
    write_array(search.path("candidates", group.number), pairs)
    place, nothing = 0, np.empty(0, _HASH)
    with write_ragged(_shingles(search, group.number)) as add:
        for part in group.parts:
            length = map_array(part.keys).shape[0]
            wanted = named[place : place + length]
            place += length
            texts = part.kept_texts(set(np.flatnonzero(wanted).tolist())) if wanted.any() else iter(())
            for is_wanted in wanted.tolist():
                add(shingle_set(letters(next(texts))).astype(_HASH) if is_wanted else nothing)
    return len(pairs)


def _distinct(pairs: Rows) -> Rows:
    """Each of ``pairs`` once, by the later and then by the earlier document."""
    pairs = pairs[np.lexsort((pairs["earlier"], pairs["later"]))]
    new = np.ones(len(pairs), dtype=bool)
    new[1:] = (pairs["later"][1:] != pairs["later"][:-1]) | (pairs["earlier"][1:] != pairs["earlier"][:-1])
    return pairs[new]


def _shingles(search: Search, group: int) -> Path:
    return search.path("candidates", f"{name_of(group)}.shingles")


def _compare(search: Search, task: tuple[int, tuple[int, int, int, float]]) -> int:
    """The pairs among some candidates that are similar enough, with their similarity."""
    number, (group, start, stop, threshold) = task
    with open_ranges(search.path("candidates", group)) as read:
        size = _PAIR.itemsize
        pairs = np.frombuffer(read(size * start, size * (stop - start)), _PAIR)
    found = list[float]()
    for first in range(0, len(pairs), _PAIRS_AT_ONCE):
        some = pairs[first : first + _PAIRS_AT_ONCE]
        sets = search.fetch(
            partial(_shingles, search), _HASH, np.concatenate((some["later"], some["earlier"]))
        )
        found += [jaccard(sets[later], sets[earlier]) for later, earlier in some.tolist()]
    similarity = np.array(found, np.float32)
    similar = similarity >= threshold
    rows = np.empty(int(similar.sum()), REPEAT)
    rows["document"], rows["original"] = pairs["later"][similar], pairs["earlier"][similar]
    rows["similarity"] = similarity[similar]
    write_array(search.path("similar", number), rows)
    return len(rows)


def _resolve(search: Search, similar: list[list[int]]) -> int:
    """Of each similar pair the later document goes, if the earlier one stays; ``similar``: the files of each group.

    So every document that goes is near one that stays, and chains of small changes do not swallow a corpus.
    """
    total = 0
    with _bits(search.total) as gone:
        for group, numbers in enumerate(similar):
            found = [read_array(search.path("similar", number), REPEAT) for number in numbers]
            rows = np.concatenate([np.empty(0, REPEAT), *found])
            chosen, last = list[int](), -1
            pairs = zip(rows["document"].tolist(), rows["original"].tolist(), strict=True)
            for place, (later, earlier) in enumerate(pairs):
                if later != last and not gone[earlier >> 3] >> (earlier & 7) & 1:
                    gone[later >> 3] |= 1 << (later & 7)
                    chosen.append(place)
                    last = later
            write_array(search.path("near", group), rows[chosen])
            total += len(chosen)
    return total


@contextmanager
def _bits(count: int) -> Iterator[Any]:
    """So many bits, all 0, eight a byte: on disk, where the system writes them when memory is short."""
    with tempfile.TemporaryFile() as file:
        with naming(Path(tempfile.gettempdir())):
            file.truncate(count // 8 + 1)
            if hasattr(os, "posix_fallocate"):
                # The system kills a process that writes to a page of a hole where the disk is full.
                os.posix_fallocate(file.fileno(), 0, count // 8 + 1)
        with mmap.mmap(file.fileno(), count // 8 + 1) as bits:
            yield bits
