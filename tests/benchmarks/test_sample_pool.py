"""A pool is a part of the shards that an epoch of ours reads exactly once."""

from pathlib import Path

import numpy as np
import pytest

from gaupt.batches.sampler import MaskedLMSampler
from gaupt.shards.format import verify
from gaupt.training.data import find_data
from tests.benchmarks.scripts import script

pools = script("sample_pool")
ROWS, LENGTH = 12, 64


@pytest.fixture(scope="module")
def pool(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pools") / "pool"
    pools.write_pool(prepared, folder, ROWS)
    return folder


def test_is_a_complete_folder_of_shards(pool: Path) -> None:
    assert not any(verify(pool))


def test_an_epoch_of_ours_reads_every_sample_once_and_nothing_else(pool: Path) -> None:
    samples = pools.read_samples(pool)
    sampler = MaskedLMSampler(pool, LENGTH, ROWS // 2, seed=3)
    batches = [sampler.batch(step) for step in range(2)]
    read = []
    for batch in batches:
        ids = batch.input_ids.copy()
        ids.reshape(-1)[batch.positions] = batch.labels
        for row, segments in zip(ids, batch.segment_ids, strict=True):
            read += [row[segments == number].tolist() for number in range(1, segments.max() + 1)]
    assert sampler.rows_per_epoch == ROWS
    assert sorted(read) == sorted(sample.ids.tolist() for sample in samples)


def test_words_start_where_the_shards_say(prepared: Path, pool: Path) -> None:
    shards = find_data(prepared).shards
    whole = [np.asarray(shards.read(name).tokens) for name in shards.names("train")]
    bit = whole[0].dtype.type(shards.word_bit)
    known = {
        shard[begin:end].tobytes(): (shard[begin:end] & bit) == 0
        for name, shard in zip(shards.names("train"), whole, strict=True)
        for begin, end in zip(
            *(shards.read(name).samples.astype(int)[part] for part in (slice(-1), slice(1, None))),
            strict=True,
        )
    }
    starts = {tokens: words for tokens, words in known.items() if len(words)}
    pieces = {
        (np.frombuffer(tokens, whole[0].dtype) & ~bit).astype(np.int64).tobytes(): words
        for tokens, words in starts.items()
    }
    for sample in pools.read_samples(pool):
        words = pieces[sample.ids[1:-1].tobytes()]
        assert sample.starts[2:-1].tolist() == words[1:].tolist()
        assert sample.starts[[0, 1, -1]].all()


def test_more_samples_than_there_are_is_refused(prepared: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="choose fewer steps"):
        pools.write_pool(prepared, tmp_path / "pool", 10**6)
