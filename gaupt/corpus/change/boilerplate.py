"""Lines that web sites put around a text: navigation, sharing, copyright, advertising, page numbers.

A line goes when it is short, holds one of the keywords of a kind, and the kind's pattern matches all of it. Prose
that only mentions such words does not match. The kinds are in `boilerplate_lines`.
"""

import re
from collections.abc import Iterator
from functools import cache

import numpy as np
import numpy.typing as npt

from gaupt.corpus.change.boilerplate_lines import HEADING, KINDS, STORY
from gaupt.text.characters import code_points

MAX_LINE = 120
"""Characters of the longest line that is looked at."""

_Kind = tuple[tuple[str, ...], re.Pattern[str]]


@cache
def _kinds_by_bigram() -> tuple[npt.NDArray[np.uint8], list[tuple[_Kind, ...]]]:
    """For each hash of two characters, which of the sets of kinds has a keyword that begins so; and the sets.

    Number 0 is the empty set.
    """
    kinds = [(keywords, re.compile(pattern)) for keywords, pattern in KINDS]
    beginning: dict[int, list[int]] = {}
    for number, (keywords, _) in enumerate(kinds):
        for hash_ in {int(_hash(code_points(keyword[:2]))[0]) for keyword in keywords}:
            beginning.setdefault(hash_, []).append(number)
    sets = [(), *sorted({tuple(numbers) for numbers in beginning.values()})]
    table = np.zeros(1 << 16, dtype=np.uint8)
    for hash_, numbers in beginning.items():
        table[hash_] = sets.index(tuple(numbers))
    return table, [tuple(kinds[number] for number in numbers) for numbers in sets]


def _hash(points: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """A 16-bit hash of every two neighbouring characters."""
    return (points[:-1] * np.uint32(31_337) + points[1:]) & np.uint32(0xFFFF)


def remove_boilerplate(text: str) -> str:
    """``text`` without its boilerplate lines."""
    if len(text) < 2:
        return text
    kept, position = [], 0
    for start, end in _boilerplate_lines(text):
        above = text.rfind("\n", 0, max(0, start - 1)) + 1
        if position <= above < start and HEADING.fullmatch(text, above, start - 1):
            start = above
        kept.append(text[position:start])
        position = end + 1
    return "".join([*kept, text[position:]]).removesuffix("\n") if kept else text


def _boilerplate_lines(text: str) -> Iterator[tuple[int, int]]:
    """Where the boilerplate lines begin and end. Only the places where a keyword may begin are looked at."""
    table, sets = _kinds_by_bigram()
    numbers = table[_hash(code_points(text))]
    found = np.flatnonzero(numbers)
    done = start = end = -1
    # A line may hold the keywords of a kind again and again. By their ids: the hash of a pattern reads all of it.
    failed: set[int] = set()
    for position, number in zip(found.tolist(), numbers[found].tolist(), strict=True):
        if position <= done:
            continue
        for keywords, pattern in sets[number]:
            if text.startswith(keywords, position):
                if position > end:
                    start = text.rfind("\n", 0, position) + 1
                    end = text.find("\n", position)
                    end = len(text) if end < 0 else end
                    failed.clear()
                if end - start > MAX_LINE:
                    done = end
                    break
                if id(pattern) in failed:
                    continue
                if pattern.fullmatch(text, start, end) and not STORY.search(text, start, end):
                    yield start, end
                    done = end
                    break
                failed.add(id(pattern))
