import json
from pathlib import Path

import pytest

from tests.cli.conftest import Gaupt
from tests.exporting.folders import write_checkpoint
from tests.model.small import FAMILY


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return write_checkpoint(tmp_path / "step-0000007", FAMILY["softmax_plus"], tmp_path).folder


def test_an_exported_model_fills_each_mask(gaupt: Gaupt, checkpoint: Path, tmp_path: Path) -> None:
    output = tmp_path / "export"
    assert gaupt("export", checkpoint, "-o", output).status == 0
    (result,) = json.loads(gaupt("fill", output, "一[MASK]丁[MASK]", "--top", 3, "--json").out)
    assert [len(mask) for mask in result["masks"]] == [3, 3]
    for mask in result["masks"]:
        probabilities = [item["probability"] for item in mask]
        assert probabilities == sorted(probabilities, reverse=True) and 0 < sum(probabilities) <= 1
    first, second = (mask[0]["token"] for mask in result["masks"])
    assert result["filled"] == f"一{first}丁{second}"


def test_it_prints_a_line_for_each_mask(gaupt: Gaupt, checkpoint: Path) -> None:
    lines = gaupt("fill", checkpoint, "一[MASK]丁[MASK]").out.splitlines()
    assert lines[0] == "一[MASK]丁[MASK]"
    assert [line[:5] for line in lines[2:]] == ["  1: ", "  2: "]
    assert [line.count("%") for line in lines[2:]] == [5, 5]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("CHECKPOINT", "没有空格"), "no [MASK] in"),
        (("CHECKPOINT", "一" * 600 + "[MASK]"), "601 tokens; this model takes 510"),
        (("nowhere", "[MASK]"), "nowhere does not exist"),
    ],
)
def test_a_mistake_is_one_line(
    arguments: tuple[str, ...], message: str, gaupt: Gaupt, checkpoint: Path
) -> None:
    given = (checkpoint if argument == "CHECKPOINT" else argument for argument in arguments)
    assert message in gaupt("fill", *given).error()
