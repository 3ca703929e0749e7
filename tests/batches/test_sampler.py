import dataclasses
import itertools
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


def samples_of(batch: Batch, values: np.ndarray | None = None) -> list[tuple[int, ...]]:
    """The tokens of each sample, row by row, or other ``values`` of theirs."""
    found = []
    for row, segments in zip(true_ids(batch) if values is None else values, batch.segment_ids, strict=True):
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
@pytest.mark.parametrize("seq_len", [SEQ_LEN, 512])
def test_an_epoch_holds_every_sample_once(shards_folder: Path, seq_len: int) -> None:
    sampler = MaskedLMSampler(shards_folder, seq_len, 1, seed=1)
    samples = [ids for step in range(sampler.rows_per_epoch) for ids in samples_of(sampler.batch(step))]
    shards = [sampler.shards.read(name) for name in sampler.shards.names("train")]
    assert len(shards) > 1
    assert sum(len(ids) - 2 for ids in samples) == sum(len(shard.tokens) for shard in shards)
    if seq_len == sampler.shards.seq_len:
        stored = [
            (2, *(shard.tokens[begin:end] & (sampler.shards.word_bit - 1)).tolist(), 3)
            for shard in shards
            for begin, end in itertools.pairwise(shard.samples.tolist())
        ]
        assert sorted(samples) == sorted(stored)


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


def test_without_workers_batches_are_made_here_for_the_rank_that_asks(sampler: MaskedLMSampler) -> None:
    batches = sampler.batches(3, 5, rank=1, world=2)
    made = [next(batches)]
    assert not multiprocessing.active_children()
    made += batches
    for step, batch in enumerate(made, 3):
        assert_equal(batch, sampler.batch(step, 1, 2))
    assert len(made) == 2
    for step, batch in enumerate(itertools.islice(sampler.batches(), 3)):  # without end
        assert_equal(batch, sampler.batch(step))


@pytest.mark.parametrize("seq_len", [SEQ_LEN, 512])
def test_a_sample_is_found_in_its_shard_and_masked_by_the_words_there(
    shards_folder: Path, seq_len: int
) -> None:
    sampler = MaskedLMSampler(shards_folder, seq_len, ROWS, seed=1, masking=Masking(0.4))
    shards = [sampler.shards.read(name) for name in sampler.shards.names("train")]
    bit, rests = sampler.shards.word_bit, 0
    assert sampler.shards.seq_len == 512
    for step in range(4):
        batch = sampler.batch(step)
        masked = np.zeros((ROWS, seq_len), np.bool_)
        masked.reshape(-1)[batch.positions] = True
        hidden = samples_of(batch, masked)
        for shard, first, ids, is_masked in zip(
            *sampler.locate(batch.samples), samples_of(batch), hidden, strict=True
        ):
            ids, is_masked = ids[1:-1], np.array(is_masked[1:-1])
            stored = shards[shard].tokens[first : first + len(ids)]
            assert tuple((stored & (bit - 1)).tolist()) == ids
            rest = np.flatnonzero(stored[1:] & bit) + 1  # what is of a word and not its first token
            assert (is_masked[rest] == is_masked[rest - 1]).all()
            rests += len(rest)
    assert rests > 100


@pytest.mark.slow
def test_the_padding_is_what_an_epochs_rows_lack(sampler: MaskedLMSampler) -> None:
    one_row = MaskedLMSampler(sampler.shards.folder, SEQ_LEN, 1, seed=1)
    rows = one_row.rows_per_epoch
    tokens = sum(one_row.batch(step).tokens for step in range(rows))
    assert one_row.padding_share == pytest.approx(1 - tokens / (rows * SEQ_LEN))


def test_a_split_without_documents_is_refused(
    documents: Path, tokenizer_folder: Path, tmp_path: Path
) -> None:
    config = config_from({"shards": {"validation_share": 0}}, "a test")
    build_shards(documents, tokenizer_folder, tmp_path / "s", config, workers=1)
    with pytest.raises(GauptError, match=r"/s has no documents in its validation split"):
        MaskedLMSampler(tmp_path / "s", SEQ_LEN, 1, seed=0, split="validation")


