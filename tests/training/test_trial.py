"""The trial before a run: it leaves no trace, fits the micro-batch to the memory, and refuses what does not fit."""

import dataclasses
import threading
from contextlib import nullcontext
from pathlib import Path

import pytest
import torch

from gaupt.config import Config
from gaupt.errors import GauptError
from gaupt.model.size import parameter_count
from gaupt.training import trial as trials
from gaupt.training.ranks import Ranks
from gaupt.training.run import Run
from gaupt.training.trial import check_parameters, try_out
from tests.training.ranks_of import together
from tests.training.runs import changed, set_up_run

CPU = torch.device("cpu")
MB = 1 << 20


@pytest.fixture
def run(tmp_path: Path, prepared: Path, tiny_config: Config) -> Run:
    """A new run of 8 rows of 64 tokens a step."""
    return set_up_run(tmp_path, prepared, changed(tiny_config, micro_batch_tokens="auto"))


def pretend(monkeypatch: pytest.MonkeyPatch, *, free: int, base: int, row: int) -> None:
    """A machine with ``free`` bytes more, on which a pass over n rows takes ``base`` and n times ``row``."""

    def peak(call, device):
        return base + len(call.args[1].input_ids) * row

    monkeypatch.setattr(trials, "peak_memory", peak)
    monkeypatch.setattr(trials, "memory_in_use", lambda device: 0)
    monkeypatch.setattr(trials, "available_memory", lambda device: free)


@pytest.mark.slow
def test_it_leaves_no_trace(run: Run) -> None:
    before = [parameter.detach().clone() for parameter in run.model.parameters()]
    try_out(run)
    assert all(torch.equal(a, b) for a, b in zip(before, run.model.parameters(), strict=True))
    assert not any(optimizer.state for optimizer in run.optimizers)
    assert all(p.grad is None for p in run.model.parameters())
    assert (run.step, run.tokens) == (0, 0)


@pytest.mark.slow
def test_it_measures_the_parts_of_a_run(run: Run) -> None:
    found = try_out(run)
    assert found.micro_rows == 8
    assert found.pace.step > 0 and found.pace.validation > 0 and found.pace.checkpoint > 0
    assert 16 * parameter_count(run.config.model) < found.peak_memory < found.free_memory


@pytest.mark.slow
@pytest.mark.parametrize(
    ("free", "rows"),
    [(2000, 8), (1135, 8), (1120, 4), (510, 3), (400, 2), (270, 1)],
)
def test_a_micro_batch_has_as_many_rows_as_fit_in_parts_of_one_size(
    run: Run, monkeypatch: pytest.MonkeyPatch, free: int, rows: int
) -> None:
    # 8 rows take 100 + 8 · 100 MB, and a fifth of what is free is left alone.
    pretend(monkeypatch, free=free * MB, base=100 * MB, row=100 * MB)
    assert try_out(run).micro_rows == rows


@pytest.mark.slow
def test_it_has_no_more_tokens_than_help(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "MICRO_BATCH_TOKENS", 3 * 64)
    assert try_out(run).micro_rows == 3
    monkeypatch.setattr(trials, "MICRO_BATCH_TOKENS", 7 * 64)
    assert try_out(run).micro_rows == 4  # two of 4, not 7 and 1


def test_where_not_even_one_row_fits_it_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, free=200 * MB, base=100 * MB, row=100 * MB)
    with pytest.raises(
        GauptError,
        match=r"needs 211 MB for one row, more than 80% of the 210 MB that are free; choose a smaller one",
    ):
        try_out(run)


def test_what_was_asked_for_and_does_not_fit_is_refused_with_what_would(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, free=560 * MB, base=100 * MB, row=100 * MB)
    run.config = changed(run.config, micro_batch_tokens=4 * 64)
    with pytest.raises(
        GauptError,
        match=r"micro_batch_tokens = 256 needs 526 MB, more than 80% of the 587 MB that are free.*192 at most",
    ):
        try_out(run)
    run.config = changed(run.config, micro_batch_tokens=2 * 64)
    assert try_out(run).micro_rows == 2


@pytest.mark.slow
def test_growth_that_hides_in_memory_taken_before_is_not_counted_as_none(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, free=170 * MB, base=100 * MB, row=0)
    # 7 more rows are counted with 32 MB at least: 35 MB are left, and 8 rows fit.
    assert try_out(run).micro_rows == 8
    pretend(monkeypatch, free=147 * MB, base=100 * MB, row=0)
    assert try_out(run).micro_rows == 4  # 17 MB are left


def test_a_model_whose_parameters_do_not_fit_is_refused_before_it_is_built(
    tiny_config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = 16 * parameter_count(tiny_config.model)
    monkeypatch.setattr(trials, "available_memory", lambda device: int(needed / 0.79))
    check_parameters(tiny_config, CPU)
    monkeypatch.setattr(trials, "available_memory", lambda device: int(needed / 0.81))
    with pytest.raises(GauptError, match="for its weights, gradients and moments"):
        check_parameters(tiny_config, CPU)


@pytest.mark.slow
def test_validation_is_counted_as_long_as_it_is(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "TIMED_TOKENS", 8 * 64)
    monkeypatch.setattr(trials, "steady_seconds", lambda call, device, times=None: 4.0)  # for 8 rows
    seconds = {
        tokens: try_out(
            dataclasses.replace(run, config=changed(run.config, eval_tokens=tokens))
        ).pace.validation
        for tokens in (64, 65, 64 * 1000)
    }
    assert seconds == {64: 0.5, 65: 1.0, 64 * 1000: 0.5 * run.validation.rows_per_epoch}


def test_processes_of_one_machine_share_its_memory(
    tiny_config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = 16 * parameter_count(tiny_config.model)
    monkeypatch.setattr(trials, "available_memory", lambda device: int(2 * needed / 0.79))
    check_parameters(tiny_config, CPU, Ranks(0, 4, local_world=2))
    with pytest.raises(GauptError, match="for its weights, gradients and moments"):
        check_parameters(tiny_config, CPU, Ranks(0, 4, local_world=4))


@pytest.mark.slow
def test_of_several_ranks_the_smallest_micro_batch_counts(
    tmp_path: Path, prepared: Path, tiny_config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = changed(changed(tiny_config, "model", dropout=0.0), micro_batch_tokens="auto")
    runs, own = [set_up_run(tmp_path, prepared, config) for _ in range(2)], threading.local()
    pretend(monkeypatch, free=0, base=100 * MB, row=100 * MB)
    monkeypatch.setattr(trials, "available_memory", lambda device: own.free * MB)
    monkeypatch.setattr(trials, "dropout_of_rows", lambda keys: nullcontext())

    def act(ranks: Ranks) -> int:
        # A rank has 4 of the 8 rows, which take 100 + 4 · 100 MB.
        own.free = 2 * (700, 400)[ranks.rank]
        runs[ranks.rank].ranks = ranks
        return try_out(runs[ranks.rank]).micro_rows

    assert together(2, act, grouped=True) == [2, 2]
