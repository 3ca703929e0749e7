import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Gaupt
from tests.report.runs import write_run


@pytest.mark.slow
def test_it_tells_what_a_folder_holds(
    gaupt: Gaupt, documents: Path, tokenizer_folder: Path, shards_folder: Path
) -> None:
    shards = json.loads(gaupt("inspect", shards_folder, "--verify", "--json").out)
    assert shards["kind"] == "shards" and shards["verified files"] > 8
    tokenizer = json.loads(gaupt("inspect", tokenizer_folder, "--json").out)
    assert tokenizer["measured on"] == str(documents) and tokenizer["coverage"] > 0.99
    assert json.loads(gaupt("inspect", documents, "--json").out)["documents"] == 300


def test_it_compares_tokenizers(gaupt: Gaupt, tokenizer_folder: Path, tmp_path: Path) -> None:
    two = ("inspect", tokenizer_folder, tokenizer_folder, "--text")
    assert "vocab.txt" in gaupt(*two, tokenizer_folder / "vocab.txt").error()
    (tmp_path / "text.txt").write_text("我们学习语言模型。\n", encoding="utf-8")
    out = gaupt(*two, tmp_path / "text.txt").out
    row = next(line for line in out.splitlines() if line.startswith("characters per token"))
    assert len(row.split()[3:]) == 2


@pytest.mark.slow
def test_tokenizers_are_compared_on_one_text(
    gaupt: Gaupt, documents: Path, tokenizer_folder: Path, tmp_path: Path
) -> None:
    """One that was taken over has no corpus of its own."""
    taken_over = tmp_path / "taken"
    gaupt("tokenizer", "--from", tokenizer_folder / "tokenizer.json", "-o", taken_over, "--quiet").done()
    ours, taken = json.loads(gaupt("inspect", tokenizer_folder, taken_over, "--json").out)
    assert ours["measured on"] == taken["measured on"] == str(documents)
    assert ours["tokens"] == taken["tokens"]
    assert "nothing" in json.loads(gaupt("inspect", taken_over, "--json").out)["measured on"]


@pytest.mark.slow
def test_verify_finds_and_names_a_flipped_bit(
    gaupt: Gaupt, tokenizer_folder: Path, shards_folder: Path, tmp_path: Path
) -> None:
    for folder, pattern in ((tokenizer_folder, "tokenizer.model"), (shards_folder, "train-*.tokens.bin")):
        copy = tmp_path / folder.name
        shutil.copytree(folder, copy)
        for path in (next(copy.glob(pattern)), copy / "stage.json"):
            good = path.read_bytes()
            path.write_bytes(bytes([good[0] ^ 1]) + good[1:])
            assert path.name in gaupt("inspect", copy, "--verify").error()
            path.write_bytes(good)
        assert "verified files" in gaupt("inspect", copy, "--verify").out


@pytest.mark.slow
def test_a_mistake_is_one_line(gaupt: Gaupt, shards_folder: Path, tmp_path: Path) -> None:
    assert "not a folder that gaupt wrote" in gaupt("inspect", tmp_path).error()
    assert "does not exist" in gaupt("inspect", tmp_path / "nowhere").error()
    (tmp_path / "text.txt").write_text("我们学习。")
    message = gaupt("inspect", shards_folder, "--text", tmp_path / "text.txt").error()
    assert "--text is for tokenizers" in message


@pytest.mark.slow
def test_text_decides_what_a_tokenizer_is_measured_on(
    gaupt: Gaupt, documents: Path, tokenizer_folder: Path, tmp_path: Path
) -> None:
    text = tmp_path / "text.txt"
    text.write_text("我们学习语言模型。\n", encoding="utf-8")
    ours, given = (
        json.loads(gaupt("inspect", tokenizer_folder, "--json", *more).done().out)
        for more in ((), ("--text", text))
    )
    assert (ours["measured on"], given["measured on"]) == (str(documents), str(text))
    assert given["characters"] == 9 < ours["characters"]


def test_one_folder_is_an_object_and_several_are_a_list(
    gaupt: Gaupt, documents: Path, shards_folder: Path
) -> None:
    one = json.loads(gaupt("inspect", documents, "--json").done().out)
    both = json.loads(gaupt("inspect", documents, shards_folder, "--json").done().out)
    assert one["path"] == str(documents)
    assert both[0] == one and [facts["kind"] for facts in both] == ["documents", "shards"]


def test_files_are_verified_only_when_told_to(gaupt: Gaupt, shards_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "shards"
    shutil.copytree(shards_folder, copy)
    tokens = next(copy.glob("train-*.tokens.bin"))
    tokens.write_bytes(tokens.read_bytes()[:-2] + b"\0\0")
    assert "verified files" not in json.loads(gaupt("inspect", copy, "--json").done().out)
    assert tokens.name in gaupt("inspect", copy, "--verify").error()


def test_runs_stand_side_by_side(gaupt: Gaupt, tmp_path: Path) -> None:
    lines = {"a": {"step": 10, "loss": 0.75, "eval_accuracy": 0.5}, "b": {"step": 20, "loss": 6.5}}
    for name, line in lines.items():
        write_run(tmp_path / name, [line])
    told = gaupt("inspect", tmp_path / "a", tmp_path / "b").done().out.splitlines()
    rows = {line.split("  ")[0]: line.split()[-2:] for line in told}
    assert rows["steps"] == ["10", "20"]
    assert rows["training loss"] == ["0.750", "6.500"]  # no share, however low
    assert rows["validation accuracy"][-1] == "50.00%"


@pytest.mark.slow
def test_people_read_a_row_a_fact_and_a_column_a_folder(
    gaupt: Gaupt, documents: Path, tokenizer_folder: Path
) -> None:
    lines = gaupt("inspect", tokenizer_folder, documents).done().out.splitlines()
    rows = {line[: len("long words of one token")].strip(): line for line in lines}
    assert rows["kind"].split() == ["kind", "tokenizer", "documents"]
    assert rows["vocab_size"].split() == ["vocab_size", "480"]
    assert rows["coverage"].split()[1].endswith("%")  # a share
    assert rows["characters per token"].split()[3].replace(".", "").isdigit()  # above 1: none
    assert rows["documents"].split() == ["documents", "300"]
    facts = json.loads(gaupt("inspect", documents, "--json").out)
    assert rows["characters"].split()[-1] == f"{facts['characters']:,}" and facts["characters"] > 1_000
    assert f"  {tokenizer_folder}: " in lines[lines.index("longest") + 1]
