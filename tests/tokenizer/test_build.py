import json
from pathlib import Path

import pytest

from gaupt.config import read_config
from gaupt.corpus.documents import Document
from gaupt.errors import GauptError
from gaupt.files import write_json
from gaupt.progress import Progress
from gaupt.tokenizer.build import build_tokenizer
from gaupt.tokenizer.load import load_tokenizer
from tests.made_documents import small_config, write_documents


def test_special_tokens_come_first(folder: Path) -> None:
    tokenizer = load_tokenizer(folder)
    assert [tokenizer.token(i) for i in range(5)] == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    special = tokenizer.special
    assert (special.pad, special.unk, special.cls, special.sep, special.mask) == (0, 1, 2, 3, 4)


def test_the_folder_is_complete_and_says_how_it_was_made(folder: Path) -> None:
    report = json.loads((folder / "report.json").read_text())
    assert report["vocab_size"] == load_tokenizer(folder).vocab_size
    assert report["sampled_characters"] > 10_000
    assert (folder / "config.toml").exists()
    assert (folder / ("vocab.txt" if report["type"] == "char" else "tokenizer.model")).exists()


def test_a_second_call_does_nothing_and_another_config_is_refused(tmp_path: Path, documents: Path) -> None:
    config = small_config(type="char", vocab_size=200)
    build_tokenizer(documents, tmp_path / "t", config, workers=1)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "t").iterdir()}
    build_tokenizer(documents, tmp_path / "t", config, workers=1)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "t").iterdir() if path.name != ".lock"} == {
        path: time for path, time in before.items() if path.name != ".lock"
    }
    with pytest.raises(GauptError, match="vocab_size 200 -> 210"):
        build_tokenizer(documents, tmp_path / "t", small_config(type="char", vocab_size=210), workers=1)


@pytest.mark.slow
@pytest.mark.parametrize("type_", ["unigram", "bpe", "char"])
def test_a_text_that_supports_fewer_pieces_than_asked_for_gets_those_and_says_so(
    type_: str, tmp_path: Path, documents: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = small_config(type=type_, vocab_size=90_000)
    report = build_tokenizer(documents, tmp_path / "t", config, workers=1, progress=Progress())
    size = report["vocab_size"]
    assert size == load_tokenizer(tmp_path / "t").vocab_size < 90_000
    told = f"vocabulary: {size:,} pieces, as many as this text supports (90,000 asked)\n"
    assert told in capsys.readouterr().err
    assert read_config(tmp_path / "t" / "config.toml").tokenizer.vocab_size == size
    # The folder is still the one that was asked for, and what fits is said nothing about.
    assert build_tokenizer(documents, tmp_path / "t", config, workers=1) == report
    fits = small_config(type=type_, vocab_size=size - 1)
    build_tokenizer(documents, tmp_path / "u", fits, workers=1, progress=Progress())
    assert "as many as this text supports" not in capsys.readouterr().err


def test_a_config_names_no_smaller_vocabulary_than_one_may_ask_for(tmp_path: Path) -> None:
    write_documents(tmp_path / "clean" / "documents-00000.jsonl.zst", [Document("a", "春眠不觉晓", "s")])
    write_json(tmp_path / "clean" / "report.json", {"kept": 1})
    report = build_tokenizer(tmp_path / "clean", tmp_path / "t", small_config(type="char"), workers=1)
    assert report["vocab_size"] == 10
    assert read_config(tmp_path / "t" / "config.toml").tokenizer.vocab_size == 32
