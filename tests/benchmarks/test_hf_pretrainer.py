"""What the Trainer is given in the comparison is what ours reads: the same tokens, whole words masked."""

from inspect import signature
from pathlib import Path

import numpy as np
import pytest
import torch

from gaupt.batches.masking import Masking
from gaupt.model.config import RoFormerConfig
from tests.benchmarks.scripts import script

peers = script("hf_pretrainer")
Sample = script("sample_pool").Sample
PAD, CLS, SEP, MASK = 0, 2, 3, 4
SPECIAL = peers.Special(PAD, MASK, np.arange(10, 500))


def samples(count: int) -> list:
    """Samples of 5 to 60 tokens whose words are 1 to 3 tokens long."""
    draw = np.random.default_rng(0)
    made = []
    for _ in range(count):
        ids = np.concatenate([[CLS], draw.integers(10, 500, draw.integers(3, 58)), [SEP]])
        starts = draw.random(len(ids)) < 0.6
        starts[[0, 1, -1]] = True
        made.append(Sample(ids, starts))
    return made


def tokenizer(prepared: Path):
    transformers = pytest.importorskip("transformers", reason="its collator is what is tested")
    return transformers.AutoTokenizer.from_pretrained(prepared / "tokenizer")


def check(batch: dict, given: list, width: int) -> float:
    """The rules of a batch; returns the share of words that are masked."""
    words = masked = 0
    assert batch["input_ids"].shape == (len(given), width)
    for ids, there, labels, sample in zip(
        *(batch[name].numpy() for name in ("input_ids", "attention_mask", "labels")), given, strict=True
    ):
        n = len(sample.ids)
        assert there.tolist() == [1] * n + [0] * (width - n)
        assert (ids[n:] == PAD).all() and (labels[n:] == peers.IGNORED).all()
        wanted = labels[:n] != peers.IGNORED
        assert not wanted[[0, n - 1]].any()
        assert (labels[:n][wanted] == sample.ids[wanted]).all()
        assert (ids[:n][~wanted] == sample.ids[~wanted]).all()
        for word in np.split(wanted, np.flatnonzero(sample.starts)[1:])[1:-1]:
            assert word.all() or not word.any()
            words, masked = words + 1, masked + word[0]
    return masked / words


def test_the_vectorized_collator_masks_whole_words_and_pads_to_a_multiple_of_8() -> None:
    given = samples(300)
    collator = peers.VectorizedCollator(SPECIAL, Masking())
    batch = collator([{"input_ids": s.ids, "starts": s.starts} for s in given])
    width = -(-max(len(s.ids) for s in given) // 8) * 8
    assert check(batch, given, width) == pytest.approx(0.15, abs=0.03)
    assert collator.places == 300 * width


def test_masks_differ_from_batch_to_batch() -> None:
    given = [{"input_ids": s.ids, "starts": s.starts} for s in samples(20)]
    collator = peers.VectorizedCollator(SPECIAL)
    assert not (collator(given)["labels"] == collator(given)["labels"]).all()


@pytest.mark.slow
def test_the_library_collator_masks_our_words_and_pads_to_the_longest(prepared: Path) -> None:
    theirs = pytest.importorskip("transformers").DataCollatorForLanguageModeling
    if "whole_word_mask" not in signature(theirs).parameters:
        pytest.skip("this transformers masks no whole words in the collator that is the peer")
    given = samples(300)
    collator = peers.LibraryCollator(tokenizer(prepared))
    batch = collator([peers.library_example(sample) for sample in given])
    assert check(batch, given, max(len(s.ids) for s in given)) == pytest.approx(0.15, abs=0.03)


@pytest.mark.slow
def test_a_head_on_masked_positions_alone_changes_no_loss() -> None:
    pytest.importorskip("transformers", reason="its model is what is tested")
    size = RoFormerConfig(
        version=1,
        vocab_size=500,
        hidden_size=16,
        num_layers=1,
        num_heads=2,
        feedforward_size=32,
        max_length=64,
    )
    whole, part = (peers.build_roformer(size, masked_head).eval() for masked_head in (False, True))
    part.load_state_dict(whole.state_dict())
    batch = peers.VectorizedCollator(SPECIAL)([{"input_ids": s.ids, "starts": s.starts} for s in samples(8)])
    torch.testing.assert_close(part(**batch).loss, whole(**batch).loss)
