import json
from pathlib import Path

import pytest

from gaupt.errors import GauptError
from gaupt.tokenizer.build import build_tokenizer
from gaupt.tokenizer.load import load_tokenizer
from tests.made_documents import small_config


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
