import dataclasses
import multiprocessing
import os
import signal
from pathlib import Path

import numpy as np
import pytest

from gaupt.batches.masking import Masking
from gaupt.batches.sampler import Batch, MaskedLMSampler
from gaupt.config import config_from
from gaupt.errors import GauptError
from gaupt.shards.build import build_shards
from gaupt.shards.format import open_shards
from gaupt.tokenizer.build import build_tokenizer
from tests.exporting.folders import write_vocabulary
from tests.made_documents import documents_of

SEQ_LEN, ROWS = 64, 8


@pytest.fixture(scope="module")
def sampler(shards_folder: Path) -> MaskedLMSampler:
    return MaskedLMSampler(shards_folder, SEQ_LEN, ROWS, seed=1)


def true_ids(batch: Batch) -> np.ndarray:
    ids = batch.input_ids.copy()
    ids.reshape(-1)[batch.positions] = batch.labels
    return ids


def assert_equal(a: Batch, b: Batch) -> None:
    for name, value in dataclasses.asdict(a).items():
        np.testing.assert_array_equal(value, getattr(b, name), err_msg=name)


def samples_of(batch: Batch) -> list[tuple[int, ...]]:
    ids = true_ids(batch)
    found = []
    for row, segments in zip(ids, batch.segment_ids, strict=True):
        for segment in range(1, segments.max() + 1):
            found.append(tuple(row[segments == segment].tolist()))
    return found


def test_a_batch_has_the_shapes_it_says(sampler: MaskedLMSampler) -> None:
    batch = sampler.batch(0)
    assert batch.input_ids.shape == batch.segment_ids.shape == (ROWS, SEQ_LEN)
    assert (batch.input_ids.dtype, batch.segment_ids.dtype) == (np.int64, np.int32)
    assert batch.positions.shape == batch.labels.shape
    assert batch.tokens == (batch.segment_ids > 0).sum()


def test_each_sample_is_framed_and_padding_is_padding(sampler: MaskedLMSampler) -> None:
    special = sampler.shards.manifest["tokenizer"]["special"]
    for step in range(5):
        batch = sampler.batch(step)
        assert (batch.input_ids[batch.segment_ids == 0] == special["pad"]).all()
        for sample in samples_of(batch):
            assert sample[0] == special["cls"] and sample[-1] == special["sep"]
            assert special["cls"] not in sample[1:] and special["sep"] not in sample[:-1]


@pytest.mark.slow
def test_an_epoch_holds_every_sample_once(sampler: MaskedLMSampler) -> None:
    one_row = MaskedLMSampler(sampler.shards.folder, SEQ_LEN, 1, seed=1)
    tokens = sorted(
        sample[1:-1] for step in range(one_row.rows_per_epoch) for sample in samples_of(one_row.batch(step))
    )
    shards = open_shards(sampler.shards.folder)
    stored = sum(len(shards.read(name).tokens) for name in shards.names("train"))
    assert sum(map(len, tokens)) == stored


def test_a_batch_is_a_function_of_seed_and_step(sampler: MaskedLMSampler) -> None:
    again = MaskedLMSampler(sampler.shards.folder, SEQ_LEN, ROWS, seed=1)
    again.batch(3)
    assert_equal(again.batch(7), sampler.batch(7))
    other = MaskedLMSampler(sampler.shards.folder, SEQ_LEN, ROWS, seed=2).batch(7)
    assert samples_of(other) != samples_of(sampler.batch(7))


@pytest.mark.parametrize("world", [2, 8])
def test_ranks_together_see_the_same_batch(sampler: MaskedLMSampler, world: int) -> None:
    whole = sampler.batch(5)
    parts = [sampler.batch(5, rank, world) for rank in range(world)]
    np.testing.assert_array_equal(np.concatenate([p.input_ids for p in parts]), whole.input_ids)
    np.testing.assert_array_equal(np.concatenate([p.labels for p in parts]), whole.labels)


