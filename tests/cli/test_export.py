import json
import re
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Gaupt, written
from tests.exporting.folders import needs_onnx, write_checkpoint
from tests.model.small import FAMILY


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return write_checkpoint(tmp_path / "step-0000007", FAMILY["softmax_plus"], tmp_path).folder


@pytest.mark.slow
def test_it_writes_a_folder_and_says_what_it_holds(gaupt: Gaupt, checkpoint: Path, tmp_path: Path) -> None:
    output = tmp_path / "export"
    done = gaupt("export", checkpoint, "-o", output)
    assert done.out.startswith(f"{output}: ") and done.out.endswith(f" parameters from {checkpoint}\n")
    again = gaupt("export", checkpoint, "-o", output, "--json")
    assert json.loads(again.out)["step"] == 7
    assert again.err == f"{output} is complete; nothing to do\n"
    for folder in (output, tmp_path / "another"):
        quiet = gaupt("export", checkpoint, "-o", folder, "--quiet").done()
        assert (quiet.out, quiet.err) == ("", "")


def test_a_dry_run_plans_and_writes_nothing(gaupt: Gaupt, checkpoint: Path, tmp_path: Path) -> None:
    before = written(tmp_path)
    command = ("export", checkpoint, "-o", tmp_path / "export", "--dry-run", "--json")
    plan = json.loads(gaupt(*command).out)
    assert plan["config"]["export"]["formats"] == ["hf"]
    assert plan["config"]["model"]["hidden_size"] == FAMILY["softmax_plus"].hidden_size
    assert plan["plan"]["output"].endswith("export (new)")
    assert written(tmp_path) == before


@pytest.mark.slow
@needs_onnx
def test_onnx_is_planned_with_its_bytes(gaupt: Gaupt, checkpoint: Path, tmp_path: Path) -> None:
    command = ("export", checkpoint, "-o", tmp_path / "export", "--dry-run", "--json")
    plan, with_onnx = (
        json.loads(gaupt(*command, *more).out)["plan"] for more in ((), ("--set", 'export.formats=["onnx"]'))
    )
    assert with_onnx["bytes"] == 2 * plan["bytes"]


@pytest.mark.slow
@needs_onnx
def test_formats_add_up(gaupt: Gaupt, checkpoint: Path, tmp_path: Path) -> None:
    command = ("export", checkpoint, "-o", tmp_path / "e", "--format", "hf", "--format", "onnx", "--dry-run")
    assert 'formats = ["hf", "onnx"]' in gaupt(*command, "--show-config").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("CHECKPOINT", "-o", "OUT", "--format", "gguf"), "gguf"),
        (("nowhere", "-o", "OUT"), "nowhere does not exist"),
        (("HERE", "-o", "OUT"), "is not a run of gaupt pretrain, a checkpoint or"),
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


@pytest.mark.slow
def test_another_model_takes_the_place_of_an_export_only_when_told_to(
    gaupt: Gaupt, checkpoint: Path, tmp_path: Path
) -> None:
    other = write_checkpoint(tmp_path / "step-0000009", FAMILY["roformer_v2"], tmp_path / "other").folder
    command = ("export", other, "-o", tmp_path / "export")
    gaupt("export", checkpoint, "-o", tmp_path / "export").done()
    for more in ((), ("--dry-run",)):
        assert "--overwrite" in gaupt(*command, *more).error()
    assert "export (new)" in gaupt(*command, "--dry-run", "--overwrite").done().out
    assert str(checkpoint) in gaupt("export", checkpoint, "-o", tmp_path / "export").done().out
    assert str(other) in gaupt(*command, "--overwrite").done().out
    assert "is complete; nothing to do" in gaupt(*command).err


def test_a_dry_run_for_people_is_the_config_and_the_facts(
    gaupt: Gaupt, checkpoint: Path, tmp_path: Path
) -> None:
    command = (
        "export",
        checkpoint,
        "-o",
        tmp_path / "export",
        "--dry-run",
        "--show-config",
        "--preset",
        "small",
    )
    out = gaupt(*command).done().out
    assert "steps = 20000\n" in out  # the preset's
    assert 'formats = ["hf"]' in out and re.search(f"^source: +{re.escape(str(checkpoint))}$", out, re.M)
    assert re.search(r"^parameters: +[\d,]+$", out, re.M)


@pytest.mark.slow
@needs_onnx
@pytest.mark.option("export.formats")
def test_formats_of_a_config_file_are_those_of_the_plan(
    gaupt: Gaupt, checkpoint: Path, tmp_path: Path
) -> None:
    (tmp_path / "my.toml").write_text("[export]\nformats = ['onnx']\n")
    command = ("export", checkpoint, "-o", tmp_path / "e", "--dry-run", "--show-config")
    assert 'formats = ["onnx"]' in gaupt(*command, "--config", tmp_path / "my.toml").out


def test_a_damaged_checkpoint_that_is_passed_over_is_told_in_the_plan_too(
    gaupt: Gaupt, tmp_path: Path
) -> None:
    older = write_checkpoint(
        tmp_path / "run" / "checkpoints" / "step-0000001", FAMILY["softmax_plus"], tmp_path
    ).folder
    newest = older.with_name("step-0000002")
    shutil.copytree(older, newest)
    (newest / "model.safetensors").write_bytes(b"")
    plan = gaupt("export", tmp_path / "run", "-o", tmp_path / "export", "--dry-run")
    assert "step-0000002" in plan.err and "trying an older one" in plan.err
    assert re.search(f"^source: +{re.escape(str(older))}$", plan.out, re.M)
