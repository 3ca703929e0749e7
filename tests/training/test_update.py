"""One update: micro-batches, clipping, and gradients that are not finite."""

from contextlib import nullcontext
from pathlib import Path

import pytest
import torch
from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensorMode

from gaupt.config import Config, load_config
from gaupt.optimization.optimizer import build_optimizers
from gaupt.training import pretrain as pretraining
from gaupt.training import update as updates
from gaupt.training.data import find_data
from gaupt.training.ranks import Ranks
from gaupt.training.run import set_up
from gaupt.training.signals import Stopped, StopRequest
from gaupt.training.update import update
from tests.training.ranks_of import together
from tests.training.runs import changed, set_up_run


@pytest.mark.slow
def test_micro_batches_do_not_change_the_update_nor_what_is_dropped(
    prepared: Path, tiny_config: Config, tmp_path: Path
) -> None:
    def updated(micro_batch_tokens):
        config = changed(changed(tiny_config, "model", dropout=0.3), micro_batch_tokens=micro_batch_tokens)
        run = set_up_run(tmp_path, prepared, config)
        result = update(run, run.sampler.batch(0), 1.0).read()
        moments = [state["exp_avg"].flatten() for state in run.optimizers[0].state.values()]
        return result, torch.cat(moments)

    (whole, gradient), (cut, same) = updated(512), updated(128)
    torch.testing.assert_close(gradient, same, rtol=1e-4, atol=1e-7)
    assert (cut.loss, cut.accuracy) == pytest.approx((whole.loss, whole.accuracy))
    assert cut.grad_norm == pytest.approx(whole.grad_norm, rel=1e-4)


@pytest.mark.option("train.clip_norm")
def test_the_norm_of_the_gradient_is_clipped(prepared: Path, tiny_config: Config, tmp_path: Path) -> None:
    def first_moment(clip_norm):
        run = set_up_run(tmp_path, prepared, changed(tiny_config, clip_norm=clip_norm))
        norm = update(run, run.sampler.batch(0), 1.0).read().grad_norm
        share = 1 - run.config.train.betas[0]
        moments = torch.cat([state["exp_avg"].flatten() for state in run.optimizers[0].state.values()])
        return norm, (moments / share).norm().item()

    norm, used = first_moment(1e6)
    assert used == pytest.approx(norm, rel=1e-3)
    assert first_moment(norm / 10)[1] == pytest.approx(norm / 10, rel=1e-3)


def updated(folder: Path, prepared: Path, config: Config, updates: int) -> list[torch.Tensor]:
    """A matrix of a layer and the embedding after so many updates."""
    run = set_up_run(folder, prepared, config)
    for step in range(updates):
        update(run, run.sampler.batch(step), 1.0)
    weights = run.model.state_dict()
    return [weights["encoder.layers.0.expand.weight"], weights["encoder.token_embedding.weight"]]


@pytest.mark.slow
@pytest.mark.option("train.optimizer", "train.lr", "train.matrix_lr", "train.weight_decay", "train.eps")
@pytest.mark.parametrize(
    ("optimizer", "options", "changes"),
    [
        ("adamw", {}, [False, False]),
        ("adamw", {"lr": 0.02}, [True, True]),
        ("adamw", {"weight_decay": 0.5}, [True, True]),
        ("adamw", {"eps": 0.1}, [True, True]),
        ("adamw", {"matrix_lr": 0.02, "momentum": 0.5}, [False, False]),
        ("adamw", {"optimizer": "muon"}, [True, False]),
        ("adamw", {"optimizer": "lamb"}, [True, True]),
        ("muon", {"lr": 0.02}, [False, True]),
        ("muon", {"matrix_lr": 0.02}, [True, False]),
        ("muon", {"weight_decay": 0.5}, [True, True]),
        ("muon", {"eps": 0.1}, [False, True]),
        ("lamb", {"lr": 0.02}, [True, True]),
        ("lamb", {"weight_decay": 0.5}, [True, True]),
        ("lamb", {"eps": 0.1}, [True, True]),
        ("lamb", {"matrix_lr": 0.02, "momentum": 0.5}, [False, False]),
    ],
)
def test_an_option_changes_the_update_of_what_it_is_for(
    optimizer: str,
    options: dict[str, object],
    changes: list[bool],
    prepared: Path,
    tiny_config: Config,
    tmp_path: Path,
) -> None:
    config = changed(tiny_config, optimizer=optimizer, matrix_lr=0.01)
    pairs = zip(
        updated(tmp_path, prepared, config, 1),
        updated(tmp_path, prepared, changed(config, **options), 1),
        strict=True,
    )
    assert [not torch.equal(plain, other) for plain, other in pairs] == changes


