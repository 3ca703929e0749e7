import io
import json
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Gaupt
from tests.exporting.folders import write_checkpoint
from tests.model.small import FAMILY


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return write_checkpoint(tmp_path / "step-0000007", FAMILY["softmax_plus"], tmp_path).folder


class Terminal(io.StringIO):
    """Standard input that a person sits at."""

    def isatty(self) -> bool:
        return True


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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("CHECKPOINT", "没有空格"), "no [MASK] in"),
        (("CHECKPOINT", "一" * 600 + "[MASK]"), "601 tokens; this model takes 510"),
        (("CHECKPOINT", "一" * 510 + "[MASK]"), "511 tokens; this model takes 510"),
        (("CHECKPOINT", "[MASK]", "没有空格"), "no [MASK] in"),
        (("CHECKPOINT", "[MASK]", "--top", "0"), "--top"),
        (("nowhere", "[MASK]"), "nowhere does not exist"),
    ],
)
def test_a_mistake_is_one_line(
    arguments: tuple[str, ...], message: str, gaupt: Gaupt, checkpoint: Path
) -> None:
    given = (checkpoint if argument == "CHECKPOINT" else argument for argument in arguments)
    assert message in gaupt("fill", *given).error()


def test_the_longest_text_that_a_model_takes_is_filled(gaupt: Gaupt, checkpoint: Path) -> None:
    assert gaupt("fill", checkpoint, "一" * 509 + "[MASK]").done().out.startswith("一一")


@pytest.mark.parametrize("top", [1, 4])
def test_top_says_how_many_predictions_are_shown(top: int, gaupt: Gaupt, checkpoint: Path) -> None:
    done = gaupt("fill", checkpoint, "一[MASK]", "丁[MASK]", "--top", top).done()
    assert [line.count("%") for line in done.out.splitlines() if line.startswith("  1: ")] == [top, top]


def test_texts_are_one_json_document_in_their_order(gaupt: Gaupt, checkpoint: Path) -> None:
    done = gaupt("fill", checkpoint, "一[MASK]", "丁[MASK]", "--json").done()
    results = json.loads(done.out)
    assert [result["text"] for result in results] == ["一[MASK]", "丁[MASK]"]
    assert [len(result["masks"][0]) for result in results] == [5, 5]
    assert "丁" in done.out  # not escaped


@pytest.mark.slow
def test_quiet_answers_and_still_names_damage_that_it_passed_over(gaupt: Gaupt, tmp_path: Path) -> None:
    checkpoints = tmp_path / "run" / "checkpoints"
    for step in (7, 8):
        write_checkpoint(checkpoints / f"step-000000{step}", FAMILY["softmax_plus"], tmp_path / str(step))
    weights = next((checkpoints / "step-0000008").glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1])
    told, quiet = (gaupt("fill", tmp_path / "run", "一[MASK]", *more).done() for more in ((), ("--quiet",)))
    assert told.err.startswith("warning: ") and "step-0000008" in told.err and told.err.count("\n") == 1
    assert quiet.err == told.err
    assert quiet.out == told.out != ""


@pytest.mark.parametrize(
    ("arguments", "texts"),
    [
        ((), ["一[MASK]", "丁[MASK]"]),
        (("-",), ["一[MASK]", "丁[MASK]"]),
        (("[MASK]", "-", "七[MASK]"), ["[MASK]", "一[MASK]", "丁[MASK]", "七[MASK]"]),
        (("[MASK]",), ["[MASK]"]),
    ],
)
def test_texts_come_from_standard_input_where_none_is_given_or_a_dash(
    arguments: tuple[str, ...],
    texts: list[str],
    gaupt: Gaupt,
    checkpoint: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = "\ufeff一[MASK]\r\n\n  \n丁[MASK]".encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))
    results = json.loads(gaupt("fill", checkpoint, *arguments, "--json").done().out)
    assert [result["text"] for result in results] == texts


@pytest.mark.parametrize(
    ("stdin", "message"),
    [
        (Terminal(), "no text given; add one"),
        (None, "no text given; add one"),  # closed
        (io.TextIOWrapper(io.BytesIO(b" \n")), "standard input holds no text"),
        (io.TextIOWrapper(io.BytesIO("今天很[MASK]".encode("gbk"))), "standard input is not UTF-8"),
        (io.TextIOWrapper(io.BytesIO("没有空格\n".encode())), "no [MASK] in '没有空格'"),
    ],
)
def test_standard_input_without_texts_is_one_line(
    stdin: io.TextIOBase | None,
    message: str,
    gaupt: Gaupt,
    checkpoint: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    assert message in gaupt("fill", checkpoint).error()
