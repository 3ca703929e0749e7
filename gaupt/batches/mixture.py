"""Which row comes when: sources mixed by weight, each packed and shuffled for itself.

An epoch has a place for every row of every group of sources, as many times as the group's weight says; the
places are shuffled by one random permutation, and each group's rows by one of its own for each of its passes.
All of it is computed place by place, and nothing before a place needs to be known.
"""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from gaupt.batches.pack import pack
from gaupt.batches.random import key, mix, permute
from gaupt.errors import GauptError
from gaupt.shards.format import Shard, Shards

_ORDER = 0
_PACK_SEED = 0
"""What shares a row is part of the data; order and masks are the run's."""


class Mixture:
    """Rows of packed samples, in groups that are seen more or less often.

    Args:
        lengths: tokens of each sample, [CLS] and [SEP] included, shape [samples].
        seq_len: tokens of a row.
        group_of: the group of each sample, shape [samples].
        weights: passes over each group's samples in an epoch; 0 leaves a group out.
    """

    def __init__(
        self,
        lengths: NDArray[np.int64],
        seq_len: int,
        group_of: NDArray[np.int64],
        weights: Sequence[float],
    ) -> None:
        samples, counts, rows, tokens = [], [], [], []
        for group, weight in enumerate(weights):
            members = np.flatnonzero(group_of == group) if weight else np.zeros(0, np.int64)
            packed, bounds = pack(lengths[members], seq_len, _PACK_SEED)
            samples.append(members[packed])
            counts.append(np.diff(bounds))
            rows.append(len(bounds) - 1)
            tokens.append(int(lengths[members].sum()))
        self._samples = np.concatenate(samples)
        self._offsets = np.concatenate([[0], np.cumsum(np.concatenate(counts))])
        self._rows = np.array(rows)
        self._first_row = np.cumsum(self._rows) - self._rows
        # At least one place for a group that has rows and a weight.
        places = np.maximum(np.rint(self._rows * np.array(weights)), np.minimum(self._rows, 1))
        self._places = places.astype(np.int64)
        self._ends = np.cumsum(self._places)
        self.rows_per_epoch = int(self._ends[-1])
        """Rows of an epoch."""
        full = np.maximum(self._rows, 1)
        self.padding_share = float(
            1 - (np.array(tokens) / full * self._places).sum() / (self.rows_per_epoch * seq_len)
        )
        """Share of padding in the rows of an epoch."""

    def draw(self, slots: NDArray[np.int64], seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The rows of the ``slots``, counted from the start of training, and the pass over its group."""
        epochs, places = np.divmod(slots, self.rows_per_epoch)
        places = permute(places, self.rows_per_epoch, mix(key(seed, _ORDER), epochs))
        groups = np.searchsorted(self._ends, places, "right")
        size = self._places[groups]
        seen = epochs * size + places - (self._ends[groups] - size)  # rows of the group before this one
        rows = self._rows[groups]
        passes, places = np.divmod(seen, rows)
        drawn = np.empty_like(places)
        for group in np.unique(groups).tolist():
            here = groups == group
            keys = mix(key(seed, _ORDER, group), passes[here])
            drawn[here] = permute(places[here], int(self._rows[group]), keys)
        return self._first_row[groups] + drawn, passes

    def samples_of(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The samples of ``rows``, row by row, shape [samples], and how many each row has, shape [rows]."""
        first = self._offsets[rows]
        counts = self._offsets[rows + 1] - first
        places = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        return self._samples[np.repeat(first, counts) + places], counts


def group_samples(
    shards: Shards,
    split: str,
    loaded: Sequence[Shard],
    bounds: Sequence[NDArray[np.int64]],
    source_weights: Mapping[str, float],
) -> tuple[NDArray[np.int64], list[float]]:
    """The group of each sample, and the groups' weights; the last group is what no pattern fits, seen once.

    Args:
        shards: the folder, for the names of sources.
        split: the split that ``loaded`` are.
        loaded: the split's shards.
        bounds: tokens before each sample of a shard, and in all.
        source_weights: weight by pattern of the source's name, as in a shell; the first that fits counts.

    Raises:
        GauptError: a pattern fits no source, or nothing is left.
    """
    patterns = list(source_weights)
    facts = {shard["name"]: shard["sources"] for shard in shards.manifest["splits"][split]["shards"]}

    def group(source: str) -> int:
        return next((i for i, p in enumerate(patterns) if fnmatchcase(source, p)), len(patterns))

    groups = []
    for name, shard, bound in zip(shards.names(split), loaded, bounds, strict=True):
        group_of_source = np.array([group(source) for source in facts[name]], np.int64)
        document = np.searchsorted(shard.documents.astype(np.int64), bound[:-1], "right") - 1
        groups.append(group_of_source[shard.sources[document]])
    sources = {source for names in facts.values() for source in names}
    for pattern in patterns:
        if not any(fnmatchcase(source, pattern) for source in sources):
            known = ", ".join(sorted(sources)[:8]) + (", …" if len(sources) > 8 else "")
            raise GauptError(f"train.source_weights: no source fits {pattern!r}; there are {known}")
    weights = [*source_weights.values(), 1.0]
    group_of = np.concatenate(groups)
    if not any(weights[index] for index in np.unique(group_of).tolist()):
        raise GauptError("train.source_weights: every source has the weight 0; nothing is left to train on")
    return group_of, weights