def test_rows_that_cannot_be_dealt_evenly_are_refused(sampler: MaskedLMSampler) -> None:
    with pytest.raises(GauptError, match="8 rows cannot be dealt to 3"):
        sampler.batch(0, 0, 3)


@pytest.mark.slow
def test_workers_make_the_same_batches_in_order(sampler: MaskedLMSampler) -> None:
    made = list(sampler.batches(3, 12, num_workers=2))
    assert len(made) == 9
    for step, batch in enumerate(made, 3):
        assert_equal(batch, sampler.batch(step))


@pytest.mark.slow
def test_masks_change_from_epoch_to_epoch(sampler: MaskedLMSampler) -> None:
    one_row = MaskedLMSampler(sampler.shards.folder, SEQ_LEN, 1, seed=1)
    n = one_row.rows_per_epoch
    seen = [
        {tuple(true_ids(b)[0].tolist()): b.positions.tolist() for b in one_row.batches(e * n, (e + 1) * n)}
        for e in range(2)
    ]
    assert seen[0].keys() == seen[1].keys()
    assert sum(seen[0][row] != seen[1][row] for row in seen[0]) > 0.9 * n


def test_validation_batches_are_always_the_same(sampler: MaskedLMSampler) -> None:
    a = MaskedLMSampler(sampler.shards.folder, SEQ_LEN, 1, seed=1, split="validation")
    b = MaskedLMSampler(sampler.shards.folder, SEQ_LEN, 1, seed=9, split="validation")
    first, second = list(a.validation_batches(10_000)), list(b.validation_batches(10_000))
    assert len(first) == len(second) == a.rows_per_epoch
    for x, y in zip(first, second, strict=True):
        assert_equal(x, y)
    assert sum(batch.tokens for batch in a.validation_batches(50)) < sum(batch.tokens for batch in first)


def test_another_length_cuts_the_documents_anew(sampler: MaskedLMSampler) -> None:
    assert sampler.seq_len != sampler.shards.seq_len
    lengths = [len(sample) for step in range(10) for sample in samples_of(sampler.batch(step))]
    assert max(lengths) <= SEQ_LEN


@pytest.mark.parametrize("seq_len", [64, 63])
def test_samples_cut_anew_fill_the_row_to_its_last_token(seq_len: int, tmp_path: Path) -> None:
    """[CLS] and [SEP] included: commas end no sentence, so a text of them can be cut after each."""
    vocabulary = write_vocabulary(tmp_path / "vocabulary", 40) / "vocab.txt"
    vocabulary.write_text(vocabulary.read_text(encoding="utf-8") + "，\n", encoding="utf-8")
    build_tokenizer(None, tmp_path / "t", source=vocabulary)
    documents_of(tmp_path / "clean", "，" * 300)
    config = config_from({"shards": {"validation_share": 0, "seq_len": 128}}, "a test")
    build_shards(tmp_path / "clean", tmp_path / "t", tmp_path / "s", config, workers=1)
    sampler = MaskedLMSampler(tmp_path / "s", seq_len, 1, seed=0)
    found = sorted(len(s) for step in range(sampler.rows_per_epoch) for s in samples_of(sampler.batch(step)))
    content = seq_len - 2
    assert found == [300 % content + 2] + [seq_len] * (300 // content)


def test_the_masking_settings_are_used(shards_folder: Path) -> None:
    sampler = MaskedLMSampler(shards_folder, SEQ_LEN, ROWS, 1, Masking(0.5, 1.0, 0.0))
    batch = sampler.batch(0)
    assert 0.35 < len(batch.positions) / batch.tokens < 0.6
    assert (batch.input_ids.reshape(-1)[batch.positions] == 4).all()


@pytest.mark.slow
def test_a_worker_that_dies_is_an_error_and_no_hang(sampler: MaskedLMSampler) -> None:
    batches = sampler.batches(0, num_workers=1)
    next(batches)
    for child in multiprocessing.active_children():
        os.kill(child.pid or 0, signal.SIGKILL)
    with pytest.raises(GauptError, match="data loading process died"):
        for _ in range(100):
            next(batches)
