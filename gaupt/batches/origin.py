"""Where the tokens of a batch come from: which source, and which document of the shards."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gaupt.batches.sampler import Batch, MaskedLMSampler


@dataclass(frozen=True)
class Sources:
    """The sources of a split, and which of them each of its samples is from."""

    names: tuple[str, ...]
    """In the order of the alphabet."""
    of_sample: NDArray[np.int64]
    """An index into ``names``; shape [samples]."""

    def of_masked(self, batch: Batch) -> NDArray[np.int64]:
        """The source of each masked token of ``batch``, an index into ``names``; shape [masked]."""
        return self.of_sample[batch.samples[sample_of_masked(batch)]]


@dataclass(frozen=True)
class Origin:
    """Where a sample is in the shards, as docs/formats.md describes them."""

    shard: str
    document: int
    """Number of the document in the shard, from 0."""
    token: int
    """Number of the sample's first token in the shard, from 0."""
    source: str


def sample_of_masked(batch: Batch) -> NDArray[np.int64]:
    """Which of ``batch.samples`` each masked token belongs to; shape [masked]."""
    counts = batch.segment_ids.max(axis=1).astype(np.int64)
    before = np.cumsum(counts) - counts  # samples before each row
    row, segment = batch.positions // batch.segment_ids.shape[1], batch.segment_ids.ravel()[batch.positions]
    sample: NDArray[np.int64] = before[row] + segment - 1
    return sample


def find_sources(sampler: MaskedLMSampler) -> Sources:
    """The sources of the split that ``sampler`` reads."""
    shards, split = sampler.shards, sampler.split
    facts = {shard["name"]: shard["sources"] for shard in shards.manifest["splits"][split]["shards"]}
    names = tuple(sorted({name for known in facts.values() for name in known}))
    place = {name: number for number, name in enumerate(names)}
    shard_of, first = sampler.locate(slice(None))
    of_sample = np.empty(len(first), np.int64)
    for number, name in enumerate(shards.names(split)):
        shard, here = shards.read(name), shard_of == number
        document = np.searchsorted(shard.documents.astype(np.int64), first[here], "right") - 1
        ours = np.array([place[known] for known in facts[name]], np.int64)
        of_sample[here] = ours[shard.sources[document]]
    return Sources(names, of_sample)


def read_ids(sampler: MaskedLMSampler, origin: Origin, most: int) -> list[int]:
    """The first tokens of the sample at ``origin``, ``most`` at most and of its document alone."""
    shard = sampler.shards.read(origin.shard)
    end = min(origin.token + most, int(shard.documents[origin.document + 1]))
    ids: list[int] = (shard.tokens[origin.token : end] & (sampler.shards.word_bit - 1)).tolist()
    return ids


def find_origins(sampler: MaskedLMSampler, samples: NDArray[np.int64]) -> list[Origin]:
    """Where each of ``samples`` is; the shards that hold them are opened for it."""
    shards, split = sampler.shards, sampler.split
    listed = shards.manifest["splits"][split]["shards"]
    places = defaultdict[int, list[int]](list)
    shard_of, first = sampler.locate(samples)
    for place, number in enumerate(shard_of.tolist()):
        places[number].append(place)
    found: dict[int, Origin] = {}
    for number, chosen in places.items():
        name, sources = listed[number]["name"], listed[number]["sources"]
        shard = shards.read(name)
        for place in chosen:
            token = int(first[place])
            document = int(np.searchsorted(shard.documents.astype(np.int64), token, "right")) - 1
            found[place] = Origin(name, document, token, sources[shard.sources[document]])
    return [found[place] for place in range(len(samples))]
