"""Checkpoints: whole or not there, damage always found, the older one taken instead."""

import random

import pytest
import torch

from gaupt.checkpoint.format import open_checkpoint, save_checkpoint
from gaupt.checkpoint.load import load_state
from gaupt.checkpoint.run_folder import (
    checkpoint_folder,
    checkpoint_folders,
    newest_checkpoint,
    prune_checkpoints,
)
from gaupt.config import Config
from gaupt.errors import GauptError

WEIGHTS = {"layer.weight": torch.arange(6.0).reshape(2, 3), "layer.scale": torch.ones(3)}


@pytest.fixture
def tokenizer(tmp_path):
    folder = tmp_path / "tokenizer"
    folder.mkdir()
    (folder / "tokenizer.json").write_text("{}")
    return folder


def save(run, step, tokenizer):
    return save_checkpoint(
        checkpoint_folder(run, step), WEIGHTS, Config(seed=5), tokenizer, step=step,
        facts={"tokens": 10 * step}, optimizer={"exp_avg/layer.scale": torch.zeros(3)},
    )  # fmt: skip


def test_what_is_saved_comes_back(tmp_path, tokenizer):
    saved = save(tmp_path, 3, tokenizer)
    opened = open_checkpoint(saved.folder)
    assert (opened.step, opened.facts, opened.config.seed) == (3, {"tokens": 30}, 5)
    assert all(torch.equal(opened.weights()[name], WEIGHTS[name]) for name in WEIGHTS)
    assert set(opened.optimizer()) == {"exp_avg/layer.scale"}
    assert (opened.tokenizer / "tokenizer.json").is_file()


def test_a_failed_save_leaves_the_older_checkpoint_and_nothing_that_looks_complete(
    tmp_path, tokenizer, monkeypatch
):
    save(tmp_path, 1, tokenizer)
    monkeypatch.setattr("gaupt.checkpoint.format.write_sealed_json", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save(tmp_path, 2, tokenizer)
    assert [folder.name for folder in checkpoint_folders(tmp_path)] == ["step-0000001"]
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["step-0000001"]


def test_any_flipped_bit_or_cut_byte_is_found_and_the_file_named(tmp_path, tokenizer):
    folder = save(tmp_path, 1, tokenizer).folder
    draw = random.Random(0)
    for path in [path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json"]:
        original = path.read_bytes()
        for _ in range(10):
            damaged = bytearray(original)
            damaged[draw.randrange(len(damaged))] ^= 1 << draw.randrange(8)
            path.write_bytes(damaged)
            with pytest.raises(GauptError, match=path.name):
                open_checkpoint(folder)
        path.write_bytes(original[:-1])
        with pytest.raises(GauptError, match=path.name):
            open_checkpoint(folder)
        path.write_bytes(original)
    assert open_checkpoint(folder).step == 1


def test_the_newest_good_one_is_taken_and_the_damaged_one_named(tmp_path, tokenizer):
    save(tmp_path, 1, tokenizer)
    bad = save(tmp_path, 2, tokenizer).folder
    (bad / "model.safetensors").write_bytes(b"")
    heard = []
    assert newest_checkpoint(tmp_path, heard.append).step == 1
    assert "step-0000002" in heard[0]


def test_a_run_with_damaged_checkpoints_only_is_an_error_not_a_fresh_start(tmp_path, tokenizer):
    (save(tmp_path, 1, tokenizer).folder / "config.toml").unlink()
    with pytest.raises(GauptError, match="every checkpoint"):
        newest_checkpoint(tmp_path)
    assert newest_checkpoint(tmp_path / "empty") is None


def test_pruning_keeps_the_newest(tmp_path, tokenizer):
    for step in (1, 2, 3):
        save(tmp_path, step, tokenizer)
    prune_checkpoints(tmp_path, keep=2, newest=3)
    assert [folder.name for folder in checkpoint_folders(tmp_path)] == ["step-0000003", "step-0000002"]


def test_damaged_checkpoints_of_later_steps_do_not_count_as_kept(tmp_path, tokenizer):
    for step in (1, 4, 5):  # resumed from 1 because 4 and 5 are damaged; 2 is the first new one
        save(tmp_path, step, tokenizer)
    save(tmp_path, 2, tokenizer)
    prune_checkpoints(tmp_path, keep=2, newest=2)
    assert [folder.name for folder in checkpoint_folders(tmp_path)] == ["step-0000002", "step-0000001"]


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ({"weight": torch.zeros(2, 2)}, r"weight has shape \(2, 2\), this model needs \(2, 3\)"),
        ({}, "weight is missing"),
        ({"weight": torch.zeros(2, 3), "extra": torch.zeros(1)}, "extra is not a part of this model"),
    ],
)
def test_another_models_weights_are_refused_by_name(weights, expected):
    with pytest.raises(GauptError, match=expected):
        load_state(torch.nn.Linear(3, 2, bias=False), weights, where="here")
