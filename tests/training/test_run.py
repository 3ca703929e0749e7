"""A run in memory: where it begins, and what it saves."""

import shutil
from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from gaupt.batches.masking import Masking
from gaupt.checkpoint.run_folder import checkpoint_folders, newest_checkpoint
from gaupt.config import Config, TrainConfig
from gaupt.errors import GauptError
from gaupt.progress import Progress
from gaupt.training.data import find_data
from gaupt.training.metrics import StepResult, Window
from gaupt.training.pretrain import complete_config
from gaupt.training.ranks import Ranks
from gaupt.training.run import build_sampler, masking_of, micro_rows, resume, save, set_up
from gaupt.training.spikes import SpikeWatch
from gaupt.training.update import update
from tests.training.ranks_of import together
from tests.training.runs import changed, same_to_the_bit, set_up_run, train


@pytest.mark.slow
def test_a_damaged_newest_checkpoint_costs_only_its_steps(
    tmp_path: Path, finished: Path, prepared: Path, tiny_config: Config
) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    (run / "summary.json").unlink()
    (run / "checkpoints/step-0000006/model.safetensors").write_bytes(b"damaged")
    train(prepared, run, tiny_config)
    assert same_to_the_bit(run, finished)


@pytest.mark.option("seed")
def test_a_new_run_begins_at_step_0_with_the_weights_of_its_seed(
    tmp_path: Path, prepared: Path, tiny_config: Config
) -> None:
    runs = [
        set_up_run(tmp_path / str(seed), prepared, tiny_config.model_copy(update={"seed": seed}))
        for seed in (0, 0, 1)
    ]
    assert (runs[0].step, runs[0].tokens, sum(len(o.state) for o in runs[0].optimizers)) == (0, 0, 0)
    first, again, other = ([p.flatten() for p in run.model.parameters() if p.dim() == 2] for run in runs)
    assert torch.equal(torch.cat(first), torch.cat(again))
    assert not torch.equal(torch.cat(first), torch.cat(other))


