import json
from pathlib import Path

import pytest

from tests.cli.conftest import Gaupt, written
from tests.made_documents import text


@pytest.mark.slow
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


@pytest.mark.slow
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
    out = gaupt(*command, "--export", "megatron", "--export", "parquet").done().out
    assert "files:   3\n" in out and "samples of 512\n" in out and "time:    about " in out
    assert "formats: megatron, parquet\n" in out
    assert written(tmp_path) == []


@pytest.mark.slow
def test_a_mistake_is_one_line(
    gaupt: Gaupt, documents: Path, tokenizer_folder: Path, shards_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert (
        "is empty, not a folder of gaupt tokenizer"
        in gaupt("shard", documents, "--tokenizer", tmp_path, "-o", out).error()
    )
    shard = ("shard", documents, "--tokenizer", tokenizer_folder, "-o")
    assert "megatron, parquet" in gaupt(*shard, out, "--export", "mds").error()
    message = gaupt(*shard, out, "--exclude", tmp_path / "nowhere.jsonl").error()
    assert "shards.exclude: " in message and "nowhere.jsonl does not exist" in message
    assert not out.exists()
    assert "seq_len" in gaupt(*shard, shards_folder, "--set", "shards.seq_len=128").error()
    assert "written by gaupt tokenizer" in gaupt(*shard, tokenizer_folder).error()


@pytest.mark.slow
def test_a_dry_run_as_json_is_one_document(
    gaupt: Gaupt, documents: Path, tokenizer_folder: Path, tmp_path: Path
) -> None:
    task = tmp_path / "task.txt"
    task.write_text(text(8, 9), encoding="utf-8")
    command = (
        "shard",
        documents,
        "--tokenizer",
        tokenizer_folder,
        "-o",
        tmp_path / "s",
        "--dry-run",
        "--json",
    )
    plain = json.loads(gaupt(*command).done().out)
    chosen = json.loads(gaupt(*command, "--seed", 3, "--exclude", task, "--export", "parquet").done().out)
    assert (plain["config"]["seed"], plain["config"]["shards"]["exclude"]) == (0, [])
    assert (chosen["config"]["seed"], chosen["config"]["shards"]["exclude"]) == (3, [str(task)])
    assert plain["plan"].keys() == {"output", "files", "bytes", "tokens", "disk", "time", "estimate"}
    assert plain["plan"]["output"] == f"{tmp_path / 's'} (new)"
    assert (chosen["plan"]["exclude"], chosen["plan"]["formats"]) == (str(task), "parquet")
    assert [chosen["plan"][name] for name in ("files", "bytes")] == [
        plain["plan"][name] for name in ("files", "bytes")
    ]
    assert written(tmp_path) == ["task.txt"]


@pytest.mark.slow
def test_exclude_and_export_are_repeatable(
    gaupt: Gaupt, documents: Path, tokenizer_folder: Path, tmp_path: Path
) -> None:
    for number in (8, 17):  # documents d8 and d17
        (tmp_path / f"{number}.txt").write_text(text(number, 9).replace("\n", "") + "\n")
    command = ("shard", documents, "--tokenizer", tokenizer_folder, "-o", tmp_path / "s", "--workers", 1)
    exclude = ("--exclude", tmp_path / "8.txt", "--exclude", tmp_path / "17.txt")
    formats = ("--export", "megatron", "--export", "parquet")
    manifest = json.loads(gaupt(*command, *exclude, *formats, "--json").done().out)
    assert manifest["excluded_documents"] == 2
    assert {Path(file).parent.name for file in manifest["exported"]} == {"megatron", "parquet"}
    assert "exported" not in json.loads(gaupt(*command, *exclude, "--json").done().out)


@pytest.mark.slow
def test_the_seed_draws_what_is_held_out_and_overwrite_starts_again(
    gaupt: Gaupt, documents: Path, tokenizer_folder: Path, tmp_path: Path
) -> None:
    command = ("shard", documents, "--tokenizer", tokenizer_folder, "-o", tmp_path / "s", "--workers", 1)
    command = (*command, "--set", "shards.validation_share=0.2", "--json")
    first = json.loads(gaupt(*command).done().out)
    assert "seed 0 -> 1" in gaupt(*command, "--seed", 1).error()
    assert "seed 0 -> 1" in gaupt(*command, "--seed", 1, "--dry-run").error()
    second = json.loads(gaupt(*command, "--seed", 1, "--overwrite").done().out)
    assert (first["seed"], second["seed"]) == (0, 1)
    assert first["splits"]["validation"]["tokens"] != second["splits"]["validation"]["tokens"]
