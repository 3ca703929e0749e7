"""A part of a shards folder that makes whole batches of ours: for comparisons on equal texts."""

import shutil
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gaupt.batches.mixture import Mixture
from gaupt.files import write_sealed_json
from gaupt.shards.format import (
    MANIFEST,
    TOKENIZER_FOLDER,
    TRAIN,
    VALIDATION,
    Shard,
    Shards,
    write_shard,
)
from gaupt.training.data import find_data

_FRAME = 2
"""[CLS] and [SEP], which ours puts around every sample."""


@dataclass(frozen=True)
class Sample:
    """One sample as others read it."""

    ids: NDArray[np.int64]
    """Tokens, [CLS] and [SEP] among them: shape [n]."""
    starts: NDArray[np.bool_]
    """Whether a word starts with each token, True at [CLS] and [SEP]: shape [n]."""


def write_pool(source: Path, folder: Path, rows: int, seed: int = 0) -> None:
    """Draw samples from the training split of ``source`` and write them as shards that pack into exactly ``rows``
    rows: whoever reads all of ``folder`` once sees the texts and tokens of an epoch of ours.

    Raises:
        GauptError: ``source`` is no complete folder of shards.
        ValueError: it has fewer samples.
    """
    shards = find_data(source).shards
    drawn = _draw(shards, rows, seed)
    count = _fitting(np.array([len(tokens) for tokens in drawn]), shards.seq_len, rows)
    folder.mkdir(parents=True)
    shutil.copytree(shards.folder / TOKENIZER_FOLDER, folder / TOKENIZER_FOLDER)
    manifest = {
        key: value for key, value in shards.manifest.items() if key not in ("splits", "files", "sha256")
    }
    manifest |= {"splits": {}, "files": {}}
    for split, samples in ((TRAIN, drawn[:count]), (VALIDATION, drawn[:1])):
        bounds = np.concatenate([[0], np.cumsum([len(tokens) for tokens in samples])]).astype(np.uint64)
        shard = Shard(np.concatenate(samples), bounds, np.zeros(len(samples), np.uint32), bounds)
        name = f"{split}-00000"
        manifest["files"] |= write_shard(folder, name, shard)
        counts = {"documents": len(samples), "tokens": int(bounds[-1]), "samples": len(samples)}
        manifest["splits"][split] = counts | {"shards": [{"name": name, **counts, "sources": ["pool"]}]}
    write_sealed_json(folder / MANIFEST, manifest)


def read_samples(folder: Path) -> list[Sample]:
    """The training samples of a pool."""
    shards = find_data(folder).shards
    special = shards.manifest["tokenizer"]["special"]
    samples = []
    for name in shards.names(TRAIN):
        shard = shards.read(name)
        bit = shard.tokens.dtype.type(shards.word_bit)
        bounds = shard.samples.astype(np.int64).tolist()
        for begin, end in pairwise(bounds):
            tokens = np.asarray(shard.tokens[begin:end])
            ids = np.concatenate([[special["cls"]], tokens & ~bit, [special["sep"]]]).astype(np.int64)
            starts = np.concatenate([[True], tokens & bit == 0, [True]])
            starts[1] = True
            samples.append(Sample(ids, starts))
    return samples


def _draw(shards: Shards, rows: int, seed: int) -> list[NDArray[np.unsignedinteger]]:
    """Tokens of more samples than fit ``rows`` rows, at random places of all shards."""
    loaded = [shards.read(name) for name in shards.names(TRAIN)]
    counts = np.array([len(shard.samples) - 1 for shard in loaded])
    mean = sum(len(shard.tokens) for shard in loaded) / counts.sum() + _FRAME
    wanted = int(1.2 * rows * shards.seq_len / mean) + 16
    if wanted > counts.sum():
        raise ValueError(
            f"{shards.folder} has {counts.sum()} samples, {wanted} are wanted; choose fewer steps"
        )
    ends = np.cumsum(counts)
    chosen = []
    for place in np.random.default_rng(seed).choice(ends[-1], wanted, replace=False).tolist():
        number = int(np.searchsorted(ends, place, "right"))
        shard, sample = loaded[number], place - (ends[number] - counts[number])
        begin, end = (int(bound) for bound in shard.samples[sample : sample + 2])
        chosen.append(np.asarray(shard.tokens[begin:end]))
    return chosen


def _fitting(lengths: NDArray[np.int64], seq_len: int, rows: int) -> int:
    """How many of the first samples pack into ``rows`` rows."""

    def packed(count: int) -> int:
        return Mixture(lengths[:count] + _FRAME, seq_len, np.zeros(count, np.int64), [1.0]).rows_per_epoch

    low, high = 1, len(lengths)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if packed(middle) <= rows else (low, middle - 1)
    if packed(low) != rows:
        raise ValueError(f"no part of {len(lengths)} samples packs into {rows} rows, but into {packed(low)}")
    return low