def test_what_was_saved_is_where_a_run_goes_on(
    tmp_path: Path, prepared: Path, tiny_config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    run = set_up_run(tmp_path, prepared, tiny_config)
    update(run, run.sampler.batch(0), 1.0)
    run.step, run.tokens = 5, 1234
    save(run)
    again = set_up_run(tmp_path, prepared, tiny_config)
    resume(again, Progress())
    assert f"resuming {tmp_path} at step 5" in capsys.readouterr().err
    assert (again.step, again.tokens) == (5, 1234)
    for mine, other in zip(run.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(mine, other)
        assert torch.equal(
            run.optimizers[0].state[mine]["exp_avg_sq"], again.optimizers[0].state[other]["exp_avg_sq"]
        )


def test_a_checkpoint_knows_its_data_and_the_oldest_goes(
    tmp_path: Path, prepared: Path, tiny_config: Config
) -> None:
    run = set_up_run(tmp_path, prepared, changed(tiny_config, keep_checkpoints=2))
    for run.step in (1, 2, 3):
        save(run)
    assert [folder.name for folder in checkpoint_folders(tmp_path)] == ["step-0000003", "step-0000002"]
    checkpoint = newest_checkpoint(tmp_path)
    assert checkpoint is not None
    nothing = dict.fromkeys(("tokens", "passed_over", "rollbacks", "bad_updates", "astray", "skipped"), 0)
    known = {
        "shards": run.data.fingerprint,
        "corpus": run.data.shards.manifest["corpus"],
        "good": 3,
        "window": asdict(Window()),
        "watch": asdict(SpikeWatch()),
    }
    assert checkpoint.facts == nothing | known
    assert known["corpus"]["kept"] == 225  # type: ignore[index]
    assert checkpoint.config == run.config
    assert (checkpoint.tokenizer / "tokenizer.json").is_file()


def test_a_checkpoint_keeps_what_is_logged_next(tmp_path: Path, prepared: Path, tiny_config: Config) -> None:
    run = set_up_run(tmp_path, prepared, tiny_config)
    run.step, run.skipped = 5, 2
    run.window.add(StepResult(loss=0.1 + 0.2, accuracy=0.5, grad_norm=1.0, tokens=9, padding=0.0, masked=2))
    run.watch.see(0.3, 1.0)
    save(run)
    again = set_up_run(tmp_path, prepared, tiny_config)
    resume(again, Progress(quiet=True))
    assert (again.skipped, again.window, again.watch) == (2, run.window, run.watch)


def test_the_last_checkpoint_before_bad_updates_is_not_pruned(
    tmp_path: Path, prepared: Path, tiny_config: Config
) -> None:
    run = set_up_run(tmp_path, prepared, changed(tiny_config, keep_checkpoints=2))
    kept = []
    for run.step, run.is_clean in enumerate([True, True, False, False, False, True, True]):
        save(run)
        kept.append([int(folder.name[-1]) for folder in checkpoint_folders(tmp_path)])
    assert kept == [[0], [1, 0], [2, 1], [3, 2, 1], [4, 3, 1], [5, 4], [6, 5]]


@pytest.mark.option("train.steps", "train.warmup_share", "train.warmup_steps", "train.schedule")
@pytest.mark.parametrize(
    ("options", "rates"),
    [
        ({"steps": 4, "warmup_share": 0}, [1, 0.75, 0.5, 0.25]),
        ({"steps": 5, "warmup_share": 0}, [1, 0.8, 0.6, 0.4]),
        ({"steps": 8, "warmup_share": 0.5}, [0.25, 0.5, 0.75, 1, 1, 0.75, 0.5, 0.25]),
        (
            {"steps": 8, "warmup_share": 0.5, "warmup_steps": 2},
            [0.5, 1, 1, 5 / 6, 4 / 6, 3 / 6, 2 / 6, 1 / 6],
        ),
        ({"steps": 3, "warmup_share": 0.5, "warmup_steps": 0}, [1, 2 / 3, 1 / 3]),
        ({"steps": 4, "warmup_share": 0, "schedule": [[0.5, 1], [1, 0.5]]}, [1, 1, 1, 0.75]),
    ],
)
def test_the_rate_rises_and_follows_the_schedule(
    options: dict[str, object], rates: list[float], tmp_path: Path, prepared: Path, tiny_config: Config
) -> None:
    run = set_up_run(tmp_path, prepared, changed(tiny_config, **options))
    taken = []
    for run.step in range(len(rates)):
        taken.append(run.rate)
    assert taken == pytest.approx(rates)


@pytest.mark.option("train.precision", "train.compile")
def test_precision_and_compiling_are_those_asked_for(
    tmp_path: Path, prepared: Path, tiny_config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "compile", lambda encode: [encode])
    for precision in (torch.float32, torch.bfloat16):
        for compiled in (True, False):
            options = {"precision": str(precision).removeprefix("torch."), "compile": compiled}
            config = complete_config(changed(tiny_config, **options), find_data(prepared))
            run = set_up(tmp_path, config, find_data(prepared), torch.device("cpu"))
            assert run.machine.precision == precision
            assert run.encode == ([run.model.encode] if compiled else run.model.encode)


@pytest.mark.option(
    "train.mask_rate", "train.mask_token_share", "train.random_token_share", "train.final_mask_rate"
)
@pytest.mark.parametrize(
    ("options", "step", "rate", "mask_tokens", "unchanged"),
    [
        ({}, 0, 0.15, 0.8, 0.1),
        ({"mask_rate": 0.4}, 0, 0.4, 0.8, 0.1),
        ({"mask_rate": 0.4, "mask_token_share": 0.5}, 0, 0.4, 0.5, 0.4),
        ({"mask_rate": 0.4, "random_token_share": 0.2}, 0, 0.4, 0.8, 0.0),
        ({"mask_rate": 0.4, "final_mask_rate": 0.1}, 0, 0.4, 0.8, 0.1),
        ({"mask_rate": 0.4, "final_mask_rate": 0.1}, 9, 0.1, 0.8, 0.1),
    ],
)
def test_masks_are_as_many_and_shown_as_asked_for(
    options: dict[str, float],
    step: int,
    rate: float,
    mask_tokens: float,
    unchanged: float,
    prepared: Path,
    tiny_config: Config,
) -> None:
    config = changed(tiny_config, **{"batch_tokens": 16_384, "steps": 10, "warmup_share": 0, **options})
    sampler = build_sampler(config, find_data(prepared), "train")
    batch = sampler.batch(step)
    shown = batch.input_ids.reshape(-1)[batch.positions]
    mask = sampler.shards.manifest["tokenizer"]["special"]["mask"]
    # A tenth of a few thousand words, which are drawn each for itself.
    assert len(batch.labels) / batch.tokens == pytest.approx(rate, abs=0.02)
    assert (shown == mask).mean() == pytest.approx(mask_tokens, abs=0.03)
    assert (shown == batch.labels).mean() == pytest.approx(unchanged, abs=0.03)


@pytest.mark.option("train.ngram_shares")
def test_the_options_of_masking_reach_the_masks() -> None:
    train = TrainConfig(mask_rate=0.3, mask_token_share=0.5, random_token_share=0.25, ngram_shares=(0.6, 0.4))
    train = train.model_copy(update={"final_mask_rate": 0.2, "steps": 7})
    assert masking_of(train) == Masking(0.3, 0.5, 0.25, (0.6, 0.4), 0.2, 7)
    assert masking_of(TrainConfig(steps=9)) == Masking(steps=9)
    stable = TrainConfig(steps=9, schedule=((0.5, 1.0), (1.0, 0.0)))
    assert masking_of(stable) == Masking(steps=9, stable_steps=4)


@pytest.mark.option("train.source_weights")
def test_sources_are_weighed_in_training_and_not_in_validation(prepared: Path, tiny_config: Config) -> None:
    data = find_data(prepared)
    weighed = changed(tiny_config, source_weights={"*": 3.0})
    rows = {
        (split, config is weighed): build_sampler(config, data, split).rows_per_epoch
        for split in ("train", "validation")
        for config in (tiny_config, weighed)
    }
    assert rows["train", True] == 3 * rows["train", False]
    assert rows["validation", True] == rows["validation", False]


@pytest.mark.option("train.batch_tokens")
def test_a_batch_has_the_rows_that_its_tokens_fill(prepared: Path, tiny_config: Config) -> None:
    data = find_data(prepared)
    for tokens, rows in ((64, 1), (127, 1), (128, 2), (512, 8)):
        config = changed(tiny_config, batch_tokens=tokens)
        assert build_sampler(config, data, "train").batch(0).input_ids.shape == (rows, 64)


@pytest.mark.option("train.micro_batch_tokens")
@pytest.mark.parametrize(("tokens", "rows"), [(8, 1), (63, 1), (64, 1), (127, 1), (128, 2)])
def test_a_pass_takes_the_rows_that_fit_and_one_at_least(
    tokens: int, rows: int, tmp_path: Path, prepared: Path, tiny_config: Config
) -> None:
    run = set_up_run(tmp_path, prepared, changed(tiny_config, micro_batch_tokens=tokens))
    assert micro_rows(run) == rows


def test_before_a_trial_a_pass_takes_the_whole_batch(
    tmp_path: Path, prepared: Path, tiny_config: Config
) -> None:
    assert micro_rows(set_up_run(tmp_path, prepared, changed(tiny_config, micro_batch_tokens="auto"))) == 8


@pytest.mark.slow
def test_ranks_go_on_from_what_rank_0_finds(tmp_path: Path, prepared: Path, tiny_config: Config) -> None:
    runs = [set_up_run(tmp_path / "run", prepared, tiny_config) for _ in range(2)]
    runs[0].step = 3
    save(runs[0])

    def act(ranks: Ranks) -> int:
        run = runs[ranks.rank]
        run.ranks, run.step = ranks, 0
        resume(run, Progress(quiet=True))
        return run.step

    assert together(2, act) == [3, 3]
    runs[1].folder = tmp_path / "elsewhere"
    for end in together(2, act):
        with pytest.raises(
            GauptError, match=r"^rank 1 on .*: .*elsewhere.*-o has to be one that all machines see$"
        ):
            raise end
