"""The tokenizer and shards parts of a report, from real folders."""

import shutil
from pathlib import Path

import pytest

from gaupt.files import read_json, write_json
from gaupt.inspection import fit
from gaupt.report.data import shards_section, tokenizer_section
from gaupt.shards.format import open_shards
from gaupt.tokenizer.load import REPORT
from tests.report.said import EN, ZH, facts, rows, words


@pytest.mark.slow
def test_a_tokenizer_is_told_with_how_it_fits_its_corpus(tokenizer_folder: Path) -> None:
    title, section = tokenizer_section(read_json(tokenizer_folder / REPORT), tokenizer_folder, EN)
    told = facts(section)
    assert (title, told["type"], told["vocab size"]) == ("Tokenizer", "unigram", "480")
    assert "character coverage" not in told  # sentencepiece does not say
    fitted = fit(tokenizer_folder)
    assert fitted is not None
    assert told["coverage: characters that are in the vocabulary"] == f"{fitted[0].coverage:.2%}"
    assert told["characters per token"] == f"{fitted[0].characters_per_token:.4g}"


@pytest.mark.slow
def test_lines_of_the_corpus_are_shown_as_they_are_cut(tokenizer_folder: Path) -> None:
    _, section = tokenizer_section(read_json(tokenizer_folder / REPORT), tokenizer_folder, EN)
    fitted = fit(tokenizer_folder)
    assert fitted is not None and len(fitted[1]) == 5
    for line in fitted[1]:
        assert "".join(piece.text for piece in line) in words(section)
    joined = sum(piece.joins for line in fitted[1] for piece in line)
    assert section.count('class="piece joins') == joined > 0


def test_a_tokenizer_without_its_corpus_says_so(tokenizer_folder: Path, tmp_path: Path) -> None:
    alone = shutil.copytree(tokenizer_folder, tmp_path / "alone")
    write_json(alone / REPORT, read_json(alone / REPORT) | {"documents": "gone"})
    _, section = tokenizer_section(read_json(alone / REPORT), alone, EN)
    assert "Its corpus is not here" in section and "coverage:" not in section
    assert "语料不在原处" in tokenizer_section(read_json(alone / REPORT), alone, ZH)[1]


def test_every_split_has_its_counts_and_the_bytes_are_those_on_disk(shards_folder: Path) -> None:
    title, section = shards_section(shards_folder, EN)
    shards = open_shards(shards_folder)
    counts = shards.manifest["splits"]
    assert (title, rows(section, "By split")[1:]) == (
        "Token shards",
        [
            [split, *(f"{counts[split][name]:,}" for name in ("documents", "tokens", "samples"))]
            for split in ("train", "validation")
        ],
    )
    on_disk = sum((shards_folder / name).stat().st_size for name in shards.manifest["files"])
    assert facts(section) == {"bytes on disk": f"{on_disk:,}", "tokens in the longest sample": "512"}


def test_shards_in_a_prepared_folder_are_found(prepared: Path) -> None:
    assert shards_section(prepared, EN) == shards_section(prepared / "shards", EN)
