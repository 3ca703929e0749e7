"""A run with a stable phase is lengthened: it becomes the longer run, bit for bit, and what was finished is kept."""

import json
import shutil
from pathlib import Path

import pytest

from gaupt.checkpoint.load import load_model
from gaupt.checkpoint.run_folder import checkpoint_folders, newest_checkpoint, read_metrics
from gaupt.config import Config, read_config
from gaupt.errors import GauptError
from gaupt.folders import kind_of
from gaupt.progress import Progress
from gaupt.seal import close
from gaupt.training import lengthen
from gaupt.training.choose import choose_config
from gaupt.training.lengthen import ends_before
from gaupt.training.pretrain import plan, pretrain
from tests.training.runs import changed, die, same_to_the_bit, train

pytestmark = pytest.mark.slow

STABLE = {"schedule": [[0.5, 1.0], [1.0, 0.0]], "warmup_share": 0.25, "steps": 8, "checkpoint_every": 3}
MASKS = {"mask_rate": 0.4, "final_mask_rate": 0.1}


@pytest.fixture(scope="module")
def short(tiny_config: Config) -> Config:
    """Two steps of warm-up, stable up to step 4, an end at step 8."""
    return changed(tiny_config, **STABLE, **MASKS, log_every=1)


@pytest.fixture(scope="module")
def long(short: Config) -> Config:
    return changed(short, steps=12)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory, prepared: Path, short: Config) -> Path:
    """A finished run of eight steps. Read only."""
    run = tmp_path_factory.mktemp("ended") / "run"
    train(prepared, run, short)
    return run


@pytest.fixture(scope="module")
def from_the_start(tmp_path_factory: pytest.TempPathFactory, prepared: Path, long: Config) -> Path:
    """The longer run made at once, with as many steps of warm-up. Read only."""
    run = tmp_path_factory.mktemp("long") / "run"
    train(prepared, run, changed(long, warmup_share=2 / 12))
    return run


@pytest.fixture
def run(ended: Path, tmp_path: Path) -> Path:
    """A copy of the finished run."""
    shutil.copytree(ended, tmp_path / "run")
    return tmp_path / "run"


def learned(run: Path) -> list[dict[str, float]]:
    names = ("step", "loss", "accuracy", "lr", "grad_norm", "total_tokens", "eval_loss")
    return [{name: record[name] for name in names if name in record} for record in read_metrics(run)]


def names(run: Path) -> list[str]:
    return [folder.name for folder in checkpoint_folders(run)]


def test_the_end_of_the_stable_phase_is_saved_and_not_pruned(ended: Path) -> None:
    assert names(ended) == ["step-0000008", "step-0000006", "step-0000004"]


