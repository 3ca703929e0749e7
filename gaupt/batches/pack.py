"""Samples into rows: several short ones share a row, so that little of a batch is padding."""

from bisect import bisect_left, insort
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from gaupt.batches.random import key, permute


def pack(lengths: NDArray[np.int64], capacity: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pack samples into rows of ``capacity`` tokens: best fit, longest first.

    Samples of equal length are shuffled by the seed, so that a row mixes documents. All samples of a length
    are placed together: the work grows with the number of different lengths and not with that of samples.

    Args:
        lengths: tokens of each sample, from 1 to ``capacity``, shape [samples].
        capacity: tokens of a row.
        seed: decides which of equally long samples goes where.

    Returns:
        The samples row by row, shape [samples]; the samples before each row, and in all, shape [rows + 1].
    """
    shuffled = permute(np.arange(len(lengths)), len(lengths), key(seed)) if len(lengths) else lengths
    by_length = shuffled[np.argsort(-lengths[shuffled], kind="stable")]
    values, counts = np.unique(lengths, return_counts=True)
    room: defaultdict[int, list[NDArray[np.int64]]] = defaultdict(list)  # rows by the tokens left in them
    rooms: list[int] = []  # keys of room that hold rows, in order
    rows = 0
    placed: list[NDArray[np.int64]] = []  # the row of each of by_length

    def put_back(chosen: NDArray[np.int64], left: int) -> None:
        if not room[left]:
            insort(rooms, left)
        room[left].append(chosen)

    for length, count in zip(values[::-1].tolist(), counts[::-1].tolist(), strict=True):
        while count:
            place = bisect_left(rooms, length)
            if place < len(rooms):
                left = rooms[place]
                chosen = room[left].pop()
                if len(chosen) > count:
                    room[left].append(chosen[count:])
                    chosen = chosen[:count]
                if not room[left]:
                    rooms.pop(place)
            else:
                left = capacity
                chosen = np.arange(rows, rows + -(-count // (capacity // length)))
                rows += len(chosen)
            placed.append(chosen)
            count -= len(chosen)
            put_back(chosen, left - length)
    row_of = np.concatenate(placed) if placed else np.zeros(0, np.int64)
    order = np.argsort(row_of, kind="stable")
    offsets = np.concatenate([[0], np.cumsum(np.bincount(row_of))])
    return by_length[order], offsets.astype(np.int64)
