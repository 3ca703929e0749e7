import signal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from gaupt.config import Config, config_from
from gaupt.corpus.documents import read_documents, told_of
from gaupt.errors import GauptError
from gaupt.progress import Progress
from gaupt.shards.build import build_shards
from gaupt.shards.format import MANIFEST, open_shards
from gaupt.tokenizer.load import load_tokenizer
from gaupt.tokenizer.words import load_words
from tests.made_documents import documents_of, make_documents, small_config, text
from tests.processes import Program, start_gaupt


def contents(folder: Path) -> dict[str, bytes]:
    """Every file that is part of the shards."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in (".lock", "stage.json")
    }


@pytest.mark.slow
def test_every_document_is_stored_as_it_is_encoded(
    documents: Path, tokenizer_folder: Path, shards_folder: Path
) -> None:
    tokenizer, words, shards = load_tokenizer(tokenizer_folder), load_words(), open_shards(shards_folder)
    stored = set()
    for split in ("train", "validation"):
        for name in shards.names(split):
            shard = shards.read(name)
            bounds = shard.documents.tolist()
            for first, stop in pairwise(bounds):
                stored.add(shard.tokens[first:stop].tobytes())
    for document in read_documents(documents):
        ids, starts, _ = tokenizer.encode_words([document.text], words)
        assert (ids.astype("<u2") | np.where(starts, 0, shards.word_bit).astype("<u2")).tobytes() in stored


def test_the_manifest_counts_every_document_once(documents: Path, shards_folder: Path) -> None:
    splits = open_shards(shards_folder).manifest["splits"]
    assert sum(split["documents"] for split in splits.values()) == len(list(read_documents(documents)))
    assert all(split["documents"] > 0 for split in splits.values())


def config_with(**shards: object) -> Config:
    return config_from({"shards": shards}, "a test")


@pytest.mark.option("shards.seq_len")
@pytest.mark.parametrize("seq_len", [8, 32])
def test_no_sample_is_longer_than_asked_for(
    seq_len: int, documents: Path, tokenizer_folder: Path, tmp_path: Path
) -> None:
    build_shards(documents, tokenizer_folder, tmp_path / "s", config_with(seq_len=seq_len), workers=1)
    shards = open_shards(tmp_path / "s")
    lengths = np.concatenate([np.diff(shards.read(name).samples) for name in shards.names("train")])
    assert shards.seq_len == lengths.max() + 2 == seq_len  # [CLS] and [SEP] included


@pytest.mark.slow
@pytest.mark.option("shards.validation_share", "seed")
def test_a_share_of_the_documents_is_held_out_by_the_seed(tokenizer_folder: Path, tmp_path: Path) -> None:
    documents_of(tmp_path / "clean", *(text(number, 1) for number in range(1000)))
    held_out = {}
    for share, seed in ((0.0, 0), (0.1, 0), (0.3, 0), (0.3, 1)):
        config, output = config_with(validation_share=share).model_copy(update={"seed": seed}), tmp_path / "s"
        build_shards(tmp_path / "clean", tokenizer_folder, output, config, workers=1, overwrite=True)
        shards = open_shards(output)
        held_out[share, seed] = {shards.read(name).tokens.tobytes() for name in shards.names("validation")}
        count = shards.manifest["splits"].get("validation", {"documents": 0})["documents"]
        assert count == pytest.approx(1000 * share, abs=45)  # three standard deviations at most
    assert held_out[0.3, 0] != held_out[0.3, 1]


def test_no_text_is_in_both_splits(tmp_path: Path, tokenizer_folder: Path) -> None:
    texts = [text(i % 40) for i in range(120)]
    documents_of(tmp_path / "clean", *texts)
    config = config_with(validation_share=0.3)
    build_shards(tmp_path / "clean", tokenizer_folder, tmp_path / "s", config, workers=1)
    shards = open_shards(tmp_path / "s")
    held: dict[str, set[bytes]] = {}
    for split in ("train", "validation"):
        shard = shards.read(shards.names(split)[0])
        bounds = shard.documents.tolist()
        held[split] = {shard.tokens[a:b].tobytes() for a, b in pairwise(bounds)}
    assert held["train"] and held["validation"]
    assert not held["train"] & held["validation"]


def test_what_is_told_of_the_corpus_goes_along(prepared: Path, shards_folder: Path) -> None:
    assert open_shards(prepared).manifest["corpus"] == told_of(prepared / "clean")
    assert open_shards(shards_folder).manifest["corpus"] == {}  # documents of another program


@pytest.mark.parametrize("count", [2, 3, 10])
def test_two_documents_are_enough_for_both_splits(count: int, tmp_path: Path, tokenizer_folder: Path) -> None:
    documents_of(tmp_path / "clean", *(text(i) for i in range(count)))
    manifest = build_shards(tmp_path / "clean", tokenizer_folder, tmp_path / "s", small_config(), workers=1)
    assert all(split["documents"] > 0 for split in manifest["splits"].values())


def test_of_a_lone_document_the_end_is_held_out(
    tmp_path: Path, tokenizer_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    documents_of(tmp_path / "clean", text(0, 200))
    config, progress = small_config(), Progress()
    manifest = build_shards(
        tmp_path / "clean", tokenizer_folder, tmp_path / "s", config, workers=1, progress=progress
    )
    train, validation = (manifest["splits"][split] for split in ("train", "validation"))
    assert (train["documents"], validation["documents"]) == (1, 1)
    assert 0.02 < validation["tokens"] / train["tokens"] < 0.1
    assert "one document only: its last 5% are held out" in capsys.readouterr().err


def test_a_lone_sentence_cannot_be_split(tmp_path: Path, tokenizer_folder: Path) -> None:
    documents_of(tmp_path / "clean", text(0, 1))
    with pytest.raises(GauptError, match=r"has no two different documents.*a text file is one document"):
        build_shards(tmp_path / "clean", tokenizer_folder, tmp_path / "s", small_config(), workers=1)


@pytest.mark.slow
def test_the_bytes_are_the_same_for_any_number_of_workers(
    documents: Path, tokenizer_folder: Path, shards_folder: Path, tmp_path: Path
) -> None:
    build_shards(documents, tokenizer_folder, tmp_path / "s", small_config(), workers=2)
    assert contents(tmp_path / "s") == contents(shards_folder)


@pytest.mark.slow
def test_what_is_done_stays_done_after_kill_9(tmp_path: Path, tokenizer_folder: Path) -> None:
    make_documents(tmp_path / "clean", 400, files=8)  # a part is never of two files
    whole, killed = tmp_path / "whole", tmp_path / "killed"

    def shard(output: Path) -> Program:
        clean = tmp_path / "clean"
        return start_gaupt("shard", clean, "--tokenizer", tokenizer_folder, "-o", output, "--workers", 1)

    assert shard(whole).finish()[0] == 0
    program = shard(killed)
    program.wait_for((killed / "work" / "parts" / "00002.json").exists)
    program.process.kill()
    assert program.finish()[0] == -signal.SIGKILL
    assert not (killed / MANIFEST).exists()
    done = {path: path.stat().st_mtime_ns for path in killed.glob("train-0000[012].*")}
    assert done
    assert shard(killed).finish()[0] == 0
    assert contents(killed) == contents(whole)
    assert {path: path.stat().st_mtime_ns for path in done} == done


def test_a_complete_folder_is_left_alone(
    documents: Path, tokenizer_folder: Path, shards_folder: Path
) -> None:
    before = {path: path.stat().st_mtime_ns for path in shards_folder.rglob("*.bin")}
    build_shards(documents, tokenizer_folder, shards_folder, small_config(), workers=1)
    assert {path: path.stat().st_mtime_ns for path in shards_folder.rglob("*.bin")} == before