def test_it_becomes_the_longer_run_bit_for_bit(
    run: Path, from_the_start: Path, prepared: Path, long: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = pretrain(prepared, run, long, workers=0, progress=Progress())
    said = capsys.readouterr().err
    assert "lengthen:  from 8 to 12 steps, from the checkpoint at step 4 on" in said
    assert "at step 4\n" in said and "step 5: " in said
    assert same_to_the_bit(run, from_the_start) and learned(run) == learned(from_the_start)
    assert (summary["steps"], summary["lengthened"]) == (12, (8,))
    assert read_config(run / "config.toml").train.steps == 12
    assert newest_checkpoint(run).facts["lengthened"] == [8]
    assert names(run) == ["step-0000012", "step-0000009", "step-0000006"]
    again = json.loads((run / "summary.json").read_text())
    assert pretrain(prepared, run, long) == pretrain(prepared, run) == again
    with pytest.raises(GauptError, match=r"train\.steps 12 -> 8"):
        train(prepared, run, changed(long, steps=8))


def test_what_was_finished_is_a_run_of_its_own(run: Path, ended: Path, prepared: Path, long: Config) -> None:
    train(prepared, run, long)
    kept = run / "finished/step-0000008"
    assert kind_of(kept) == "run" and same_to_the_bit(kept, ended) and learned(kept) == learned(ended)
    assert (kept / "summary.json").read_text() == (ended / "summary.json").read_text()
    assert load_model(kept).checkpoint.step == 8
    assert read_config(kept / "config.toml").train.steps == 8


def test_it_is_lengthened_again_with_the_warm_up_of_the_first(
    run: Path, prepared: Path, long: Config, short: Config, tmp_path: Path
) -> None:
    train(prepared, run, long)
    train(prepared, run, changed(long, steps=16))
    train(prepared, tmp_path / "once", changed(long, steps=16, warmup_share=2 / 16))
    assert same_to_the_bit(run, tmp_path / "once") and learned(run) == learned(tmp_path / "once")
    assert ends_before(run) == [8, 12]
    assert sorted(path.name for path in (run / "finished").iterdir()) == ["step-0000008", "step-0000012"]


@pytest.mark.parametrize("at", [5, 10])
def test_interrupted_while_it_is_lengthened_the_same_call_goes_on(
    at: int, run: Path, from_the_start: Path, prepared: Path, long: Config
) -> None:
    die(prepared, run, long, lambda run: run.step == at)
    assert not (run / "summary.json").exists()
    train(prepared, run, long)
    assert same_to_the_bit(run, from_the_start) and learned(run) == learned(from_the_start)


@pytest.mark.parametrize(("name", "call"), [("copyfile", 2), ("replace", 1), ("replace", 2), ("rmtree", 1)])
def test_killed_while_it_puts_things_away_the_same_call_goes_on(
    name: str, call: int, run: Path, ended: Path, from_the_start: Path, prepared: Path, long: Config,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    real, calls = getattr(lengthen.os if name == "replace" else lengthen.shutil, name), []

    def dying(*arguments):
        calls.append(arguments)
        if len(calls) == call:
            raise MemoryError
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(lengthen.os if name == "replace" else lengthen.shutil, name, dying)
        with pytest.raises(MemoryError):
            lengthen.find_longer(stage_of(prepared, run, long), long.train).begin()
    train(prepared, run, long)
    assert same_to_the_bit(run, from_the_start)
    assert same_to_the_bit(run / "finished/step-0000008", ended)


def stage_of(prepared: Path, run: Path, config: Config):
    """The stage that pretrain would make of the call."""
    from gaupt.training import pretrain as module

    found = []
    real = module.find_longer
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "find_longer", lambda stage, train: found.append(stage) or real(stage, train))
        plan(prepared, run, config)
    return found[0]


def test_a_plan_says_so_and_changes_nothing(run: Path, prepared: Path, long: Config) -> None:
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*") if path.name != ".lock"}
    planned = plan(prepared, run, long)
    assert planned.facts["output"] == f"{run} (from 8 to 12 steps, from the checkpoint at step 4 on)"
    assert planned.config.train.steps == 12
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*") if path.name != ".lock"} == before


def test_an_unfinished_run_in_its_stable_phase_is_lengthened_where_it_stands(
    tmp_path: Path, from_the_start: Path, prepared: Path, short: Config, long: Config
) -> None:
    die(prepared, tmp_path / "run", short, lambda run: run.step == 3)
    assert names(tmp_path / "run") == ["step-0000003", "step-0000000"]
    train(prepared, tmp_path / "run", long)
    assert same_to_the_bit(tmp_path / "run", from_the_start)
    assert not (tmp_path / "run/finished").exists()


def test_a_rate_that_never_falls_goes_on_from_the_last_checkpoint(
    tmp_path: Path, prepared: Path, short: Config
) -> None:
    flat = changed(short, schedule=[[1.0, 1.0]], final_mask_rate=0.0)
    train(prepared, tmp_path / "run", flat)
    train(prepared, tmp_path / "run", changed(flat, steps=10))
    train(prepared, tmp_path / "once", changed(flat, steps=10, warmup_share=0.2))
    assert same_to_the_bit(tmp_path / "run", tmp_path / "once")
    assert names(tmp_path / "run/finished/step-0000008") == ["step-0000008"]


def test_more_steps_are_all_that_may_change(run: Path, prepared: Path, long: Config) -> None:
    with pytest.raises(GauptError, match=r"train\.lr 0\.01 -> 0\.5; train\.steps 8 -> 12"):
        train(prepared, run, changed(long, lr=0.5))
    assert (run / "summary.json").exists()


@pytest.mark.parametrize(
    ("schedule", "warmup"),
    [
        ([[1.0, 0.0]], {"warmup_share": 0.25}),
        ([[0.25, 1.0], [1.0, 0.0]], {"warmup_share": 0.25}),
        ([[0.5, 0.9]], {"warmup_share": 0.1}),
        ([[0.9, 1.0], [1.0, 0.0]], {"warmup_steps": 1}),
    ],
)
def test_without_a_stable_phase_both_ways_out_are_told(
    schedule: list[list[float]], warmup: dict[str, float], tmp_path: Path, prepared: Path, short: Config
) -> None:
    config = changed(short, schedule=schedule, **warmup, steps=1)
    train(prepared, tmp_path / "run", config)
    for call in (plan, pretrain):
        with pytest.raises(GauptError) as refused:
            call(prepared, tmp_path / "run", changed(config, steps=2))
        for part in (
            "has no stable phase to go on from for more than its 1 steps",
            f"--from {tmp_path / 'run'}",
            "schedule=[[0.8,1],[1,0]]",
        ):
            assert part in str(refused.value)
    assert (tmp_path / "run/summary.json").exists()


def test_without_a_checkpoint_of_the_stable_phase_it_is_refused(
    run: Path, prepared: Path, long: Config
) -> None:
    shutil.rmtree(run / "stable/step-0000004")
    with pytest.raises(GauptError, match=r"has no checkpoint of its stable phase, the first 4 steps.*--from"):
        train(prepared, run, long)
    assert names(run) == ["step-0000008", "step-0000006"]


def test_a_run_that_hours_were_fitted_for_is_lengthened_by_steps(
    run: Path, prepared: Path, long: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = run / "stage.json"
    from gaupt.files import read_sealed_json, write_sealed_json

    known = read_sealed_json(record)
    known["config"]["train"] |= {"hours": 1.0}
    del known["config"]["train"]["steps"]
    write_sealed_json(record, known)
    config = (run / "config.toml").read_text()
    (run / "config.toml").write_text(config.replace("hours = 0.0", "hours = 1.0", 1))
    close(run, "summary.json", (run / "summary.json").read_bytes(), ["*"])
    chosen = choose_config(run, options={"train.steps": 12, "train.hours": 0.0})
    assert (
        plan(prepared, run, chosen)
        .facts["output"]
        .endswith("(from 8 to 12 steps, from the checkpoint at step 4 on)")
    )
    assert plan(prepared, run).facts["output"].endswith("(complete)")