@pytest.mark.slow
@pytest.mark.option("train.momentum", "train.betas")
@pytest.mark.parametrize(
    ("optimizer", "options"),
    [
        ("adamw", {"betas": (0.5, 0.999)}),
        ("adamw", {"betas": (0.9, 0.5)}),
        ("muon", {"momentum": 0.5}),
        ("lamb", {"betas": (0.5, 0.999)}),
        ("lamb", {"betas": (0.9, 0.5)}),
    ],
)
def test_what_is_kept_of_a_mean_changes_the_second_update(
    optimizer: str, options: dict[str, object], prepared: Path, tiny_config: Config, tmp_path: Path
) -> None:
    config = changed(tiny_config, optimizer=optimizer)
    (plain, _), (other, _) = (
        updated(tmp_path, prepared, one, 2) for one in (config, changed(config, **options))
    )
    assert not torch.equal(plain, other)


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adamw", "muon", "lamb"])
def test_an_update_whose_gradient_is_not_finite_changes_nothing(
    optimizer: str, prepared: Path, tiny_config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = set_up_run(tmp_path, prepared, changed(tiny_config, optimizer=optimizer))
    update(run, run.sampler.batch(0), 1.0)
    state = [value for o in run.optimizers for each in o.state.values() for value in each.values()]
    before = [tensor.clone() for tensor in (*run.model.parameters(), *state)]
    real = updates.masked_loss

    def exploding(*arguments):
        scored = real(*arguments)
        return scored._replace(total=scored.total * float("nan"))

    with monkeypatch.context() as patch:
        patch.setattr(updates, "masked_loss", exploding)
        assert not torch.tensor(update(run, run.sampler.batch(1), 1.0).read().grad_norm).isfinite()
    assert all(torch.equal(a, b) for a, b in zip(before, (*run.model.parameters(), *state), strict=True))
    update(run, run.sampler.batch(1), 1.0)
    assert not all(torch.equal(a, b) for a, b in zip(before, (*run.model.parameters(), *state), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("preset", "optimizer"),
    [
        ("tiny", "adamw"),
        ("tiny", "muon"),
        ("tiny", "lamb"),
        ("roformer-v1-tiny", "adamw"),
        ("roformer-v2-tiny", "adamw"),
    ],
)
@pytest.mark.untraced
def test_an_update_reads_no_value_back_from_the_device(
    preset: str, optimizer: str, prepared: Path, tmp_path: Path
) -> None:
    data = find_data(prepared)
    values = [f"train.optimizer={optimizer}", "shards.seq_len=64", "train.batch_tokens=512"]
    config = pretraining.complete_config(load_config(preset, None, values), data)
    run = set_up(tmp_path, config, data, torch.device("cpu"))
    # Fake tensors have no values: whatever would wait for a GPU to know one fails on them.
    with FakeTensorMode(allow_non_fake_inputs=True) as fake:
        for module in run.model.modules():
            for name, parameter in module.named_parameters(recurse=False):
                setattr(module, name, torch.nn.Parameter(fake.from_tensor(parameter)))
        run.optimizers = build_optimizers(run.model, config.train, torch.float32)
        updated = update(run, run.sampler.batch(0), 1.0)
        assert updated.sums.shape == (6,)
        with pytest.raises(DataDependentOutputException):
            updated.read()


@pytest.mark.gpu
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Synchronization debug mode is a prototype")
@pytest.mark.parametrize("optimizer", ["adamw", "muon", "lamb"])
def test_an_update_does_not_wait_for_the_gpu(
    optimizer: str, prepared: Path, tiny_config: Config, tmp_path: Path
) -> None:
    run = set_up_run(tmp_path, prepared, changed(tiny_config, optimizer=optimizer), "cuda")
    update(run, run.sampler.batch(0), 1.0).read()  # kernels are loaded and states made
    try:
        torch.cuda.set_sync_debug_mode("error")
        updated = update(run, run.sampler.batch(1), 1.0)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert updated.read().loss > 0


@pytest.mark.gpu
@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adamw", "muon", "lamb"])
def test_a_gpu_computes_what_a_cpu_does(
    optimizer: str, prepared: Path, tiny_config: Config, tmp_path: Path
) -> None:
    config = changed(changed(tiny_config, "model", dropout=0.0), optimizer=optimizer, steps=20)

    def losses(device: str) -> list[float]:
        run = set_up_run(tmp_path, prepared, config, device)
        return [update(run, run.sampler.batch(step), 0.1).read().loss for step in range(20)]

    assert losses("cuda") == pytest.approx(losses("cpu"), rel=1e-3)


@pytest.mark.slow
def test_ranks_compute_the_parts_of_what_one_does_dropout_too(
    prepared: Path, tiny_config: Config, tmp_path: Path
) -> None:
    def losses(rank: int, world: int) -> torch.Tensor:
        run = set_up_run(tmp_path, prepared, changed(tiny_config, "model", dropout=0.3))
        run.ranks = Ranks(rank, world)  # no group: its own part is all that is summed
        return update(run, run.sampler.batch(0, rank, world), 1.0).losses

    torch.testing.assert_close(torch.cat([losses(0, 2), losses(1, 2)]), losses(0, 1))


@pytest.mark.slow
def test_each_micro_batch_has_a_seed_of_its_own_on_whatever_rank(
    prepared: Path, tiny_config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It decides what dropout drops on a GPU; on a CPU each row has its own draws.
    def seeds(rank: int, world: int) -> list[int]:
        run = set_up_run(tmp_path, prepared, changed(tiny_config, micro_batch_tokens=128))
        run.ranks, used = Ranks(rank, world), []
        with monkeypatch.context() as patch:
            patch.setattr("gaupt.training.update.seed_draws", lambda seed, device: used.append(seed))
            update(run, run.sampler.batch(0, rank, world), 1.0)
        return used

    assert [*seeds(0, 2), *seeds(1, 2)] == seeds(0, 1)
    assert len({*seeds(0, 1)}) == 4


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adamw", "muon", "lamb"])
def test_where_one_rank_was_asked_to_stop_all_do_and_nothing_changes(
    optimizer: str, prepared: Path, tiny_config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = changed(changed(tiny_config, "model", dropout=0.0), optimizer=optimizer)
    runs = [set_up_run(tmp_path, prepared, config) for _ in range(2)]
    before = [parameter.clone() for parameter in runs[0].model.parameters()]
    # What threads do not have each for themselves, and without dropout need not.
    monkeypatch.setattr(updates, "dropout_of_rows", lambda keys: nullcontext())

    def act(ranks: Ranks) -> None:
        run = runs[ranks.rank]
        run.ranks = ranks
        check = StopRequest(requested=ranks.rank == 1).check
        update(run, run.sampler.batch(0, ranks.rank, ranks.world), 1.0, check).read()

    assert [type(end) for end in together(2, act, grouped=True)] == [Stopped, Stopped]
    for run in runs:
        assert all(torch.equal(a, b) for a, b in zip(before, run.model.parameters(), strict=True))
