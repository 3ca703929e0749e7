"""The objective: summed loss, hits, micro-batches, the held-out score."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gaupt.batches.origin import Sources
from gaupt.batches.sampler import Batch
from gaupt.config import Config
from gaupt.device import Machine
from gaupt.training import objective
from gaupt.training.objective import evaluate, masked_loss, micro_batches
from gaupt.training.ranks import Ranks
from gaupt.training.signals import Stopped, StopRequest
from tests.model.small import VOCAB, build
from tests.training.ranks_of import together
from tests.training.runs import set_up_run


def test_sampled_batches_reach_the_model_whole(prepared: Path, tiny_config: Config, tmp_path: Path) -> None:
    run = set_up_run(tmp_path, prepared, tiny_config)
    batch = run.sampler.batch(0)
    parts = list(micro_batches(batch, 3))
    assert sum(len(part.labels) for part in parts) == len(batch.labels)
    assert sum(part.tokens for part in parts) == batch.tokens
    for part in parts:
        assert (part.input_ids.flatten()[part.positions] >= 0).all()
        assert part.positions.max() < part.input_ids.size


FLOAT32 = Machine(torch.device("cpu"), torch.float32)
BFLOAT16 = Machine(torch.device("cpu"), torch.bfloat16)


def made_batch(rows: int, seq_len: int = 6, seed: int = 0, rate: float = 0.3) -> Batch:
    """Random rows with padding at their ends."""
    draw = np.random.default_rng(seed)
    ids = draw.integers(5, VOCAB, (rows, seq_len))
    segments = (np.arange(seq_len) < draw.integers(2, seq_len + 1, (rows, 1))).astype(np.int32)
    positions = np.flatnonzero((draw.random((rows, seq_len)) < rate) & (segments > 0))
    return Batch(
        ids,
        segments,
        positions,
        draw.integers(5, VOCAB, len(positions)),
        int(segments.sum()),
        np.arange(rows),
    )


@pytest.mark.slow
@given(rows=st.integers(1, 9), size=st.integers(1, 10), seed=st.integers(0, 99))
def test_micro_batches_are_the_batch_cut_into_rows(rows: int, size: int, seed: int) -> None:
    batch = made_batch(rows, seed=seed)
    parts = list(micro_batches(batch, size))
    assert [len(part.input_ids) for part in parts] == [
        *[size] * (rows // size),
        *([rows % size] if rows % size else []),
    ]
    for name in ("input_ids", "segment_ids", "labels", "samples"):
        np.testing.assert_array_equal(
            np.concatenate([getattr(part, name) for part in parts]), getattr(batch, name)
        )
    masked = np.concatenate([part.input_ids.flatten()[part.positions] for part in parts])
    np.testing.assert_array_equal(masked, batch.input_ids.flatten()[batch.positions])
    assert [part.tokens for part in parts] == [np.count_nonzero(part.segment_ids) for part in parts]


def test_the_loss_is_the_sum_over_masked_tokens_and_hits_are_counted() -> None:
    model, batch = build("softmax_plus"), made_batch(4)
    everywhere = model(torch.from_numpy(batch.input_ids), torch.from_numpy(batch.segment_ids)).flatten(0, 1)
    logits = everywhere[batch.positions]
    labels = logits.argmax(-1).numpy()
    labels[:2] = (labels[:2] + 1) % VOCAB
    batch = Batch(batch.input_ids, batch.segment_ids, batch.positions, labels, batch.tokens, batch.samples)
    loss, losses, hits = masked_loss(model, model.encode, batch, FLOAT32)
    expected = -logits.log_softmax(-1)[range(len(labels)), labels].sum()
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(losses.sum(), loss.detach())
    assert hits.sum() == len(labels) - 2


@pytest.mark.parametrize(("masked", "predicted"), [(1, 64), (64, 64), (65, 128), (128, 128)])
def test_predictions_are_made_in_few_sizes_so_that_memory_is_used_again(masked: int, predicted: int) -> None:
    model, batch = build("softmax_plus"), made_batch(64)
    fewer = replace(batch, positions=np.arange(masked) % 2 + 3 * np.arange(masked), labels=np.full(masked, 7))
    assert len(masked_loss(model, model.encode, fewer, FLOAT32).losses) == predicted


def test_the_model_computes_in_the_precision_and_the_loss_in_float32() -> None:
    model, batch, seen = build("softmax_plus"), made_batch(4), []
    layer = model.encoder.layers[0]
    layer.expand.register_forward_hook(lambda module, given, out: seen.append(out.dtype))
    losses = [masked_loss(model, model.encode, batch, machine).total for machine in (FLOAT32, BFLOAT16)]
    assert seen == [torch.float32, torch.bfloat16]
    assert {loss.dtype for loss in losses} == {torch.float32}
    assert losses[1].item() == pytest.approx(losses[0].item(), rel=0.05)


def test_the_score_is_the_mean_over_masked_tokens_however_they_are_batched() -> None:
    model = build("softmax_plus")
    batches = [made_batch(5, seed=1, rate=0.1), made_batch(3, seed=2, rate=0.9)]
    losses = [masked_loss(model, model.encode, batch, FLOAT32) for batch in batches]
    masked = sum(len(batch.labels) for batch in batches)
    for rows in (1, 2, 10):
        scores = evaluate(model, model.encode, batches, rows, FLOAT32)
        assert scores["eval_loss"] == pytest.approx(sum(loss.total.item() for loss in losses) / masked)
        assert scores["eval_accuracy"] == sum(loss.hits.sum().item() for loss in losses) / masked


def test_scores_have_no_dropout_and_leave_no_gradient() -> None:
    model = build("softmax_plus").train()
    scores = [evaluate(model, model.encode, [made_batch(4)], 4, FLOAT32) for _ in range(2)]
    assert scores[0] == scores[1]
    assert not model.training
    assert all(parameter.grad is None for parameter in model.parameters())


def test_the_loss_of_each_source_is_the_mean_over_its_masked_tokens() -> None:
    model = build("softmax_plus")
    batches = [made_batch(5, seed=1), made_batch(3, seed=2)]  # a sample a row
    sources = Sources(("empty", "even", "odd"), np.array([1, 2, 1, 2, 1]))
    expected = {"even": [], "odd": []}
    for batch in batches:
        scored = masked_loss(model, model.encode, batch, FLOAT32)
        for position, loss in zip(batch.positions, scored.losses.tolist(), strict=False):
            expected["odd" if position // 6 % 2 else "even"].append(loss)
    for rows in (1, 2, 10):
        scores = evaluate(model, model.encode, batches, rows, FLOAT32, sources=sources)
        whole = evaluate(model, model.encode, batches, rows, FLOAT32)
        assert scores == whole | {
            f"eval_loss/{name}": pytest.approx(float(np.mean(losses))) for name, losses in expected.items()
        }


def test_one_source_is_the_whole_and_of_many_the_largest_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    model, batch = build("softmax_plus"), made_batch(5, seed=1, rate=0.9)

    def told(*sources: int) -> list[str]:
        given = Sources(("a", "b", "c"), np.array(sources))
        return [*evaluate(model, model.encode, [batch], 5, FLOAT32, sources=given)][2:]

    assert told(1, 1, 1, 1, 1) == []
    assert told(2, 0, 2, 0, 2) == ["eval_loss/c", "eval_loss/a"]
    monkeypatch.setattr(objective, "MOST_SOURCES", 1)
    assert told(2, 0, 2, 0, 2) == ["eval_loss/c"]


def test_of_sources_as_large_twenty_are_told_in_their_order() -> None:
    model, batch = build("softmax_plus"), made_batch(30)
    places = 6 * np.repeat(np.arange(30), 2) + np.tile([0, 1], 30)
    batch = replace(batch, positions=places, labels=np.full(60, 7))
    names = tuple(f"{number:02}" for number in range(30))
    for many, told in ((20, 20), (21, 20), (30, 20)):
        sources = Sources(names[:many], np.arange(30) % many)
        found = list(evaluate(model, model.encode, [batch], 30, FLOAT32, sources=sources))[2:]
        largest = sorted(range(many), key=lambda source: source >= 30 - many)  # seen twice: those come first
        assert found == [f"eval_loss/{names[source]}" for source in largest[:told]]


@pytest.mark.slow
@pytest.mark.parametrize("rows", [1, 3, 4])
def test_ranks_deal_the_passes_out_and_all_get_the_score_of_one(rows: int) -> None:
    model, batches = build("softmax_plus"), [made_batch(8), made_batch(5, seed=1)]
    sources = Sources(("a", "b"), np.arange(8) % 2)
    whole = evaluate(model, model.encode, batches, 4, FLOAT32, sources=sources)

    def act(ranks: Ranks) -> dict[str, float]:
        return evaluate(model, model.encode, batches, rows, FLOAT32, sources=sources, ranks=ranks)

    first, second = together(2, act, grouped=True)
    assert first == second == pytest.approx(whole, rel=1e-6)
    assert whole.keys() == {"eval_loss", "eval_accuracy", "eval_loss/a", "eval_loss/b"}


def test_a_stop_on_one_rank_is_a_stop_on_all() -> None:
    model = build("softmax_plus")

    def act(ranks: Ranks) -> None:
        stop = StopRequest(requested=ranks.rank == 1)
        evaluate(model, model.encode, [made_batch(8)], 2, FLOAT32, stop.check, ranks=ranks)

    assert [type(end) for end in together(2, act, grouped=True)] == [Stopped, Stopped]
