"""gaupt tokenizer, gaupt shard and gaupt inspect."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def gaupt(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gaupt", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8")


def refused(*arguments: object) -> str:
    """The message of a command that ends with status 2 and one line."""
    result = gaupt(*arguments)
    assert result.returncode == 2, result.stderr
    lines = [line for line in result.stderr.splitlines() if line.startswith("gaupt: error: ")]
    assert len(lines) == 1 and "Traceback" not in result.stderr
    return lines[0]


@pytest.fixture(scope="module")
def made(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tokenizer and shards made by the command line."""
    folder = tmp_path_factory.mktemp("made")
    result = gaupt("tokenizer", documents, "-o", folder / "t", "--vocab-size", 480, "--json", "--quiet")
    assert result.returncode == 0 and result.stderr == ""
    assert json.loads(result.stdout)["vocab_size"] == 480
    command = ("shard", documents, "--tokenizer", folder / "t", "-o", folder / "s", "--json", "--quiet")
    result = gaupt(*command, "--set", "shards.seq_len=64", "--export", "megatron")
    assert result.returncode == 0 and result.stderr == ""
    assert json.loads(result.stdout)["seq_len"] == 64
    assert (folder / "s/megatron/train.idx").exists()
    return folder


def test_inspect_tells_what_a_folder_holds(made: Path, documents: Path) -> None:
    shards = json.loads(gaupt("inspect", made / "s", "--verify", "--json").stdout)
    assert shards["kind"] == "shards" and shards["verified files"] > 8
    tokenizer = json.loads(gaupt("inspect", made / "t", "--json").stdout)
    assert tokenizer["measured on"] == str(documents) and tokenizer["coverage"] > 0.99
    assert json.loads(gaupt("inspect", documents, "--json").stdout)["documents"] == 300


def test_inspect_compares_tokenizers(made: Path) -> None:
    result = gaupt("inspect", made / "t", made / "t", "--text", made / "t" / "vocab.txt")
    assert result.returncode == 2
    (made / "text.txt").write_text("我们学习语言模型。\n", encoding="utf-8")
    result = gaupt("inspect", made / "t", made / "t", "--text", made / "text.txt")
    row = next(line for line in result.stdout.splitlines() if line.startswith("characters per token"))
    assert len(row.split()[3:]) == 2


def test_tokenizers_are_compared_on_one_text(made: Path, documents: Path) -> None:
    """One that was taken over has no corpus of its own."""
    result = gaupt("tokenizer", "--from", made / "t/tokenizer.json", "-o", made / "taken", "--quiet")
    assert result.returncode == 0
    ours, taken = json.loads(gaupt("inspect", made / "t", made / "taken", "--json").stdout)
    assert ours["measured on"] == taken["measured on"] == str(documents)
    assert ours["tokens"] == taken["tokens"]
    assert "nothing" in json.loads(gaupt("inspect", made / "taken", "--json").stdout)["measured on"]


def test_the_share_of_characters_in_a_vocabulary_of_characters_is_told(
    documents: Path, tmp_path: Path
) -> None:
    result = gaupt("tokenizer", documents, "-o", tmp_path / "t", "--type", "char", "--vocab-size", 250)
    assert "vocabulary of 250 pieces, " in result.stdout and "% of the sample's characters" in result.stdout


def test_verify_finds_and_names_a_flipped_bit(made: Path) -> None:
    tokens = next((made / "s").glob("train-*.tokens.bin"))
    for path in (made / "t/tokenizer.model", tokens, made / "s/stage.json"):
        good = path.read_bytes()
        path.write_bytes(bytes([good[0] ^ 1]) + good[1:])
        assert path.name in refused("inspect", path.parent, "--verify")
        path.write_bytes(good)


def test_a_dry_run_says_the_plan_and_does_nothing(documents: Path, made: Path, tmp_path: Path) -> None:
    result = gaupt("tokenizer", documents, "-o", tmp_path / "t", "--type", "bpe", "--dry-run")
    assert 'type = "bpe"' in result.stdout and "# vocabulary: learn 12000 pieces" in result.stdout
    result = gaupt("shard", documents, "--tokenizer", made / "t", "-o", tmp_path / "s", "--dry-run")
    assert "seq_len = 512" in result.stdout and "# files: " in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_second_call_does_nothing_and_says_so(documents: Path, made: Path) -> None:
    result = gaupt("tokenizer", documents, "-o", made / "t", "--vocab-size", 480)
    assert result.returncode == 0 and "is complete; nothing to do" in result.stderr


def test_mistakes_are_one_line(documents: Path, made: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert "nowhere does not exist" in refused("tokenizer", tmp_path / "nowhere", "-o", out)
    assert "either" in refused("tokenizer", "-o", out)
    assert "largest possible is" in refused("tokenizer", documents, "-o", out, "--vocab-size", 99_999)
    assert "tokenizer.type" in refused("tokenizer", documents, "-o", out, "--type", "words")
    assert "not a complete tokenizer" in refused("shard", documents, "--tokenizer", tmp_path, "-o", out)
    shard = ("shard", documents, "--tokenizer", made / "t", "-o")
    assert "seq_len" in refused(*shard, made / "s", "--set", "shards.seq_len=128")
    assert "written by gaupt tokenizer" in refused(*shard, made / "t")
    assert "megatron, parquet" in refused(*shard, out, "--export", "mds")
    assert "is not a file" in refused(*shard, out, "--exclude", tmp_path / "nowhere.jsonl")
    assert "no complete folder" in refused("inspect", tmp_path)
