import json
from pathlib import Path

import pytest

from tests.cli.conftest import TINY_OPTIONS, Gaupt, written
from tests.conftest import TINY_MODEL

pytestmark = pytest.mark.usefixtures("short_trial")


@pytest.mark.slow
def test_a_dry_run_prints_config_and_plan_and_writes_nothing(
    gaupt: Gaupt, prepared: Path, tmp_path: Path
) -> None:
    command = (
        "pretrain",
        prepared,
        "-o",
        tmp_path / "run",
        *TINY_OPTIONS,
        "--steps",
        7,
        "--seed",
        3,
        "--dry-run",
    )
    shown, with_config = gaupt(*command).done().out, gaupt(*command, "--show-config").done().out
    assert "seed = 3\n" not in shown and all(f"{name}: " in shown for name in ("device", "memory", "time"))
    assert "seed = 3\n" in with_config and "steps = 7\n" in with_config
    plan = json.loads(gaupt(*command, "--json").out)
    assert plan["plan"]["tokens_total"] == 7 * 512
    assert plan["config"]["model"]["vocab_size"] == 1500  # the data's, not the default
    assert written(tmp_path) == []


@pytest.mark.slow
def test_it_trains_and_says_what_came_out(gaupt: Gaupt, prepared: Path, tmp_path: Path) -> None:
    command = ("pretrain", prepared, "-o", tmp_path / "run", *TINY_OPTIONS, "--workers", 1)
    done = gaupt(*command)
    assert done.out.startswith("run:       6 steps, ") and "validation loss" in done.err
    again = gaupt(*command, "--json")
    assert json.loads(again.out) == json.loads((tmp_path / "run" / "summary.json").read_text())
    assert "is complete; nothing to do" in again.err
    assert "seed 0 -> 5" in gaupt(*command, "--seed", 5).error()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere", "-o", "OUT"), "nowhere does not exist"),
        (("nowhere", "-o", "OUT", "--preset", "huge"), "no preset named 'huge'"),
        (("nowhere", "-o", "OUT", "--set", "train.lrr=1"), "did you mean train.lr?"),
        (
            ("nowhere", "-o", "OUT", "--set", "train.mask_token_share=1"),
            "--set train.mask_token_share=1: mask_token_share + random_token_share = 1.1",
        ),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(
    arguments: tuple[str, ...], message: str, gaupt: Gaupt, tmp_path: Path
) -> None:
    arguments = tuple(str(tmp_path / "out") if argument == "OUT" else argument for argument in arguments)
    assert message in gaupt("pretrain", *arguments).error()
    assert written(tmp_path) == []


@pytest.mark.slow
def test_named_options_beat_set_and_the_preset(gaupt: Gaupt, prepared: Path, tmp_path: Path) -> None:
    # A small model, since a plan tries out its steps.
    small = [part for option in TINY_MODEL for part in ("--set", option)]
    command = (
        "pretrain",
        prepared,
        "-o",
        tmp_path / "run",
        "--preset",
        "demo",
        *small,
        "--dry-run",
        "--json",
    )

    def steps(*more: object) -> int:
        plan = json.loads(gaupt(*command, *more).done().out)
        found: int = plan["config"]["train"]["steps"]
        assert plan["plan"]["tokens_total"] == found * 4096
        return found

    assert steps() == 300
    assert steps("--set", "train.steps=20") == 20
    assert steps("--set", "train.steps=20", "--steps", 10) == 10


@pytest.mark.slow
def test_quiet_says_nothing(gaupt: Gaupt, prepared: Path, tmp_path: Path) -> None:
    command = ("pretrain", prepared, "-o", tmp_path / "run", *TINY_OPTIONS, "--steps", 1, "--quiet")
    for _ in ("made", "complete"):
        done = gaupt(*command).done()
        assert (done.out, done.err) == ("", "")
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["steps"] == 1


