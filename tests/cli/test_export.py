import json
from pathlib import Path

import pytest

from tests.cli.conftest import Gaupt, written
from tests.exporting.folders import write_checkpoint
from tests.model.small import FAMILY


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return write_checkpoint(tmp_path / "step-0000007", FAMILY["softmax_plus"], tmp_path).folder


def test_it_writes_a_folder_and_says_what_it_holds(gaupt: Gaupt, checkpoint: Path, tmp_path: Path) -> None:
    output = tmp_path / "export"
    done = gaupt("export", checkpoint, "-o", output)
    assert done.out.startswith(f"{output}: ") and done.out.endswith(f" parameters from {checkpoint}\n")
    again = gaupt("export", checkpoint, "-o", output, "--json")
    assert json.loads(again.out)["step"] == 7
    assert again.err == f"{output} is complete; nothing to do\n"
    assert gaupt("export", checkpoint, "-o", output, "--quiet").err == ""


def test_a_dry_run_plans_and_writes_nothing(gaupt: Gaupt, checkpoint: Path, tmp_path: Path) -> None:
    before = written(tmp_path)
    command = ("export", checkpoint, "-o", tmp_path / "export", "--dry-run", "--json")
    plan, with_onnx = (
        json.loads(gaupt(*command, *more).out) for more in ((), ("--set", 'export.formats=["onnx"]'))
    )
    assert plan["config"]["export"]["formats"] == ["hf"]
    assert plan["config"]["model"]["hidden_size"] == FAMILY["softmax_plus"].hidden_size
    assert plan["plan"]["output"].endswith("export (new)")
    assert with_onnx["plan"]["bytes"] == 2 * plan["plan"]["bytes"]
    assert written(tmp_path) == before


def test_formats_add_up(gaupt: Gaupt, checkpoint: Path, tmp_path: Path) -> None:
    command = ("export", checkpoint, "-o", tmp_path / "e", "--format", "hf", "--format", "onnx", "--dry-run")
    assert 'formats = ["hf", "onnx"]' in gaupt(*command).out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("CHECKPOINT", "-o", "OUT", "--format", "gguf"), "gguf"),
        (("nowhere", "-o", "OUT"), "nowhere does not exist"),
        (("HERE", "-o", "OUT"), "is not a model"),
        (("CHECKPOINT", "-o", "OUT", "--workers", "1"), "No such option: --workers"),
        (("CHECKPOINT", "-o", "OUT", "--seed", "1"), "No such option: --seed"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(
    arguments: tuple[str, ...], message: str, gaupt: Gaupt, checkpoint: Path, tmp_path: Path
) -> None:
    places = {"CHECKPOINT": checkpoint, "OUT": tmp_path / "out", "HERE": tmp_path}
    assert message in gaupt("export", *(places.get(argument, argument) for argument in arguments)).error()
    assert not (tmp_path / "out").exists()
