"""Where the tokens of a batch come from, told from the shards alone."""

from pathlib import Path

import numpy as np
import pytest

from gaupt.batches.origin import find_origins, find_sources, read_ids, sample_of_masked
from gaupt.batches.sampler import Batch, MaskedLMSampler
from gaupt.shards.format import Shards

SEQ_LEN = 64


@pytest.fixture(scope="module")
def sampler(shards_folder: Path) -> MaskedLMSampler:
    return MaskedLMSampler(shards_folder, SEQ_LEN, rows=8, seed=1)


def words_of(shards: Shards, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Ids of a shard's tokens, and the document of each."""
    shard = shards.read(name)
    ids = shard.tokens & shard.tokens.dtype.type(shards.word_bit - 1)
    return ids, np.repeat(np.arange(len(shard.sources)), np.diff(shard.documents.astype(np.int64)))


def ids_of(batch: Batch, number: int) -> list[int]:
    """True ids of a sample of ``batch`` without its frame; samples are counted row by row."""
    ids = batch.input_ids.copy()
    ids.reshape(-1)[batch.positions] = batch.labels
    row = int(np.searchsorted(np.cumsum(batch.segment_ids.max(axis=1)), number, "right"))
    before = int(batch.segment_ids[:row].max(axis=1).sum())
    return ids[row][batch.segment_ids[row] == number - before + 1].tolist()[1:-1]


def test_a_sample_is_where_its_origin_says(sampler: MaskedLMSampler) -> None:
    for step in (0, 3):
        batch = sampler.batch(step)
        assert len(batch.samples) == batch.segment_ids.max(axis=1).sum()
        for number, origin in enumerate(find_origins(sampler, batch.samples)):
            given = ids_of(batch, number)
            ids, document = words_of(sampler.shards, origin.shard)
            here = slice(origin.token, origin.token + len(given))
            assert ids[here].tolist() == given
            assert set(document[here].tolist()) == {origin.document}
            facts = {shard["name"]: shard for shard in sampler.shards.manifest["splits"]["train"]["shards"]}
            source = sampler.shards.read(origin.shard).sources[origin.document]
            assert origin.source == facts[origin.shard]["sources"][source]


def test_a_masked_token_belongs_to_the_sample_that_it_stands_in(sampler: MaskedLMSampler) -> None:
    batch = sampler.batch(2)
    for position, label, number in zip(
        batch.positions.tolist(), batch.labels.tolist(), sample_of_masked(batch).tolist(), strict=True
    ):
        row, column = divmod(position, SEQ_LEN)
        start = int(np.flatnonzero(batch.segment_ids[row] == batch.segment_ids[row, column])[0])
        assert ids_of(batch, number)[column - start - 1] == label


@pytest.mark.parametrize("split", ["train", "validation"])
def test_sources_are_those_of_the_split_by_name(shards_folder: Path, split: str) -> None:
    sampler = MaskedLMSampler(shards_folder, SEQ_LEN, rows=8, seed=1, split=split)
    sources = find_sources(sampler)
    assert sources.names == tuple(sorted(set(sources.names))) and len(sources.names) > 1
    batch = sampler.batch(0)
    origins = find_origins(sampler, batch.samples)
    assert [sources.names[place] for place in sources.of_sample[batch.samples]] == [o.source for o in origins]
    expected = [origins[number].source for number in sample_of_masked(batch)]
    assert [sources.names[place] for place in sources.of_masked(batch)] == expected


def test_the_text_at_an_origin_ends_with_its_document(sampler: MaskedLMSampler) -> None:
    batch = sampler.batch(0)
    for number, origin in enumerate(find_origins(sampler, batch.samples)):
        ids, document = words_of(sampler.shards, origin.shard)
        rest = ids[origin.token :][document[origin.token :] == origin.document].tolist()
        assert read_ids(sampler, origin, 10**6) == rest
        assert read_ids(sampler, origin, 3) == ids_of(batch, number)[:3] == rest[:3]