@pytest.mark.slow
def test_overwrite_starts_again_and_a_dry_run_of_it_leaves_the_run(
    gaupt: Gaupt, prepared: Path, tmp_path: Path
) -> None:
    command = ("pretrain", prepared, "-o", tmp_path / "run", *TINY_OPTIONS, "--quiet", "--steps")
    gaupt(*command, 1).done()
    before = written(tmp_path)
    assert "--overwrite" in gaupt(*command, 2).error()
    assert "(complete)" in gaupt(*command, 1, "--dry-run").done().out
    assert "(new)" in gaupt(*command, 2, "--overwrite", "--dry-run").done().out
    assert written(tmp_path) == before
    assert json.loads(gaupt(*command, 2, "--overwrite", "--json").done().out)["steps"] == 2


@pytest.mark.slow
@pytest.mark.parametrize("option", ["--steps", "--workers"])
def test_one_is_the_least(option: str, gaupt: Gaupt, prepared: Path, tmp_path: Path) -> None:
    command = ("pretrain", prepared, "-o", tmp_path / "run", *TINY_OPTIONS, "--dry-run", option)
    gaupt(*command, 1).done()
    assert option in gaupt(*command, 0).error()


def test_steps_and_hours_are_not_both_taken(gaupt: Gaupt, prepared: Path, tmp_path: Path) -> None:
    message = gaupt("pretrain", prepared, "-o", tmp_path / "run", "--steps", 3, "--hours", 2).error()
    assert "--steps and --hours both say how long to train" in message


@pytest.mark.slow
def test_hours_decide_the_steps(gaupt: Gaupt, prepared: Path, tmp_path: Path) -> None:
    command = ("pretrain", prepared, "-o", tmp_path / "run", *TINY_OPTIONS, "--hours", 0.05, "--dry-run")
    plan = json.loads(gaupt(*command, "--json").done().out)
    assert plan["config"]["train"]["hours"] == 0.05
    assert plan["plan"]["steps"] == plan["config"]["train"]["steps"] > 6
    assert plan["plan"]["seconds"] == pytest.approx(180, rel=0.1)


@pytest.mark.slow
def test_the_hours_of_one_call_are_an_option_of_the_run(gaupt: Gaupt, prepared: Path, tmp_path: Path) -> None:
    command = (
        "pretrain",
        prepared,
        "-o",
        tmp_path / "run",
        *TINY_OPTIONS,
        "--dry-run",
        "--json",
        "--max-hours",
    )
    assert json.loads(gaupt(*command, 1.5).done().out)["config"]["train"]["max_hours"] == 1.5
    assert "--max-hours -1: expected" in gaupt(*command, -1).error()


@pytest.mark.slow
def test_the_device_is_chosen(gaupt: Gaupt, prepared: Path, tmp_path: Path) -> None:
    command = ("pretrain", prepared, "-o", tmp_path / "run", *TINY_OPTIONS, "--dry-run", "--device")
    assert "(as --device says)" in gaupt(*command, "cpu").done().out
    assert "--device tpu: choose auto, cpu, cuda" in gaupt(*command, "tpu").error()


@pytest.mark.slow
def test_without_a_preset_the_machine_decides_and_a_run_goes_on_as_it_began(
    gaupt: Gaupt, prepared: Path, tmp_path: Path
) -> None:
    command = ("pretrain", prepared, "-o", tmp_path / "run", "--device", "cpu")
    plan = json.loads(gaupt(*command, "--dry-run", "--json").done().out)
    assert plan["config"]["train"]["steps"] == 5000 and plan["config"]["model"]["hidden_size"] == 256
    gaupt(*command, *TINY_OPTIONS, "--quiet").done()
    assert "nothing to do" in gaupt(*command).done().err


def test_the_config_is_shown_with_a_plan_alone(gaupt: Gaupt, prepared: Path, tmp_path: Path) -> None:
    message = gaupt("pretrain", prepared, "-o", tmp_path / "run", *TINY_OPTIONS, "--show-config").error()
    assert "--show-config goes with --dry-run" in message
