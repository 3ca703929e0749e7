"""What a run leaves: the newest good checkpoint, pruning, and the lines of its metrics."""

import errno
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.checkpoint import run_folder
from gaupt.checkpoint.format import Checkpoint
from gaupt.checkpoint.run_folder import (
    METRICS,
    SPIKES,
    checkpoint_folder,
    checkpoint_folders,
    clear_unfinished,
    newest_checkpoint,
    prune_checkpoints,
    read_metrics,
    read_spikes,
    run_of,
)
from gaupt.errors import GauptError
from tests.checkpoint.saved import save


def test_the_newest_good_one_is_taken_and_the_damaged_one_named(tmp_path: Path, tokenizer: Path) -> None:
    save(tmp_path, 1, tokenizer)
    bad = save(tmp_path, 2, tokenizer).folder
    (bad / "model.safetensors").write_bytes(b"")
    heard: list[str] = []
    assert newest_checkpoint(tmp_path, heard.append).step == 1
    assert "step-0000002" in heard[0]


@pytest.mark.parametrize(("before", "step"), [(3, 2), (2, 1), (1, None)])
def test_the_newest_before_a_step(before: int, step: int | None, tmp_path: Path, tokenizer: Path) -> None:
    for each in (1, 2, 3):
        save(tmp_path, each, tokenizer)
    found = newest_checkpoint(tmp_path, before=before)
    assert (found and found.step) == step


def test_a_run_with_damaged_checkpoints_only_is_an_error_not_a_fresh_start(
    tmp_path: Path, tokenizer: Path
) -> None:
    (save(tmp_path, 1, tokenizer).folder / "config.toml").unlink()
    with pytest.raises(GauptError, match="every checkpoint"):
        newest_checkpoint(tmp_path)
    assert newest_checkpoint(tmp_path / "empty") is None


def test_pruning_keeps_the_newest(tmp_path: Path, tokenizer: Path) -> None:
    for step in (1, 2, 3):
        save(tmp_path, step, tokenizer)
    prune_checkpoints(tmp_path, keep=2, newest=3)
    assert [folder.name for folder in checkpoint_folders(tmp_path)] == ["step-0000003", "step-0000002"]


def test_one_checkpoint_may_be_spared_and_that_of_the_stable_phase_has_a_place_of_its_own(
    tmp_path: Path, tokenizer: Path
) -> None:
    def kept() -> list[str]:
        return [f"{folder.parent.name[0]}{folder.name[-1]}" for folder in checkpoint_folders(tmp_path)]

    for step in (1, 2, 3, 4, 5):
        save(tmp_path, step, tokenizer)
    prune_checkpoints(tmp_path, keep=2, newest=5, spare=2, stable=9)
    assert kept() == ["c5", "c4", "c2"]
    save(tmp_path, 3, tokenizer)
    prune_checkpoints(tmp_path, keep=2, newest=5, spare=5, stable=3)
    assert kept() == ["c5", "c4", "s3"]
    save(tmp_path, 3, tokenizer)  # made once more by a run that resumed before it
    prune_checkpoints(tmp_path, keep=1, newest=5, stable=3)
    assert kept() == ["c5", "s3"]
    save(tmp_path, 4, tokenizer)  # the run is lengthened, and its stable phase with it
    prune_checkpoints(tmp_path, keep=1, newest=5, stable=4)
    assert kept() == ["c5", "s4"]
    prune_checkpoints(tmp_path, keep=1, newest=4, stable=4)  # resumed from there
    assert kept() == ["s4"]


def test_a_damaged_checkpoint_of_a_later_step_is_not_kept_as_that_of_the_stable_phase(
    tmp_path: Path, tokenizer: Path
) -> None:
    for step in (1, 3, 4):  # resumed at 1, for the others are damaged
        save(tmp_path, step, tokenizer)
    for _ in range(2):  # where it stands among the others, and where it stands apart
        prune_checkpoints(tmp_path, keep=2, newest=1, stable=3)
        assert [folder.name[-1] for folder in checkpoint_folders(tmp_path)] == ["1"]
        save(tmp_path, 3, tokenizer)
        (tmp_path / "stable").mkdir(exist_ok=True)
        checkpoint_folder(tmp_path, 3).rename(tmp_path / "stable" / "step-0000003")


