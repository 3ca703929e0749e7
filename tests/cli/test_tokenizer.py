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


@pytest.mark.slow
def test_the_share_of_characters_in_a_vocabulary_of_characters_is_told(
    gaupt: Gaupt, documents: Path, tmp_path: Path
) -> None:
    done = gaupt(
        "tokenizer", documents, "-o", tmp_path / "t", "--type", "char", "--vocab-size", 250, "--workers", 1
    )
    assert "vocabulary of 250 pieces, " in done.out and "% of the sample's characters" in done.out


@pytest.mark.slow
def test_a_dry_run_says_the_plan_and_does_nothing(
    gaupt: Gaupt, documents: Path, tokenizer_folder: Path, tmp_path: Path
) -> None:
    learn = gaupt("tokenizer", documents, "-o", tmp_path / "t", "--type", "bpe", "--dry-run").out
    assert "vocabulary: learn 12,000 pieces (bpe), or as many as the text supports\n" in learn
    assert "time:       about " in learn
    source = tokenizer_folder / "tokenizer.json"
    take = gaupt("tokenizer", "--from", source, "-o", tmp_path / "t", "--dry-run").out
    assert f"vocabulary: take the vocabulary in {source}" in take
    assert written(tmp_path) == []


@pytest.mark.slow
def test_a_mistake_is_one_line(gaupt: Gaupt, documents: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert "nowhere does not exist" in gaupt("tokenizer", tmp_path / "nowhere", "-o", out).error()
    assert "either" in gaupt("tokenizer", "-o", out).error()
    assert "--type words: expected" in gaupt("tokenizer", documents, "-o", out, "--type", "words").error()
    for ignored in (("--type", "char"), ("--vocab-size", 500)):
        message = gaupt("tokenizer", "--from", documents, "-o", out, *ignored).error()
        assert "with --from leave them out" in message
    assert not out.exists()


@pytest.mark.slow
def test_more_pieces_than_the_text_supports_are_cut_down_and_told(
    gaupt: Gaupt, documents: Path, tmp_path: Path
) -> None:
    command = ("tokenizer", documents, "-o", tmp_path / "t", "--vocab-size", 99_999, "--workers", 1)
    done = gaupt(*command).done()
    assert "as many as this text supports (99,999 asked)" in done.err
    assert "unigram vocabulary of" in done.out


@pytest.mark.slow
def test_a_dry_run_as_json_is_one_document(gaupt: Gaupt, documents: Path, tmp_path: Path) -> None:
    command = ("tokenizer", documents, "-o", tmp_path / "t", "--dry-run", "--json")
    named = ("--type", "char", "--vocab-size", 777, "--seed", 3)
    plain, chosen = (json.loads(gaupt(*command, *more).done().out) for more in ((), named))
    assert plain["plan"]["output"] == f"{tmp_path / 't'} (new)"
    assert plain["plan"]["estimate"]["expected_seconds"] >= 0
    assert chosen["plan"]["vocabulary"].startswith("learn 777 pieces (char)")
    assert (chosen["config"]["tokenizer"]["type"], chosen["config"]["seed"]) == ("char", 3)
    assert written(tmp_path) == []


@pytest.mark.slow
def test_an_existing_vocabulary_is_taken_over(gaupt: Gaupt, tokenizer_folder: Path, tmp_path: Path) -> None:
    source = tokenizer_folder / "tokenizer.json"
    command = ("tokenizer", "--from", source, "-o", tmp_path / "t")
    report = json.loads(gaupt(*command, "--json").done().out)
    assert (report["from"], report["vocab_size"], report["added"]) == (source.name, 480, [])
    for folder in ("t", "another"):
        quiet = gaupt("tokenizer", "--from", source, "-o", tmp_path / folder, "--quiet").done()
        assert (quiet.out, quiet.err) == ("", "")
    assert "either a folder of documents" in gaupt(*command, tokenizer_folder).error()


@pytest.mark.slow
def test_another_vocabulary_takes_the_place_of_one_only_when_told_to(
    gaupt: Gaupt, tokenizer_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n天\n", encoding="utf-8")
    gaupt("tokenizer", "--from", tokenizer_folder, "-o", tmp_path / "t").done()
    command = ("tokenizer", "--from", tmp_path / "vocab.txt", "-o", tmp_path / "t")
    for more in ((), ("--dry-run",)):
        assert "use --overwrite to start again" in gaupt(*command, *more).error()
    assert "(complete)" in gaupt(*command, "--dry-run", "--overwrite").done().out
    assert "vocabulary of 6 pieces" in gaupt(*command, "--overwrite").done().out


@pytest.mark.slow
@pytest.mark.parametrize(("size", "fits"), [(31, False), (32, True), (1_000_000, True), (1_000_001, False)])
def test_the_size_of_a_vocabulary_has_bounds(
    size: int, fits: bool, gaupt: Gaupt, documents: Path, tmp_path: Path
) -> None:
    command = ("tokenizer", documents, "-o", tmp_path / "t", "--vocab-size", size, "--dry-run")
    if fits:
        assert f"learn {size:,} pieces" in gaupt(*command).done().out
    else:
        assert f"--vocab-size {size}: expected a whole number, ≥ 32, ≤ 1,000,000" in gaupt(*command).error()
