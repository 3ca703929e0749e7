"""The pretraining stage: what it writes, leaves alone and refuses."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch.torch_version import TorchVersion

from gaupt.checkpoint.run_folder import (
    checkpoint_folder,
    checkpoint_folders,
    newest_checkpoint,
    read_metrics,
    read_speed,
)
from gaupt.config import Config, read_config
from gaupt.errors import GauptError
from gaupt.model.family import masked_lm
from gaupt.peak import Peak
from gaupt.progress import Progress
from gaupt.shards.build import build_shards
from gaupt.training import loop, trial
from gaupt.training import pretrain as pretraining
from gaupt.training.estimate import Pace
from gaupt.training.pretrain import describe, plan, pretrain
from gaupt.training.run import Run, saving
from gaupt.training.trial import Trial
from tests.training.runs import changed, final_weights, train


def test_the_run_folder_is_as_documented(finished: Path, tiny_config: Config) -> None:
    assert {"config.toml", "metrics.jsonl", "speed.jsonl", "events", "checkpoints", "summary.json"} <= {
        entry.name for entry in finished.iterdir()
    }
    assert [folder.name for folder in checkpoint_folders(finished)] == ["step-0000006", "step-0000003"]
    records = read_metrics(finished)
    assert [record["step"] for record in records if "loss" in record] == [2, 4, 6]
    assert [record["step"] for record in records if "eval_loss" in record] == [4, 6]
    assert {"loss", "accuracy", "lr", "grad_norm", "total_tokens"} <= records[0].keys()
    fast = read_speed(finished)
    assert [record["step"] for record in fast] == [2, 4, 6]
    assert {"tokens_per_second", "mfu", "peak_memory", "seconds_left"} <= fast[0].keys()
    summary = json.loads((finished / "summary.json").read_text())
    assert summary["steps"] == 6
    assert summary["tokens"] == newest_checkpoint(finished).facts["tokens"]


def test_a_complete_run_is_left_alone(finished: Path, prepared: Path, tiny_config: Config) -> None:
    before = (finished / "metrics.jsonl").stat().st_mtime_ns
    assert train(prepared, finished, tiny_config)["steps"] == 6
    assert (finished / "metrics.jsonl").stat().st_mtime_ns == before


def test_a_damaged_summary_of_a_complete_run_is_named(
    tmp_path: Path, finished: Path, prepared: Path, tiny_config: Config
) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    (run / "summary.json").write_text("{")
    for call in (lambda: train(prepared, run, tiny_config), lambda: plan(prepared, run, tiny_config)):
        with pytest.raises(GauptError, match=r"summary\.json is damaged: it has 1 bytes.*--overwrite"):
            call()


@pytest.mark.slow
def test_what_a_kill_left_over_goes_when_the_run_resumes(
    tmp_path: Path, finished: Path, prepared: Path, tiny_config: Config
) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    (run / "summary.json").unlink()
    last = checkpoint_folder(run, 6)
    for name in (".step-0000005.tmp", ".step-0000006.old", "step-0000002"):
        shutil.copytree(last, last.with_name(name))
    train(prepared, run, tiny_config)
    assert sorted(path.name for path in (run / "checkpoints").iterdir()) == ["step-0000003", "step-0000006"]


def test_options_that_decide_what_is_learned_cannot_change(
    finished: Path, prepared: Path, tiny_config: Config
) -> None:
    with pytest.raises(GauptError, match=r"train\.lr 0\.01 -> 0\.5.*--overwrite"):
        train(prepared, finished, changed(tiny_config, lr=0.5))
    assert (finished / "summary.json").exists()


def test_options_of_reporting_can_change(finished: Path, prepared: Path, tiny_config: Config) -> None:
    assert train(prepared, finished, changed(tiny_config, log_every=5, keep_checkpoints=3))["steps"] == 6


@pytest.mark.parametrize("damage", ["flip", "truncate", "remove"])
def test_a_corrupted_shard_is_refused_by_name(
    tmp_path: Path, prepared: Path, tiny_config: Config, damage: str
) -> None:
    data = tmp_path / "prepared"
    shutil.copytree(prepared, data)
    shard = next((data / "shards").glob("train-*.tokens.bin"))
    content = bytearray(shard.read_bytes())
    if damage == "flip":
        content[len(content) // 2] ^= 4
        shard.write_bytes(content)
    elif damage == "truncate":
        shard.write_bytes(content[:-1])
    else:
        shard.unlink()
    with pytest.raises(GauptError, match=shard.name):
        train(data, tmp_path / "run", tiny_config)
    assert not (tmp_path / "run" / "checkpoints").exists()


def test_a_batch_shorter_than_a_sample_is_refused(
    tmp_path: Path, prepared: Path, tiny_config: Config
) -> None:
    with pytest.raises(GauptError, match=r"train\.batch_tokens = 32 is less than one sample"):
        train(prepared, tmp_path / "run", changed(tiny_config, batch_tokens=32))


@pytest.mark.slow
def test_a_plan_says_the_sizes_and_writes_nothing(
    tmp_path: Path, prepared: Path, tiny_config: Config
) -> None:
    planned = plan(prepared, tmp_path / "run", changed(tiny_config, batch_tokens=500))
    parameters = sum(parameter.numel() for parameter in masked_lm(planned.config.model).parameters())
    sizes = {name: planned.details[name] for name in ("parameters", "sequences_per_step", "tokens_total")}
    assert sizes == {"parameters": parameters, "sequences_per_step": 7, "tokens_total": 7 * 64 * 6}
    assert planned.facts["output"] == f"{tmp_path / 'run'} (new)"
    assert planned.facts.keys() == {"output", "device", "model", "tokens", "memory", "disk", "time"}
    assert planned.text.startswith("warning: train.batch_tokens = 500 is no multiple")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_micro_batch_is_settled_by_a_trial_written_and_kept(
    tmp_path: Path, prepared: Path, tiny_config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, run = changed(tiny_config, micro_batch_tokens="auto"), tmp_path / "run"
    monkeypatch.setattr(trial, "MICRO_BATCH_TOKENS", 2 * 64)
    interrupted(prepared, run, config)
    assert read_config(run / "config.toml").train.micro_batch_tokens == 2 * 64
    monkeypatch.setattr(trial, "MICRO_BATCH_TOKENS", 8 * 64)
    train(prepared, run, config)
    assert read_config(run / "config.toml").train.micro_batch_tokens == 2 * 64
    assert train(prepared, run, config)["steps"] == 6  # complete


@pytest.mark.slow
def test_micro_batches_may_be_others_when_a_run_resumes(
    tmp_path: Path, prepared: Path, tiny_config: Config, finished: Path
) -> None:
    run = tmp_path / "run"
    interrupted(prepared, run, tiny_config)
    train(prepared, run, changed(tiny_config, micro_batch_tokens=512))
    for name, tensor in final_weights(run).items():
        torch.testing.assert_close(tensor, final_weights(finished)[name], rtol=0.02, atol=0.02)


@pytest.mark.slow
@pytest.mark.option("train.hours")
def test_the_steps_that_hours_hold_are_fitted_written_and_kept(
    tmp_path: Path, prepared: Path, tiny_config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_if(seconds: float) -> None:
        pace = Pace(seconds, 0.0, 0.0)
        monkeypatch.setattr(
            pretraining, "try_out", lambda run: Trial(4, 10**9, 10**10, pace, Peak(1e12, published=False))
        )

    config, run = changed(tiny_config, hours=1.0, steps=60), tmp_path / "run"
    as_if(400.0)
    assert plan(prepared, run, config).details["steps"] == 9
    interrupted(prepared, run, config)
    fitted = read_config(run / "config.toml").train
    assert (fitted.hours, fitted.steps) == (1.0, 9)
    as_if(100.0)
    assert plan(prepared, run, config).details["steps"] == 9
    assert train(prepared, run, config)["steps"] == 9
    with pytest.raises(GauptError, match=r"train\.hours 1\.0 -> 2\.0"):
        train(prepared, run, changed(config, hours=2.0))


@pytest.mark.slow
def test_a_run_of_which_nothing_is_said_goes_on_as_it_began(
    tmp_path: Path, prepared: Path, tiny_config: Config
) -> None:
    run = tmp_path / "run"
    interrupted(prepared, run, tiny_config)
    assert pretrain(prepared, run)["steps"] == 6


@pytest.mark.slow
def test_what_is_told_before_the_first_step(
    tmp_path: Path, prepared: Path, tiny_config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    pretrain(prepared, tmp_path / "run", changed(tiny_config, batch_tokens=500), progress=Progress())
    lines = capsys.readouterr().err.splitlines()
    told = [line.split(":")[0] for line in lines]
    assert told[:6] == ["device", "model", "tokens", "memory", "warning", "time"]
    assert "Ctrl-C is safe, the same command resumes" in lines[5]
    assert told[6] == "step 1" and "tok/s" in lines[6]


def test_a_device_that_is_not_there_is_refused(tmp_path: Path, prepared: Path, tiny_config: Config) -> None:
    for call in (plan, pretrain):
        with pytest.raises(GauptError, match="--device cuda:99: "):
            call(prepared, tmp_path / "run", tiny_config, device="cuda:99")
    assert not (tmp_path / "run").exists()


def interrupted(data: Path, run: Path, config: Config) -> None:
    """Begin a run and end it after its first checkpoint."""
    with pytest.MonkeyPatch.context() as patch:

        def dying(run: Run) -> Callable[[], None]:
            write = saving(run)

            def work() -> None:
                write()
                raise MemoryError

            return work

        patch.setattr(loop, "saving", dying)
        with pytest.raises(MemoryError):
            train(data, run, config)


@pytest.mark.slow
def test_the_data_decides_the_vocabulary_and_a_sample_fits_the_model(
    tmp_path: Path, prepared: Path, tiny_config: Config
) -> None:
    for asked, length in ((63, 64), (64, 64), (512, 512)):
        config = changed(tiny_config, "model", vocab_size=99, max_length=asked)
        model = plan(prepared, tmp_path / "run", config).config.model
        assert (model.vocab_size, model.max_length) == (1500, length)


@pytest.mark.slow
def test_a_complete_run_is_planned_as_complete(finished: Path, prepared: Path, tiny_config: Config) -> None:
    assert plan(prepared, finished, tiny_config).facts["output"] == f"{finished} (complete)"
    with pytest.raises(GauptError, match=r"train\.lr 0\.01 -> 0\.5"):
        plan(prepared, finished, changed(tiny_config, lr=0.5))
    overwritten = plan(prepared, finished, changed(tiny_config, lr=0.5), overwrite=True)
    assert overwritten.config.train.lr == 0.5


@pytest.mark.slow
@pytest.mark.parametrize(("tokens", "enough"), [(63, False), (64, True)])
def test_a_batch_holds_one_sample_at_least(
    tokens: int, enough: bool, tmp_path: Path, prepared: Path, tiny_config: Config
) -> None:
    config = changed(tiny_config, batch_tokens=tokens)
    if enough:
        assert plan(prepared, tmp_path / "run", config).details["sequences_per_step"] == 1
    else:
        with pytest.raises(GauptError, match=r"train\.batch_tokens = 63 is less than one sample"):
            plan(prepared, tmp_path / "run", config)


@pytest.mark.slow
def test_other_data_is_another_run(
    finished: Path, tmp_path: Path, prepared: Path, tiny_config: Config
) -> None:
    config = changed(tiny_config, "shards", validation_share=0.2)
    build_shards(prepared / "clean", prepared / "tokenizer", tmp_path / "data", config, workers=1)
    with pytest.raises(GauptError, match="input shards changed"):
        train(tmp_path / "data", finished, tiny_config)


def test_compiling_where_gradients_would_be_wrong_is_refused_before_anything_is_written(
    tmp_path: Path, prepared: Path, tiny_config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "__version__", TorchVersion("2.6.0"))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(GauptError, match=r"train\.compile: torch 2\.6\.0"):
        train(prepared, tmp_path / "run", changed(tiny_config, compile=True))
    assert not (tmp_path / "run").exists()


def test_the_closing_figures_are_one_line(finished: Path) -> None:
    line = describe(json.loads((finished / "summary.json").read_text()), finished)
    assert line.startswith("run:       6 steps, ") and line.endswith(f", in {finished}")
    assert "validation loss" in line and "\n" not in line
