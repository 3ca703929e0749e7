"""One part of the documents to its shards, as a worker process makes them."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.config import CleanConfig
from gaupt.corpus.documents import Document
from gaupt.files import sha256
from gaupt.shards import encode_part as encoding
from gaupt.shards.cut import Part
from gaupt.shards.decontaminate import read_excluded
from gaupt.shards.encode_part import Job, Resources, encode_part, hash_text, load
from gaupt.tokenizer.load import load_tokenizer
from gaupt.tokenizer.words import load_words
from tests.made_documents import text, write_documents

DOCUMENTS = [Document(f"d{number}", text(number), f"s{number % 2}") for number in range(6)]
EVERYTHING = 1 << 64


def write_part(folder: Path, documents: list[Document]) -> Part:
    write_documents(folder / "documents-00000.jsonl.zst", documents)
    return Part("00000", folder / "documents-00000.jsonl.zst", 0, 1 << 20)


def job_of(folder: Path, tokenizer: Path, validation_below: int = 0, excluded: Path | None = None) -> Job:
    resources = Resources(tokenizer, "rjieba", None, excluded)
    return Job(resources, folder, 64, 0, validation_below)


def read(folder: Path, name: str, part: str, dtype: str) -> list[int]:
    numbers: list[int] = np.fromfile(folder / f"{name}.{part}.bin", dtype).tolist()
    return numbers


def test_tokens_bounds_and_sources_are_those_of_the_documents(tokenizer_folder: Path, tmp_path: Path) -> None:
    part = write_part(tmp_path, DOCUMENTS)
    encode_part(job_of(tmp_path, tokenizer_folder), part)
    tokens = read(tmp_path, "train-00000", "tokens", "<u2")
    bounds = read(tmp_path, "train-00000", "documents", "<u8")
    tokenizer, words = load_tokenizer(tokenizer_folder), load_words()
    for document, (first, stop) in zip(DOCUMENTS, pairwise(bounds), strict=True):
        encoded = tokenizer.encode_words([document.text], words)
        assert [token & 0x7FFF for token in tokens[first:stop]] == encoded.ids.tolist()
        assert [token >> 15 == 0 for token in tokens[first:stop]] == encoded.starts.tolist()
    assert read(tmp_path, "train-00000", "sources", "<u4") == [0, 1, 0, 1, 0, 1]
    samples = read(tmp_path, "train-00000", "samples", "<u8")
    assert set(bounds) <= set(samples) and max(np.diff(samples)) <= 62


def test_the_record_counts_what_was_written_and_knows_the_checksums(
    tokenizer_folder: Path, tmp_path: Path
) -> None:
    part = replace(write_part(tmp_path, DOCUMENTS), name="00007")
    record = encode_part(job_of(tmp_path, tokenizer_folder), part)
    assert record["excluded_documents"] == 0
    assert record["shards"] == {
        "train": {
            "name": "train-00007",
            "documents": 6,
            "tokens": len(read(tmp_path, "train-00007", "tokens", "<u2")),
            "samples": len(read(tmp_path, "train-00007", "samples", "<u8")) - 1,
            "sources": ["s0", "s1"],
        }
    }
    assert len(record["files"]) == 4
    for name, facts in record["files"].items():
        path = tmp_path / name
        assert facts == {"bytes": path.stat().st_size, "sha256": sha256(path)}


def test_a_document_is_held_out_below_the_threshold_and_not_at_it(
    tokenizer_folder: Path, tmp_path: Path
) -> None:
    hashes = sorted(hash_text(document.text, 0) for document in DOCUMENTS)
    part = write_part(tmp_path, DOCUMENTS)
    for threshold, held_out in ((hashes[2], 2), (hashes[2] + 1, 3)):
        shards = encode_part(job_of(tmp_path, tokenizer_folder, threshold), part)["shards"]
        assert (shards["validation"]["documents"], shards["train"]["documents"]) == (held_out, 6 - held_out)


@pytest.mark.parametrize(("threshold", "split"), [(0, "train"), (EVERYTHING, "validation")])
def test_a_split_without_documents_has_no_shard(
    threshold: int, split: str, tokenizer_folder: Path, tmp_path: Path
) -> None:
    part = write_part(tmp_path, DOCUMENTS)
    assert encode_part(job_of(tmp_path, tokenizer_folder, threshold), part)["shards"].keys() == {split}
    assert {path.name.split("-")[0] for path in tmp_path.glob("*.bin")} == {split}


def test_documents_with_a_text_to_keep_out_are_left_out_and_counted(
    tokenizer_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "task.txt").write_text(DOCUMENTS[3].text.split("\n")[0], encoding="utf-8")
    part = write_part(tmp_path, DOCUMENTS)
    read_excluded((tmp_path / "task.txt",), 13, 0.5, CleanConfig()).save(tmp_path / "index.npz")
    record = encode_part(job_of(tmp_path, tokenizer_folder, excluded=tmp_path / "index.npz"), part)
    assert record["excluded_documents"] == 1
    assert record["shards"]["train"]["documents"] == 5


def test_blocks_of_any_size_give_the_same_bytes(
    tokenizer_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = []
    for size in (1, 200, 1_000_000):
        monkeypatch.setattr(encoding, "_BLOCK_CHARACTERS", size)
        part = write_part(tmp_path / str(size), DOCUMENTS)
        encode_part(job_of(tmp_path / str(size), tokenizer_folder, EVERYTHING // 2), part)
        files = sorted((tmp_path / str(size)).glob("*.bin"))
        contents.append({path.name: path.read_bytes() for path in files})
    assert contents[0] == contents[1] == contents[2]
    assert {name.split("-")[0] for name in contents[0]} == {"train", "validation"}


def test_a_process_loads_its_resources_once(tokenizer_folder: Path, tmp_path: Path) -> None:
    resources = job_of(tmp_path, tokenizer_folder).resources
    assert load(resources) is load(replace(resources))
    assert load(resources)[3] is None


@pytest.mark.slow
@given(st.text(), st.integers(0, 2**63 - 1))
def test_copies_of_a_text_share_64_bits_that_the_seed_decides(sample: str, seed: int) -> None:
    value = hash_text(sample, seed)
    assert 0 <= value < EVERYTHING
    assert hash_text("".join(sample), seed) == value
    assert hash_text(sample, seed + 1) != value
    assert hash_text(sample + "。", seed) != value
