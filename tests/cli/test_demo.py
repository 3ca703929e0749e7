import json
from pathlib import Path

import pytest

from tests.cli.conftest import TINY_OPTIONS, Gaupt, written


def test_a_dry_run_takes_the_preset_and_the_options(gaupt: Gaupt, tmp_path: Path) -> None:
    plan = json.loads(
        gaupt("demo", "-o", tmp_path / "d", "--set", "train.steps=11", "--dry-run", "--json").out
    )
    assert plan["config"]["train"]["steps"] == 11
    assert plan["config"]["tokenizer"]["vocab_size"] == 4000
    assert plan["plan"]["run"].endswith("run: 11 steps of 4,096 tokens")
    assert written(tmp_path) == []


@pytest.mark.slow
def test_it_ends_with_predictions_and_where_everything_is(gaupt: Gaupt, tmp_path: Path) -> None:
    output = tmp_path / "demo"
    done = gaupt("demo", "-o", output, "--workers", 1, *TINY_OPTIONS)
    assert done.status == 0
    assert "4/4 filling masks" in done.err
    assert "documents: 225 of 231 kept" in done.out and "\n  → " in done.out
    assert done.out.endswith(f"report:    {output / 'report.html'}\n")
    assert "Fill-mask examples" in (output / "report.html").read_text()
    again = gaupt("demo", "-o", output, "--workers", 1, "--json", "--quiet", *TINY_OPTIONS)
    assert json.loads(again.out)["paths"]["run"] == str(output / "run")
    assert again.err == ""