def test_a_good_checkpoint_is_spared_wherever_it_stands(tmp_path: Path, tokenizer: Path) -> None:
    for step in (1, 2, 3):
        save(tmp_path, step, tokenizer)
    prune_checkpoints(tmp_path, keep=1, newest=3, spare=2, stable=1)
    prune_checkpoints(tmp_path, keep=1, newest=3, spare=1, stable=9)
    assert [folder.name[-1] for folder in checkpoint_folders(tmp_path)] == ["3", "1"]


def test_what_was_being_written_when_a_process_died_goes(tmp_path: Path, tokenizer: Path) -> None:
    whole = save(tmp_path, 1, tokenizer).folder
    shutil.copytree(whole, whole.with_name(".step-0000002.tmp"))
    shutil.copytree(whole, whole.with_name(".step-0000001.old"))
    for place in ("stable", "finished/step-0000001/checkpoints"):
        shutil.copytree(whole, tmp_path / place / ".step-0000001.tmp")
    clear_unfinished(tmp_path)
    assert [*(tmp_path / "checkpoints").iterdir()] == [whole]
    assert [path.name for path in tmp_path.rglob(".step-*")] == []
    clear_unfinished(tmp_path / "nowhere")


def test_a_run_that_goes_on_while_it_is_read_is_looked_at_again(
    tmp_path: Path, tokenizer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path, 1, tokenizer)
    real = run_folder.open_checkpoint

    def open_checkpoint(folder: Path) -> Checkpoint:
        if folder.name == "step-0000001":  # the run saves and prunes just now
            save(tmp_path, 2, tokenizer)
            prune_checkpoints(tmp_path, keep=1, newest=2)
        return real(folder)

    monkeypatch.setattr(run_folder, "open_checkpoint", open_checkpoint)
    found = newest_checkpoint(tmp_path)
    assert found is not None and found.step == 2


def test_damaged_checkpoints_of_later_steps_do_not_count_as_kept(tmp_path: Path, tokenizer: Path) -> None:
    for step in (1, 4, 5):  # resumed from 1 because 4 and 5 are damaged; 2 is the first new one
        save(tmp_path, step, tokenizer)
    save(tmp_path, 2, tokenizer)
    prune_checkpoints(tmp_path, keep=2, newest=2)
    assert [folder.name for folder in checkpoint_folders(tmp_path)] == ["step-0000002", "step-0000001"]


@pytest.mark.parametrize(
    ("content", "figures", "told"),
    [
        (None, {}, []),
        ('{"steps": 3}', {"steps": 3}, []),
        ('{"steps": 3', {}, ["is damaged and left out"]),
        ("[1]", {}, ["is damaged and left out"]),
    ],
)
def test_closing_figures_are_none_of_a_run_without_them_or_with_damaged_ones(
    content: str | None, figures: dict[str, int], told: list[str], tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "summary.json").write_text(content)
    warnings: list[str] = []
    assert run_folder.read_summary(tmp_path, warnings.append) == figures
    assert [warning.removeprefix(f"{tmp_path / 'summary.json'} ") for warning in warnings] == told


def test_a_line_cut_short_by_a_crash_is_left_out(tmp_path: Path) -> None:
    (tmp_path / METRICS).write_text(json.dumps({"step": 1, "loss": 2.0}) + '\n{"step": 2, "lo')
    assert read_metrics(tmp_path) == [{"step": 1, "loss": 2.0}]


@pytest.mark.parametrize(
    "damaged",
    [
        b'"step": 2, "loss": 2.0}',
        b'{"step": 2, "loss": 2.0',
        b'{"step": 2, "l\xffss": 2.0}',
        b'{"step": 2, "loss": "2.0"}',
        b'{"stdp": 2, "loss": 2.0}',
        b'{"step": 2.5, "loss": 2.0}',
        b"[2, 2.0]",
        b"[" * 100_000,
        b"",
    ],
    ids=lambda line: line[:30],
)
def test_a_damaged_line_is_left_out_and_named(damaged: bytes, tmp_path: Path) -> None:
    good = b'{"step": 1, "loss": 2.0}\n', b'{"step": 3, "loss": 2.0}\n'
    (tmp_path / METRICS).write_bytes(good[0] + damaged + b"\n" + good[1])
    heard: list[str] = []
    assert [record["step"] for record in read_metrics(tmp_path, heard.append)] == [1, 3]
    assert heard == [f"{tmp_path / METRICS}, line 2 is damaged and left out"]


