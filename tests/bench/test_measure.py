"""What is timed, in which turns, and how much arithmetic it is. How long it takes is not looked at."""

import os
import signal

import pytest
import torch
from torch import nn

from gaupt.bench import measure
from gaupt.bench.contestants import Contestant, from_transformers, ours
from gaupt.bench.measure import (
    MODES,
    Work,
    build,
    interleaved,
    peak_memory,
    runner,
    step_flops,
)
from gaupt.errors import GauptError
from gaupt.model.config import RoFormerConfig
from gaupt.model.flops import forward_flops, head_flops
from tests.model.small import FAMILY, VOCAB

CPU = torch.device("cpu")
WORK = Work(12, 3, CPU, torch.float32)
GAU = ours("GAU", FAMILY["softmax_plus"])


def test_inputs_are_ordinary_ids_with_a_share_of_distinct_positions_to_predict() -> None:
    ids, positions, labels = Work(100, 4, CPU, torch.float32).inputs(VOCAB)
    assert ids.shape == (4, 100) and ids.min() >= 5 and ids.max() < VOCAB
    assert len(positions) == len(set(positions.tolist())) == 60
    assert torch.equal(labels, ids.flatten()[positions])


def test_inputs_are_the_same_each_time_and_one_position_at_least() -> None:
    first, again = WORK.inputs(VOCAB), WORK.inputs(VOCAB)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    for length, masked in ((1, 1), (6, 1), (13, 1), (14, 2)):
        assert len(Work(length, 1, CPU, torch.float32).inputs(VOCAB)[1]) == masked


def test_a_contestant_is_built_alike_each_time() -> None:
    first, again = build(GAU, WORK), build(GAU, WORK)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))


class Watched(nn.Module):
    """A model of one matrix that notes how it is called."""

    def __init__(self) -> None:
        super().__init__()
        self.matrix = nn.Parameter(torch.randn(VOCAB, VOCAB))
        self.calls: list[tuple[str, bool, bool]] = []


def watched(model: Watched) -> Contestant:
    def step(kind: str) -> measure.Callable[..., torch.Tensor]:
        def call(model: Watched, ids: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
            model.calls.append((kind, model.training, torch.is_grad_enabled()))
            return model.matrix[ids.flatten()[positions]]

        return call

    config = FAMILY["softmax_plus"]
    return Contestant("watched", Watched, step("encode"), step("predict"), config, config)


def test_forward_encodes_in_evaluation_without_gradients() -> None:
    model = Watched()
    run = runner(watched(model), WORK, "forward", compiled=False, model=model)
    run()
    assert model.calls == [("encode", False, False)]


def test_training_predicts_and_goes_backward_and_leaves_no_gradient() -> None:
    model = Watched()
    seen: list[torch.Tensor] = []
    model.matrix.register_hook(seen.append)
    run = runner(watched(model), WORK, "training", compiled=False, model=model)
    run()
    run()
    assert model.calls == [("predict", True, True)] * 2
    assert len(seen) == 2 and torch.equal(seen[0], seen[1]) and seen[0].any()
    assert model.matrix.grad is None


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_members_of_the_family_run(mode: str, precision: torch.dtype) -> None:
    for member in ("softmax_plus", "mixed_chunk", "roformer_v1"):
        runner(ours(member, FAMILY[member]), Work(12, 2, CPU, precision), mode, compiled=False)()


def test_all_are_called_in_turns_after_one_call_to_warm_up() -> None:
    calls: list[str] = []
    runs = [lambda name=name: calls.append(name) for name in "abc"]
    told: list[int] = []
    times = interleaved(runs, CPU, 2, lambda: told.append(len(calls)))
    assert "".join(calls) == "abc" * 3
    assert told == [*range(1, 10)]
    assert len(times) == 3


def test_the_median_of_the_rounds_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    given = iter([1.0, 10.0, 9.0, 10.0, 2.0, 70.0])
    monkeypatch.setattr(measure, "timed", lambda *_: next(given))
    assert interleaved([lambda: None, lambda: None], CPU, 3, lambda: None) == [2.0, 10.0]


def died(*_: object) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


@pytest.mark.slow
def test_memory_is_that_of_a_process_of_its_own() -> None:
    assert peak_memory(GAU, WORK, "training") > 2**20


@pytest.mark.slow
def test_a_process_that_is_killed_for_its_memory_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "_resident", died)
    with pytest.raises(
        GauptError, match=r"GAU, training, 3 × 12 tokens: more memory than there is; name fewer"
    ):
        peak_memory(GAU, WORK, "training")


def test_on_a_gpu_the_memory_of_the_others_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "runner", lambda *_, **__: lambda: None)
    monkeypatch.setattr("torch.cuda.reset_peak_memory_stats", lambda: None)
    monkeypatch.setattr("torch.cuda.memory_allocated", lambda: 100)
    monkeypatch.setattr("torch.cuda.max_memory_allocated", lambda: 130)
    gpu = Work(12, 3, torch.device("cuda"), torch.float32)
    assert peak_memory(GAU, gpu, "forward") == 30

    def too_much() -> None:
        raise torch.cuda.OutOfMemoryError

    monkeypatch.setattr(measure, "runner", lambda *_, **__: too_much)
    with pytest.raises(GauptError, match="GAU, forward, 3 × 12 tokens: more memory than there is"):
        peak_memory(GAU, gpu, "forward")


def test_training_is_three_times_the_encoder_and_the_head_at_what_is_predicted() -> None:
    encoder, head = 36 * forward_flops(GAU.config, 12), head_flops(GAU.config)
    assert step_flops(GAU, WORK, "forward") == encoder
    assert step_flops(GAU, WORK, "training") == 3 * (encoder + 5 * head)  # 15% of 36
    one = Work(2, 1, CPU, torch.float32)
    assert step_flops(GAU, one, "training") == 3 * (2 * forward_flops(GAU.config, 2) + head)


def test_models_of_transformers_project_every_position() -> None:
    config = FAMILY["roformer_v1"]
    assert isinstance(config, RoFormerConfig)
    theirs = from_transformers("BERT", "Bert", config, config)
    expected = 3 * 36 * (forward_flops(config, 12) + head_flops(config))
    assert step_flops(theirs, WORK, "training") == expected
