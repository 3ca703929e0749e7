"""The training loop: it learns, logs, saves, stops, resumes exactly, and refuses what it cannot train on."""

import dataclasses
import json
import shutil
import signal
import subprocess
import sys
import time

import pytest
import torch

from gaupt.checkpoint.run_folder import checkpoint_folders, newest_checkpoint, read_metrics
from gaupt.config import Config
from gaupt.errors import GauptError
from gaupt.progress import Progress
from gaupt.shards.build import build_shards
from gaupt.training import loop
from gaupt.training import pretrain as pretraining
from gaupt.training.data import find_data
from gaupt.training.objective import micro_batches
from gaupt.training.pretrain import pretrain
from gaupt.training.run import set_up
from tests.conftest import TINY

QUIET = Progress(quiet=True)


def changed(config, section="train", **values):
    update = config.model_dump()
    update[section] |= values
    return Config.model_validate(update)


def train(data, output, config):
    return pretrain(data, output, config, workers=0)


def final_weights(run):
    return newest_checkpoint(run).weights()


@pytest.fixture(scope="session")
def finished(tmp_path_factory, prepared, tiny_config):
    """An undisturbed run. Read only."""
    run = tmp_path_factory.mktemp("undisturbed") / "run"
    train(prepared, run, tiny_config)
    return run


def test_it_learns_from_real_text(tmp_path, prepared, tiny_config):
    summary = train(
        prepared, tmp_path / "run", changed(tiny_config, steps=60, eval_every=60, checkpoint_every=60)
    )
    first = next(record["loss"] for record in read_metrics(tmp_path / "run") if "loss" in record)
    assert summary["eval_loss"] < first - 0.5
    assert summary["eval_loss"] < summary["unigram_entropy"] + 0.6


def test_the_run_folder_is_as_documented(finished, tiny_config):
    assert {"config.toml", "metrics.jsonl", "events", "checkpoints", "summary.json"} <= {
        entry.name for entry in finished.iterdir()
    }
    assert [folder.name for folder in checkpoint_folders(finished)] == ["step-0000006", "step-0000003"]
    records = read_metrics(finished)
    assert [record["step"] for record in records if "loss" in record] == [2, 4, 6]
    assert [record["step"] for record in records if "eval_loss" in record] == [4, 6]
    assert {"loss", "accuracy", "lr", "tokens_per_second", "grad_norm", "total_tokens"} <= records[0].keys()
    summary = json.loads((finished / "summary.json").read_text())
    assert summary["steps"] == 6
    assert summary["tokens"] == newest_checkpoint(finished).facts["tokens"]


def test_a_complete_run_is_left_alone(finished, prepared, tiny_config):
    before = (finished / "metrics.jsonl").stat().st_mtime_ns
    assert train(prepared, finished, tiny_config)["steps"] == 6
    assert (finished / "metrics.jsonl").stat().st_mtime_ns == before


def test_a_run_killed_in_mid_step_resumes_to_the_same_weights(
    tmp_path, monkeypatch, finished, prepared, tiny_config
):
    run, real_update, calls = tmp_path / "run", loop.update, []

    def dying_update(*arguments):
        calls.append(1)
        if len(calls) == 5:
            raise MemoryError
        return real_update(*arguments)

    monkeypatch.setattr(loop, "update", dying_update)
    with pytest.raises(MemoryError):
        train(prepared, run, tiny_config)
    monkeypatch.setattr(loop, "update", real_update)
    train(prepared, run, tiny_config)
    undisturbed = final_weights(finished)
    assert all(torch.equal(tensor, undisturbed[name]) for name, tensor in final_weights(run).items())

    def learned(folder):
        return [
            {key: value for key, value in record.items() if key != "tokens_per_second"}
            for record in read_metrics(folder)
            if record["step"] in (4, 6) and "eval_loss" in record
        ]

    assert learned(run) == learned(finished)


def test_a_damaged_newest_checkpoint_costs_only_its_steps(tmp_path, finished, prepared, tiny_config):
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    (run / "summary.json").unlink()
    (run / "checkpoints/step-0000006/model.safetensors").write_bytes(b"damaged")
    train(prepared, run, tiny_config)
    undisturbed = final_weights(finished)
    assert all(torch.equal(tensor, undisturbed[name]) for name, tensor in final_weights(run).items())


def test_a_signal_saves_and_the_same_command_resumes(tmp_path, prepared):
    run = tmp_path / "run"
    command = [sys.executable, "-m", "gaupt", "pretrain", str(prepared), "-o", str(run), "--quiet"]
    for option in [*TINY, "train.steps=100000", "train.checkpoint_every=100000"]:
        command += ["--set", option]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not read_metrics(run) and time.monotonic() < deadline:
        time.sleep(0.1)
    child.send_signal(signal.SIGINT)
    _, stderr = child.communicate(timeout=60)
    assert child.returncode == 130, stderr
    assert "the same command continues" in stderr
    stopped = newest_checkpoint(run)
    assert stopped.step >= read_metrics(run)[-1]["step"] > 0
    assert not (run / "summary.json").exists()


