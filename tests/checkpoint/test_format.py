"""Checkpoints: whole or not there, and damage always found."""

import os
import random
from pathlib import Path

import pytest
import torch

from gaupt.checkpoint.format import open_checkpoint
from gaupt.checkpoint.run_folder import checkpoint_folders
from gaupt.errors import GauptError
from tests.checkpoint.saved import WEIGHTS, save


def test_what_is_saved_comes_back(tmp_path: Path, tokenizer: Path) -> None:
    saved = save(tmp_path, 3, tokenizer)
    opened = open_checkpoint(saved.folder)
    assert (opened.step, opened.facts, opened.config.seed) == (3, {"tokens": 30}, 5)
    assert all(torch.equal(opened.weights()[name], WEIGHTS[name]) for name in WEIGHTS)
    assert set(opened.optimizer()) == {"exp_avg/layer.scale"}
    assert (opened.tokenizer / "tokenizer.json").is_file()


def test_all_of_it_is_on_disk_when_it_is_saved(
    tmp_path: Path, tokenizer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = set()
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.add(os.fstat(descriptor).st_ino))
    folder = save(tmp_path, 1, tokenizer).folder
    assert {path.name for path in folder.rglob("*") if path.stat().st_ino not in synced} == set()


def test_a_failed_save_leaves_the_older_checkpoint_and_nothing_that_looks_complete(
    tmp_path: Path, tokenizer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path, 1, tokenizer)
    monkeypatch.setattr("gaupt.checkpoint.format.write_sealed_json", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save(tmp_path, 2, tokenizer)
    assert [folder.name for folder in checkpoint_folders(tmp_path)] == ["step-0000001"]
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["step-0000001"]


def test_any_flipped_bit_or_cut_byte_is_found_and_the_file_named(tmp_path: Path, tokenizer: Path) -> None:
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
