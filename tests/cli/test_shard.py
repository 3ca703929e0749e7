import json
from pathlib import Path

from tests.cli.conftest import Gaupt, written
from tests.made_documents import text


def test_it_says_what_is_in_each_split(
    gaupt: Gaupt, documents: Path, tokenizer_folder: Path, tmp_path: Path
) -> None:
    command = ("shard", documents, "--tokenizer", tokenizer_folder, "-o", tmp_path / "s", "--workers", 1)
    command = (*command, "--set", "shards.seq_len=64", "--export", "megatron")
    done = gaupt(*command, "--json", "--quiet")
    assert (done.status, done.err) == (0, "")
    manifest = json.loads(done.out)
    assert manifest["seq_len"] == 64
    assert str(tmp_path / "s/megatron/train.idx") in manifest["exported"]
    assert (tmp_path / "s/megatron/train.idx").exists()
    again = gaupt(*command)
    train = manifest["splits"]["train"]
    assert f"s: train {train['documents']:,} documents, {train['tokens']:,} tokens" in again.out
    assert f"{tmp_path / 's/megatron/train.idx'}: exported" in again.out
    assert "is complete; nothing to do" in again.err
    assert gaupt(*command, "--quiet").out == ""


def test_excluded_texts_are_left_out_and_counted(
    gaupt: Gaupt, documents: Path, tokenizer_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "task.txt").write_text(text(8, 9).replace("\n", "") + "\n")  # document d8
    command = ("shard", documents, "--tokenizer", tokenizer_folder, "-o", tmp_path / "s", "--workers", 1)
    assert (
        "left out 1 documents with excluded texts" in gaupt(*command, "--exclude", tmp_path / "task.txt").out
    )


def test_a_dry_run_says_the_plan_and_does_nothing(
    gaupt: Gaupt, documents: Path, tokenizer_folder: Path, tmp_path: Path
) -> None:
    command = ("shard", documents, "--tokenizer", tokenizer_folder, "-o", tmp_path / "s", "--dry-run")
    assert "seq_len = 512" in gaupt(*command).out and "# files: 3" in gaupt(*command).out
    assert (
        "# formats: megatron, parquet" in gaupt(*command, "--export", "megatron", "--export", "parquet").out
    )
    assert written(tmp_path) == []


def test_a_mistake_is_one_line(
    gaupt: Gaupt, documents: Path, tokenizer_folder: Path, shards_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert "not a complete tokenizer" in gaupt("shard", documents, "--tokenizer", tmp_path, "-o", out).error()
    shard = ("shard", documents, "--tokenizer", tokenizer_folder, "-o")
    assert "megatron, parquet" in gaupt(*shard, out, "--export", "mds").error()
    assert "is not a file" in gaupt(*shard, out, "--exclude", tmp_path / "nowhere.jsonl").error()
    assert not out.exists()
    assert "seq_len" in gaupt(*shard, shards_folder, "--set", "shards.seq_len=128").error()
    assert "written by gaupt tokenizer" in gaupt(*shard, tokenizer_folder).error()
