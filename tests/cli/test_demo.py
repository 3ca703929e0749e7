import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import TINY_OPTIONS, Gaupt, written


@pytest.mark.slow
def test_a_dry_run_takes_the_preset_and_the_options(gaupt: Gaupt, tmp_path: Path) -> None:
    plan = json.loads(
        gaupt("demo", "-o", tmp_path / "d", "--set", "train.steps=11", "--dry-run", "--json").out
    )
    assert plan["config"]["train"]["steps"] == 11
    assert plan["config"]["tokenizer"]["vocab_size"] == 4000
    assert plan["plan"]["run"].endswith("run: 11 steps of 4,096 tokens")
    assert plan["config"]["seed"] == 0
    command = ("demo", "-o", tmp_path / "d", "--preset", "small", "--seed", 3, "--dry-run", "--show-config")
    out = gaupt(*command).done().out
    assert "seed = 3\n" in out and "steps = 20000\n" in out and "seq_len = 256\n" in out
    folder = tmp_path / "d"
    names = {"export": "export", "scores": "scores", "report": "report.html"}
    for name, path in names.items():
        assert re.search(rf"^{name}: +{re.escape(str(folder / path))}$", out, flags=re.M)
    assert "\npreparing: about " in out
    assert written(tmp_path) == []


@pytest.mark.slow
def test_it_ends_with_predictions_and_where_everything_is(gaupt: Gaupt, tmp_path: Path) -> None:
    output = tmp_path / "demo"
    done = gaupt("demo", "-o", output, "--workers", 1, *TINY_OPTIONS)
    assert done.status == 0
    assert "5/5 filling masks" in done.err
    assert "documents: 225 of 231 kept" in done.out and "\n  → " in done.out
    assert done.out.endswith(f"report:    {output / 'report.html'}\n")
    page = (output / "report.html").read_text(encoding="utf-8")
    assert "Fill-mask examples" in page and f"<h1>gaupt report: {output.name}</h1>" in page
    again = gaupt("demo", "-o", output, "--workers", 1, "--json", "--quiet", *TINY_OPTIONS)
    assert json.loads(again.out)["paths"]["run"] == str(output / "run")
    assert again.err == ""


@pytest.mark.slow
def test_its_folder_is_called_demo_where_none_is_named(
    gaupt: Gaupt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    plan = json.loads(gaupt("demo", "--dry-run", "--json").done().out)["plan"]
    assert plan["report"] == "demo/report.html"
    assert written(tmp_path) == []


def test_a_mistake_is_one_line_and_leaves_nothing(gaupt: Gaupt, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "prepared").mkdir()
    (tmp_path / "d" / "prepared" / "clean").mkdir()
    (tmp_path / "d" / "prepared" / "clean" / "letter.txt").touch()
    before = written(tmp_path)
    assert "no preset named 'huge'" in gaupt("demo", "-o", tmp_path / "d", "--preset", "huge").error()
    dry_run = gaupt("demo", "-o", tmp_path / "d", "--dry-run")
    assert "holds files that gaupt clean did not write" in dry_run.error()
    assert written(tmp_path) == before


def test_it_goes_into_no_folder_of_another_kind(gaupt: Gaupt, shards_folder: Path) -> None:
    for more in ((), ("--dry-run",)):
        message = gaupt("demo", "-o", shards_folder, *more).error()
        assert "is a folder of gaupt shard; choose another" in message
