"""What is told before a run: sizes in words and numbers, and warnings on both sides of their bounds."""

from pathlib import Path

import pytest

from gaupt.config import Config
from gaupt.peak import Peak
from gaupt.training import outlook as outlooks
from gaupt.training.estimate import Pace
from gaupt.training.outlook import outlook, passes, warnings
from gaupt.training.trial import Trial
from tests.training.runs import changed, set_up_run

TRIAL = Trial(
    micro_rows=4,
    peak_memory=2_500_000_000,
    free_memory=20_000_000_000,
    pace=Pace(40.0, 100.0, 1.0),
    peak=Peak(1e12, published=False),
)


def test_a_run_is_told_in_words_and_in_numbers(tmp_path: Path, prepared: Path, tiny_config: Config) -> None:
    run = set_up_run(tmp_path / "run", prepared, tiny_config)
    words, numbers = outlook(run, TRIAL, "cpu", "new")
    assert words["output"] == f"{tmp_path / 'run'} (new)"
    assert words["model"].startswith("gau, 2 layers of 32, 0.1 M parameters")
    assert words["tokens"].startswith("3,072: 6 steps of 8 rows of 64, ")
    assert words["memory"] == "2.5 GB at most, 4 rows at a time; 20.0 GB are free"
    assert words["time"] == "about 7.4 minutes on this CPU, 40 s a step"
    assert words["device"].endswith("(as --device says)")
    assert numbers["seconds"] == 6 * 40 + 2 * 100 + 2 * 1
    assert (numbers["tokens_total"], numbers["sequences_per_step"]) == (3072, 8)
    assert numbers["disk"] == 3 * 12 * numbers["parameters"]
    assert numbers["passes"] == passes(run) == 6 * 8 / run.sampler.rows_per_epoch


def test_a_resumed_run_is_told_what_is_left(tmp_path: Path, prepared: Path, tiny_config: Config) -> None:
    run = set_up_run(tmp_path, prepared, tiny_config)
    run.step = 5
    assert outlook(run, TRIAL, "auto", "interrupted")[0]["time"].startswith("about 2.4 minutes to go on this")


def warned(folder: Path, prepared: Path, config: Config, disk: int = 0) -> list[str]:
    return warnings(set_up_run(folder, prepared, config), disk)


def test_many_passes_are_told(
    tmp_path: Path, prepared: Path, tiny_config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = passes(set_up_run(tmp_path, prepared, tiny_config))
    monkeypatch.setattr(outlooks, "MANY_PASSES", seen)
    assert warned(tmp_path, prepared, tiny_config) == []
    monkeypatch.setattr(outlooks, "MANY_PASSES", seen - 0.01)
    assert "teach little: give more text" in warned(tmp_path, prepared, tiny_config)[0]


def test_a_tiny_validation_split_is_told(
    tmp_path: Path, prepared: Path, tiny_config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = set_up_run(tmp_path, prepared, tiny_config)
    tokens = run.data.shards.manifest["splits"]["validation"]["tokens"]
    monkeypatch.setattr(outlooks, "FEW_TOKENS", tokens)
    assert warnings(run, 0) == []
    monkeypatch.setattr(outlooks, "FEW_TOKENS", tokens + 1)
    assert f"the validation split has {tokens:,} tokens" in warnings(run, 0)[0]


def test_a_batch_that_is_cut_to_whole_rows_is_told(
    tmp_path: Path, prepared: Path, tiny_config: Config
) -> None:
    found = warned(tmp_path, prepared, changed(tiny_config, batch_tokens=500))
    assert found == [
        "train.batch_tokens = 500 is no multiple of shards.seq_len = 64: a batch has 7 rows, 448 tokens"
    ]


def test_a_full_disk_is_told(tmp_path: Path, prepared: Path, tiny_config: Config) -> None:
    assert "are free at" in warned(tmp_path, prepared, tiny_config, disk=10**18)[0]