SPIKE = {
    "step": 1,
    "batch": 0,
    "loss": 9.0,
    "median": 2.0,
    "documents": [{"source": "甲", "loss": 9.0, "text": "天"}],
}


@pytest.mark.parametrize(
    "changes",
    [
        {"documents": []},
        {"documents": [{}]},
        {"documents": 1},
        {"step": "1"},
        {"batch": None},
        {"documents": ["甲"]},
    ],
)
def test_a_damaged_spike_is_left_out_and_named(changes: dict[str, Any], tmp_path: Path) -> None:
    lines = [json.dumps(SPIKE), json.dumps(SPIKE | changes), json.dumps(SPIKE), ""]
    (tmp_path / SPIKES).write_text("\n".join(lines))
    heard: list[str] = []
    assert read_spikes(tmp_path, heard.append) == [SPIKE, SPIKE]
    assert heard == [f"{tmp_path / SPIKES}, line 2 is damaged and left out"]


def test_a_run_that_logged_nothing_has_no_lines(tmp_path: Path) -> None:
    assert read_metrics(tmp_path) == []


@pytest.mark.slow
@given(steps=st.lists(st.integers(0, 9_999_999), min_size=2, max_size=2, unique=True))
def test_names_sort_by_step_and_lead_back_to_their_run(steps: list[int]) -> None:
    first, second = (checkpoint_folder(Path("run"), step) for step in sorted(steps))
    assert first.name < second.name
    assert run_of(first) == Path("run")


@pytest.fixture
def linked(tmp_path: Path, tokenizer: Path) -> tuple[Path, Path]:
    """A run whose folder of checkpoints is a link, with a checkpoint in it that is another; and what that leads to."""
    run, elsewhere = tmp_path / "run", tmp_path / "elsewhere"
    for step in (1, 2, 3):
        save(run, step, tokenizer)
    elsewhere.mkdir()
    (run / "checkpoints").rename(elsewhere / "checkpoints")
    (run / "checkpoints").symlink_to(Path("..", "elsewhere", "checkpoints"))
    outside = elsewhere / "first"
    (elsewhere / "checkpoints" / "step-0000001").rename(outside)
    (elsewhere / "checkpoints" / "step-0000001").symlink_to(Path("..", "first"))
    return run, outside


def test_of_a_link_the_link_alone_is_pruned(linked: tuple[Path, Path]) -> None:
    run, outside = linked
    prune_checkpoints(run, keep=1, newest=3)
    assert [folder.name for folder in checkpoint_folders(run)] == ["step-0000003"]
    assert (outside / "manifest.json").is_file()
    (run / "checkpoints" / ".step-0000009.tmp").symlink_to(outside)
    clear_unfinished(run)
    assert not (run / "checkpoints" / ".step-0000009.tmp").is_symlink()
    assert (outside / "manifest.json").is_file()


def test_a_checkpoint_that_is_a_link_is_kept_apart_as_a_copy(linked: tuple[Path, Path]) -> None:
    run, outside = linked
    prune_checkpoints(run, keep=1, newest=3, stable=1)
    assert newest_checkpoint(run, before=2).step == 1
    assert not (run / "stable" / "step-0000001").is_symlink()
    assert (outside / "manifest.json").is_file()


def test_a_checkpoint_goes_to_another_disk(
    tmp_path: Path, tokenizer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path, 1, tokenizer)
    save(tmp_path, 2, tokenizer)
    rename = Path.rename

    def within_a_disk(path: Path, to: Path) -> Path:
        if path.parent != to.parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", within_a_disk)
    prune_checkpoints(tmp_path, keep=1, newest=2, stable=1)
    assert [folder.parent.name for folder in checkpoint_folders(tmp_path)] == ["checkpoints", "stable"]
    assert newest_checkpoint(tmp_path, before=2).step == 1
