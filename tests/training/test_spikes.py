"""Losses far above those before them: which are, and that the texts of their batch are named."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gaupt.batches.origin import find_origins, sample_of_masked
from gaupt.batches.sampler import MaskedLMSampler
from gaupt.checkpoint.run_folder import SPIKES, read_spikes
from gaupt.corpus.documents import read_documents
from gaupt.training.spikes import (
    DOCUMENTS,
    FAR,
    FEWEST,
    WINDOW,
    Spike,
    SpikeWatch,
    describe,
    keep_spikes,
    worst_documents,
    write_spike,
)

SPIKE = Spike(9.0, 1.0, median=5.0, bound=6.0, first=True)


def even(watch: SpikeWatch, count: int, level: float = 5.0) -> None:
    """``count`` losses of a median distance of 0.1 from ``level``."""
    for number in range(count):
        assert watch.see(level + 0.1 * (-1) ** number, 1.0) is None


def test_a_loss_is_a_spike_where_it_stands_so_many_deviations_above_the_median() -> None:
    bound = 5.0 + FAR * 1.4826 * 0.1
    watch = SpikeWatch()
    even(watch, WINDOW)
    assert watch.see(bound - 1e-6, 1.0) is None
    watch = SpikeWatch()
    even(watch, WINDOW)
    spike = watch.see(bound + 1e-6, 1.0)
    assert spike is not None
    assert (spike.median, spike.bound) == (pytest.approx(5.0), pytest.approx(bound))


def test_a_low_loss_is_none() -> None:
    watch = SpikeWatch()
    even(watch, WINDOW)
    assert watch.see(0.1, 1.0) is None


@pytest.mark.parametrize(("seen", "spike"), [(FEWEST - 1, False), (FEWEST, True)])
def test_a_loss_is_compared_with_so_many_at_least(seen: int, spike: bool) -> None:
    watch = SpikeWatch()
    even(watch, seen)
    assert (watch.see(50.0, 1.0) is not None) == spike


@pytest.mark.parametrize(("loss", "spike"), [(5.09, False), (5.11, True)])
def test_losses_may_be_as_even_as_they_like(loss: float, spike: bool) -> None:
    watch = SpikeWatch()
    for _ in range(WINDOW):
        watch.see(5.0, 1.0)
    assert (watch.see(loss, 1.0) is not None) == spike


def test_what_is_not_finite_is_a_spike_from_the_first_step_and_spoils_nothing() -> None:
    watch = SpikeWatch()
    for loss, norm in ((math.nan, 1.0), (5.0, math.inf)):
        spike = watch.see(loss, norm)
        assert spike is not None and spike.median is None
    even(watch, WINDOW)
    spike = watch.see(math.inf, 1.0)
    assert spike is not None and spike.median == pytest.approx(5.0)


def test_spikes_in_a_row_are_told_apart_and_a_new_level_is_no_spike_in_the_end() -> None:
    watch = SpikeWatch()
    even(watch, WINDOW)
    seen = [watch.see(9.0 + 0.1 * (-1) ** number, 1.0) for number in range(WINDOW)]
    assert [spike.first for spike in seen if spike] == [True] + [False] * (len(list(filter(None, seen))) - 1)
    assert seen[WINDOW // 2 - 2] is not None and seen[-1] is None


@pytest.fixture(scope="module")
def sampler(shards_folder: Path) -> MaskedLMSampler:
    return MaskedLMSampler(shards_folder, 64, rows=8, seed=1)


def test_the_texts_of_the_highest_losses_are_named(
    tmp_path: Path, sampler: MaskedLMSampler, documents: Path
) -> None:
    batch = sampler.batch(3)
    sample = sample_of_masked(batch)
    worst = int(sample[len(sample) // 2])
    losses = torch.from_numpy(np.where(sample == worst, 12.0, 2.0))
    write_spike(tmp_path, SPIKE, [worst_documents(sampler, batch, losses)], step=8, batch=9)
    (record,) = read_spikes(tmp_path)
    named = record.pop("documents")
    assert record == {"step": 8, "batch": 9, "loss": 9.0, "grad_norm": 1.0, "median": 5.0, "bound": 6.0}
    assert len(named) == min(DOCUMENTS, len(batch.samples))
    assert [each["loss"] for each in named] == [12.0] + [2.0] * (len(named) - 1)
    origin = find_origins(sampler, batch.samples[[worst]])[0]
    first = named[0]
    assert (first["shard"], first["document"], first["source"]) == (
        origin.shard,
        origin.document,
        origin.source,
    )
    assert first["masked"] == (sample == worst).sum()
    written = {document.text.replace("\n", ""): document.source for document in read_documents(documents)}
    whole = next(text for text in written if first["text"][:20] in text)
    assert written[whole] == origin.source


def test_a_loss_that_is_not_finite_comes_first_and_is_strict_json(
    tmp_path: Path, sampler: MaskedLMSampler
) -> None:
    batch = sampler.batch(0)
    sample = sample_of_masked(batch)
    losses = torch.from_numpy(np.where(sample == 5, np.nan, 2.0))
    spike = Spike(math.nan, math.nan, None, None, first=True)
    write_spike(tmp_path, spike, [worst_documents(sampler, batch, losses)], step=1, batch=0)
    line = json.loads((tmp_path / SPIKES).read_text(), parse_constant=pytest.fail)
    assert line["loss"] is None and line["grad_norm"] is None and line["median"] is None
    assert line["documents"][0]["loss"] is None and line["documents"][1]["loss"] == 2.0


def named(*losses: float | None) -> list[dict[str, Any]]:
    """Documents of these losses."""
    return [{"loss": loss, "source": "wiki", "text": "天"} for loss in losses]


def test_the_worst_of_all_parts_of_a_batch_are_named(tmp_path: Path) -> None:
    write_spike(tmp_path, SPIKE, [named(9.0, 1.0), named(None, 5.0)], step=1, batch=0)
    write_spike(tmp_path, SPIKE, [named(*[1.0] * DOCUMENTS), named(2.0)], step=2, batch=1)
    first, second = (record["documents"] for record in read_spikes(tmp_path))
    assert [document["loss"] for document in first] == [None, 9.0, 5.0, 1.0]
    assert [document["loss"] for document in second] == [2.0] + [1.0] * (DOCUMENTS - 1)


def test_spikes_of_batches_that_run_again_are_forgotten_and_those_that_led_back_are_not(
    tmp_path: Path,
) -> None:
    keep_spikes(tmp_path, 0, print)
    assert not (tmp_path / SPIKES).exists()
    for step, batch in ((8, 7), (9, 8), (6, 9), (7, 10)):  # back to step 5 behind batch 8
        write_spike(tmp_path, SPIKE, [named(9.0)], step=step, batch=batch)
    keep_spikes(tmp_path, 10, print)  # resumed at step 6
    assert [record["step"] for record in read_spikes(tmp_path)] == [8, 9, 6]


def test_a_spike_is_told_in_one_line() -> None:
    assert describe(SPIKE, 7) == (
        "step 7: loss 9.000, far above the 5.000 of the steps before; the texts are in spikes.jsonl"
    )
    bad = Spike(5.0, math.nan, 5.0, 6.0, first=True)
    assert describe(bad, 7) == "step 7: loss 5.000, gradient norm nan; the texts are in spikes.jsonl"