def test_options_that_decide_what_is_learned_cannot_change(finished, prepared, tiny_config):
    with pytest.raises(GauptError, match=r"train\.lr 0\.01 -> 0\.5.*--overwrite"):
        train(prepared, finished, changed(tiny_config, lr=0.5))
    assert (finished / "summary.json").exists()


def test_options_of_reporting_can_change(finished, prepared, tiny_config):
    assert train(prepared, finished, changed(tiny_config, log_every=5, keep_checkpoints=3))["steps"] == 6


@pytest.mark.parametrize("damage", ["flip", "truncate", "remove"])
def test_a_corrupted_shard_is_refused_by_name(tmp_path, prepared, tiny_config, damage):
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


def test_what_is_no_data_is_named(tmp_path, tiny_config):
    with pytest.raises(GauptError, match="does not exist"):
        find_data(tmp_path / "nowhere")
    with pytest.raises(GauptError, match="no complete token shards"):
        find_data(tmp_path)


def test_a_batch_shorter_than_a_sample_is_refused(tmp_path, prepared, tiny_config):
    with pytest.raises(GauptError, match=r"train\.batch_tokens = 32 is less than one sample"):
        train(prepared, tmp_path / "run", changed(tiny_config, batch_tokens=32))


def test_shards_without_validation_documents_are_refused_with_a_remedy(tmp_path, prepared, tiny_config):
    config = changed(tiny_config, "shards", validation_share=0)
    build_shards(
        prepared / "clean", prepared / "tokenizer", tmp_path / "data", config, workers=1, progress=QUIET
    )
    with pytest.raises(GauptError, match=r"no validation documents; .*shards\.validation_share"):
        train(tmp_path / "data", tmp_path / "run", tiny_config)


def test_a_validation_loss_that_is_not_finite_stops_the_run(tmp_path, monkeypatch, prepared, tiny_config):
    scores = {"eval_loss": float("nan"), "eval_accuracy": 0.0}
    monkeypatch.setattr(loop, "evaluate", lambda *_: scores)
    with pytest.raises(GauptError, match="validation loss at step 4 is not finite"):
        train(prepared, tmp_path / "run", tiny_config)
    assert "NaN" not in (tmp_path / "run" / "metrics.jsonl").read_text()


def test_divergence_stops_the_run_and_keeps_the_last_checkpoint(tmp_path, monkeypatch, prepared, tiny_config):
    real, calls = loop.masked_loss, []

    def exploding(*arguments):
        calls.append(1)
        loss, right = real(*arguments)
        return (loss * float("nan") if len(calls) > 6 else loss), right

    monkeypatch.setattr(loop, "masked_loss", exploding)
    with pytest.raises(GauptError, match="diverged at step"):
        train(prepared, tmp_path / "run", changed(tiny_config, steps=20))
    assert newest_checkpoint(tmp_path / "run").step == 3
    assert all(tensor.isfinite().all() for tensor in final_weights(tmp_path / "run").values())


def set_up_run(tmp_path, prepared, config):
    """A run in memory as `pretrain` sets it up, computing in float32."""
    data = find_data(prepared)
    run = set_up(tmp_path, pretraining._resolve(config, data), data, QUIET)
    run.machine = dataclasses.replace(run.machine, precision=torch.float32)
    return run


def test_micro_batches_do_not_change_the_update(prepared, tiny_config, tmp_path):
    def updated(micro_batch_tokens):
        config = changed(changed(tiny_config, "model", dropout=0.0), micro_batch_tokens=micro_batch_tokens)
        run = set_up_run(tmp_path, prepared, config)
        result = loop.update(run, run.model, run.sampler.batch(0), lr=1e-3)
        moments = [state["exp_avg"].flatten() for state in run.optimizer.state.values()]
        return result, torch.cat(moments)

    (whole, gradient), (cut, same) = updated(512), updated(128)
    torch.testing.assert_close(gradient, same, rtol=1e-4, atol=1e-7)
    assert (cut.loss, cut.accuracy) == pytest.approx((whole.loss, whole.accuracy))
    assert cut.grad_norm == pytest.approx(whole.grad_norm, rel=1e-4)


def test_the_norm_of_the_gradient_is_clipped(prepared, tiny_config, tmp_path):
    def first_moment(clip_norm):
        run = set_up_run(tmp_path, prepared, changed(tiny_config, clip_norm=clip_norm))
        norm = loop.update(run, run.model, run.sampler.batch(0), lr=1e-3).grad_norm
        share = 1 - run.config.train.betas[0]
        moments = torch.cat([state["exp_avg"].flatten() for state in run.optimizer.state.values()])
        return norm, (moments / share).norm().item()

    norm, used = first_moment(1e6)
    assert used == pytest.approx(norm, rel=1e-3)
    assert first_moment(norm / 10)[1] == pytest.approx(norm / 10, rel=1e-3)


def test_sampled_batches_reach_the_model_whole(prepared, tiny_config, tmp_path):
    run = set_up_run(tmp_path, prepared, tiny_config)
    batch = run.sampler.batch(0)
    parts = list(micro_batches(batch, 3))
    assert sum(len(part.labels) for part in parts) == len(batch.labels)
    assert sum(part.tokens for part in parts) == batch.tokens
    for part in parts:
        assert (part.input_ids.flatten()[part.positions] >= 0).all()
        assert part.positions.max() < part.input_ids.size
