"""The tokenizer and shards parts of a report, from real folders."""

from pathlib import Path

from gaupt.files import read_json
from gaupt.report.data import shards_section, tokenizer_section
from gaupt.shards.format import open_shards
from gaupt.tokenizer.load import REPORT


def test_a_tokenizers_report_is_shown_as_words(tokenizer_folder: Path) -> None:
    section = tokenizer_section(read_json(tokenizer_folder / REPORT))
    assert section.startswith("<section><h2>Tokenizer</h2>")
    assert "<td>type</td><td>unigram</td>" in section
    assert "<td>vocab size</td><td>480</td>" in section
    assert "character coverage" not in section  # sentencepiece does not say


def test_every_split_has_its_counts_and_the_bytes_are_those_on_disk(shards_folder: Path) -> None:
    section = shards_section(shards_folder)
    shards = open_shards(shards_folder)
    for split in ("train", "validation"):
        counts = shards.manifest["splits"][split]
        numbers = [counts[name] for name in ("documents", "tokens", "samples")]
        assert f"<td>{split}</td>" + "".join(f"<td class=number>{n:,}</td>" for n in numbers) in section
    on_disk = sum((shards_folder / name).stat().st_size for name in shards.manifest["files"])
    assert f"<td>bytes on disk</td><td>{on_disk:,}</td>" in section
    assert "<td>tokens in the longest sample</td><td>512</td>" in section


def test_shards_in_a_prepared_folder_are_found(prepared: Path) -> None:
    assert shards_section(prepared) == shards_section(prepared / "shards")
