"""What a report reads of a run's folder."""

from pathlib import Path

from gaupt.config import Config
from gaupt.files import write_json
from gaupt.report.chart import Series
from gaupt.report.run import read_run
from tests.report.runs import LINES, SUMMARY, made_run, write_run


def test_a_line_has_the_steps_that_know_of_it(tmp_path: Path) -> None:
    run = made_run(tmp_path / "run")
    assert run.series("loss", "training", dashed=True, color=2) == Series(
        "training", [10, 20, 30], [7.0, 6.0, 5.0], True, 2
    )
    assert run.series("grad_norm") == Series("", [10], [2.0])
    assert run.series("mfu") == Series("", [], [])


def test_speed_is_read_from_its_own_file_and_of_an_older_run_from_the_metrics(tmp_path: Path) -> None:
    assert made_run(tmp_path / "new").series("tokens_per_second").ys == [910.0, 920.0, 930.0]
    write_run(tmp_path / "old", [{"step": 10, "tokens_per_second": 5.0}])
    (tmp_path / "old" / "speed.jsonl").unlink()
    assert read_run(tmp_path / "old", "old").series("tokens_per_second").ys == [5.0]


def test_the_last_validation_counts_and_the_gain_is_to_the_unigram_entropy(tmp_path: Path) -> None:
    run = made_run(tmp_path / "run", summary=SUMMARY)
    assert run.losses == LINES[-1]
    assert run.gain == 6.25 - 5.25
    assert run.last_step == 30


def test_without_a_summary_or_a_validation_the_gain_is_not_known(tmp_path: Path) -> None:
    assert made_run(tmp_path / "incomplete").gain is None
    unseen = made_run(tmp_path / "unseen", LINES[:2], SUMMARY)
    assert (unseen.losses, unseen.gain, unseen.last_step) == (None, None, 20)
    assert made_run(tmp_path / "new", []).last_step == 0


def test_options_are_known_by_section_and_key(tmp_path: Path) -> None:
    settings = made_run(tmp_path / "run", config=Config(seed=7)).settings
    assert settings["seed"] == 7 and settings["train.steps"] == Config().train.steps
    assert not any(isinstance(value, dict) and value for value in settings.values())


def test_a_config_that_cannot_be_read_says_why_and_has_no_options(tmp_path: Path) -> None:
    write_run(tmp_path / "run")
    (tmp_path / "run" / "config.toml").write_text("seed = \n")
    run = read_run(tmp_path / "run", "run")
    assert run.settings == {} and "config.toml cannot be read: " in run.config


def test_a_summary_of_another_kind_is_left_out_and_named(tmp_path: Path) -> None:
    write_run(tmp_path / "run")
    write_json(tmp_path / "run" / "summary.json", {"steps": 3})
    run = read_run(tmp_path / "run", "run")
    assert (run.summary, run.left_out) == (
        {},
        [f"{tmp_path / 'run' / 'summary.json'} is damaged and left out"],
    )