def test_validation_ends_with_the_batch_that_has_the_last_token_asked_for(sampler: MaskedLMSampler) -> None:
    held_out = MaskedLMSampler(sampler.shards.folder, SEQ_LEN, 1, seed=1, split="validation")
    first, second = list(held_out.validation_batches(10_000))[:2]
    for tokens, batches in [
        (0, 0),
        (1, 1),
        (first.tokens, 1),
        (first.tokens + 1, 2),
        (first.tokens + second.tokens, 2),
    ]:
        assert len(list(held_out.validation_batches(tokens))) == batches


@pytest.mark.slow
def test_validation_batches_are_those_of_the_seed_0(sampler: MaskedLMSampler) -> None:
    seed_0, seed_1 = (
        MaskedLMSampler(sampler.shards.folder, SEQ_LEN, 1, seed=seed, split="validation") for seed in (0, 1)
    )
    for step, batch in enumerate(seed_1.validation_batches(10_000)):
        assert_equal(batch, seed_0.batch(step))


def test_validation_batches_are_always_the_same(sampler: MaskedLMSampler) -> None:
    a = MaskedLMSampler(sampler.shards.folder, SEQ_LEN, 1, seed=1, split="validation")
    b = MaskedLMSampler(sampler.shards.folder, SEQ_LEN, 1, seed=9, split="validation")
    first, second = list(a.validation_batches(10_000)), list(b.validation_batches(10_000))
    assert len(first) == len(second) == a.rows_per_epoch
    for x, y in zip(first, second, strict=True):
        assert_equal(x, y)
    assert sum(batch.tokens for batch in a.validation_batches(50)) < sum(batch.tokens for batch in first)


# At sentence ends, and where a sentence is longer than a sample between words.
@pytest.mark.slow
@pytest.mark.parametrize("seq_len", [64, 16])
def test_cut_anew_samples_are_those_of_shards_of_that_length(
    seq_len: int, shards_folder: Path, documents: Path, tokenizer_folder: Path, tmp_path: Path
) -> None:
    config = config_from({"shards": {"validation_share": 0.05, "seq_len": seq_len}}, "a test")
    build_shards(documents, tokenizer_folder, tmp_path / "s", config, workers=1)
    of_that_length = MaskedLMSampler(tmp_path / "s", seq_len, 16, seed=1)
    cut_anew = MaskedLMSampler(shards_folder, seq_len, 16, seed=1)
    assert of_that_length.shards.seq_len == seq_len != cut_anew.shards.seq_len
    for step in range(4):
        assert samples_of(of_that_length.batch(step)) == samples_of(cut_anew.batch(step))


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
    # The same in every release: a resumed run must go on with the masks that it began with.
    assert sampler.batch(0).positions.tolist() == [9, 11, 16, 29, 39, 48]


def test_the_masking_settings_are_used(shards_folder: Path) -> None:
    sampler = MaskedLMSampler(shards_folder, SEQ_LEN, ROWS, 1, Masking(0.5, 1.0, 0.0))
    batch = sampler.batch(0)
    assert 0.35 < len(batch.positions) / batch.tokens < 0.6
    assert (batch.input_ids.reshape(-1)[batch.positions] == 4).all()


@pytest.mark.slow
def test_a_worker_leaves_a_request_to_stop_to_the_process_that_trains(sampler: MaskedLMSampler) -> None:
    batches = sampler.batches(0, 12, num_workers=1)
    next(batches)
    for child in multiprocessing.active_children():
        os.kill(child.pid or 0, signal.SIGTERM)
    assert len(list(batches)) == 11


@pytest.mark.slow
def test_a_worker_that_dies_is_an_error_and_no_hang(sampler: MaskedLMSampler) -> None:
    batches = sampler.batches(0, num_workers=1)
    next(batches)
    for child in multiprocessing.active_children():
        os.kill(child.pid or 0, signal.SIGKILL)
    with pytest.raises(GauptError, match="data loading process died"):
        for _ in range(100):
            next(batches)
