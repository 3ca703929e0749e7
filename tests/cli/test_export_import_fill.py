"""``gaupt import``, ``gaupt export`` and ``gaupt fill`` from the outside."""

import json
import sys
from pathlib import Path

import pytest

from gaupt.cli import main
from tests.export.folders import write_checkpoint, write_vocabulary
from tests.model.small import FAMILY


@pytest.fixture
def checkpoint(tmp_path: Path) -> str:
    return str(write_checkpoint(tmp_path / "step-0000007", FAMILY["softmax_plus"], tmp_path).folder)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Exit status of ``gaupt arguments``."""
    monkeypatch.setattr(sys, "argv", ["gaupt", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    return int(stop.value.code or 0)


def test_export_then_fill(
    checkpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    output = str(tmp_path / "export")
    assert run(monkeypatch, "export", checkpoint, "-o", output, "--json") == 0
    assert json.loads(capsys.readouterr().out)["step"] == 7
    assert run(monkeypatch, "fill", output, "一[MASK]丁[MASK]", "--top", "3", "--json") == 0
    (result,) = json.loads(capsys.readouterr().out)
    assert [len(mask) for mask in result["masks"]] == [3, 3]
    for mask in result["masks"]:
        probabilities = [item["probability"] for item in mask]
        assert probabilities == sorted(probabilities, reverse=True) and 0 < sum(probabilities) <= 1
    first, second = (mask[0]["token"] for mask in result["masks"])
    assert result["filled"] == f"一{first}丁{second}"


def test_fill_prints_a_line_for_each_mask(
    checkpoint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "fill", checkpoint, "一[MASK]丁[MASK]") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "一[MASK]丁[MASK]"
    assert [line[:5] for line in lines[2:]] == ["  1: ", "  2: "]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fill", "CHECKPOINT", "没有空格"), "no [MASK] in"),
        (("fill", "CHECKPOINT", "一" * 600 + "[MASK]"), "601 tokens; this model takes 510"),
        (("fill", "nowhere", "[MASK]"), "nowhere does not exist"),
        (("export", "CHECKPOINT", "-o", "OUT", "--format", "gguf"), "gguf"),
        (("export", "nowhere", "-o", "OUT"), "nowhere does not exist"),
        (("import", "nowhere", "-o", "OUT"), "nowhere"),
        (("import", "VOCAB", "-o", "OUT"), "config.json"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    arguments: tuple[str, ...],
    message: str,
    checkpoint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_vocabulary(tmp_path / "vocabulary", 10)
    places = {"CHECKPOINT": checkpoint, "OUT": str(tmp_path / "out"), "VOCAB": str(tmp_path / "vocabulary")}
    assert run(monkeypatch, *(places.get(argument, argument) for argument in arguments)) == 2
    error = capsys.readouterr().err
    assert error.startswith("gaupt: error: ") and error.count("\n") == 1
    assert message in error
    assert not (tmp_path / "out").exists()
