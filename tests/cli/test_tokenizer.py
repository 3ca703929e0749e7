import json
from pathlib import Path

import pytest

from tests.cli.conftest import Gaupt, run_gaupt, written


@pytest.mark.slow
def test_it_learns_a_vocabulary_once(gaupt: Gaupt, documents: Path, tmp_path: Path) -> None:
    command = ("tokenizer", documents, "-o", tmp_path / "t", "--vocab-size", 480, "--workers", 1)
    done = run_gaupt(*command, "--json", "--quiet")  # sentencepiece writes to the process's own stderr
    assert (done.status, done.err) == (0, "")
    assert json.loads(done.out)["vocab_size"] == 480
    again = gaupt(*command).done()
    assert "is complete; nothing to do" in again.err
    assert again.out == f"{tmp_path / 't'}: unigram vocabulary of 480 pieces\n"


def test_the_share_of_characters_in_a_vocabulary_of_characters_is_told(
    gaupt: Gaupt, documents: Path, tmp_path: Path
) -> None:
    done = gaupt(
        "tokenizer", documents, "-o", tmp_path / "t", "--type", "char", "--vocab-size", 250, "--workers", 1
    )
    assert "vocabulary of 250 pieces, " in done.out and "% of the sample's characters" in done.out


def test_a_dry_run_says_the_plan_and_does_nothing(
    gaupt: Gaupt, documents: Path, tokenizer_folder: Path, tmp_path: Path
) -> None:
    learn = gaupt("tokenizer", documents, "-o", tmp_path / "t", "--type", "bpe", "--dry-run").out
    assert 'type = "bpe"' in learn and "# vocabulary: learn 12000 pieces" in learn
    source = tokenizer_folder / "tokenizer.json"
    take = gaupt("tokenizer", "--from", source, "-o", tmp_path / "t", "--dry-run").out
    assert f"# vocabulary: take the vocabulary in {source}" in take
    assert written(tmp_path) == []


def test_a_mistake_is_one_line(gaupt: Gaupt, documents: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert "nowhere does not exist" in gaupt("tokenizer", tmp_path / "nowhere", "-o", out).error()
    assert "either" in gaupt("tokenizer", "-o", out).error()
    assert "tokenizer.type" in gaupt("tokenizer", documents, "-o", out, "--type", "words").error()
    for ignored in (("--type", "char"), ("--vocab-size", 500)):
        message = gaupt("tokenizer", "--from", documents, "-o", out, *ignored).error()
        assert "with --from leave them out" in message
    assert not out.exists()
    too_many = gaupt("tokenizer", documents, "-o", out, "--vocab-size", 99_999, "--workers", 1, "--quiet")
    assert "99999" in too_many.error().replace(",", "") and "largest possible is" in too_many.error()
