import json
from pathlib import Path
from typing import Any

import pytest

from gaupt.config import Config, load_config
from gaupt.demo import EXAMPLES, describe, plan, run_demo
from tests.conftest import TINY


def test_the_plan_takes_the_demo_preset_and_writes_nothing(tmp_path: Path) -> None:
    planned = plan(tmp_path / "demo")
    assert planned.config == load_config("demo")
    assert planned.facts["run"] == f"{tmp_path / 'demo' / 'run'}: 300 steps of 4,096 tokens"
    assert planned.facts["files"] > 100
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Config, dict[str, Any]]:
    output, config = tmp_path_factory.mktemp("demo") / "demo", load_config("demo", overrides=TINY)
    return output, config, run_demo(output, config, workers=1)


def test_it_leaves_the_whole_chain_and_says_where(shown: tuple[Path, Config, dict[str, Any]]) -> None:
    output, _, result = shown
    assert all(Path(path).exists() for path in result["paths"].values())
    assert {path.name for path in output.iterdir()} == {"prepared", "run", "export", "report.html"}
    text = describe(result, output)
    assert "documents: 225 of 231 kept" in text and "run:       6 steps" in text
    assert all(example in text for example in EXAMPLES)
    assert all(path in text for path in result["paths"].values())


def test_a_second_call_says_the_same(shown: tuple[Path, Config, dict[str, Any]]) -> None:
    output, config, result = shown
    assert json.dumps(run_demo(output, config, workers=1)) == json.dumps(result)
