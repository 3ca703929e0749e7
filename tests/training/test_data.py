"""The data of a run: found, verified, measured."""

import math
import shutil
from collections import Counter
from pathlib import Path

import pytest

from gaupt.config import Config
from gaupt.errors import GauptError
from gaupt.files import sha256
from gaupt.shards.build import build_shards
from gaupt.shards.format import MANIFEST, open_shards
from gaupt.training.data import find_data, unigram_entropy, verify_data
from tests.training.runs import changed, train


def test_what_is_no_data_is_named(tmp_path: Path, tiny_config: Config) -> None:
    with pytest.raises(GauptError, match="does not exist"):
        find_data(tmp_path / "nowhere")
    with pytest.raises(GauptError, match="is empty, not a folder of gaupt prepare or"):
        find_data(tmp_path)


def test_shards_without_validation_documents_are_refused_with_a_remedy(
    tmp_path: Path, prepared: Path, tiny_config: Config
) -> None:
    config = changed(tiny_config, "shards", validation_share=0)
    build_shards(prepared / "clean", prepared / "tokenizer", tmp_path / "data", config, workers=1)
    with pytest.raises(GauptError, match=r"no validation documents; .*shards\.validation_share"):
        train(tmp_path / "data", tmp_path / "run", tiny_config)


def test_shards_are_found_alone_and_in_a_prepared_folder(prepared: Path) -> None:
    found = find_data(prepared)
    assert found.shards.folder == prepared / "shards"
    assert find_data(prepared / "shards") == found


def test_data_knows_its_tokenizer_its_vocabulary_and_its_fingerprint(prepared: Path) -> None:
    found = find_data(prepared)
    assert (found.tokenizer / "tokenizer.json").is_file()
    assert found.vocab_size == 1500
    assert found.fingerprint == sha256(prepared / "shards" / MANIFEST)


def test_a_split_without_samples_is_named(tmp_path: Path, prepared: Path, tiny_config: Config) -> None:
    config = changed(tiny_config, "shards", validation_share=0)
    build_shards(prepared / "clean", prepared / "tokenizer", tmp_path, config, workers=1)
    with pytest.raises(GauptError, match="has no validation documents; prepare more text"):
        find_data(tmp_path)


def test_intact_shards_verify_and_the_first_damaged_file_is_named(prepared: Path, tmp_path: Path) -> None:
    verify_data(find_data(prepared))
    folder = shutil.copytree(prepared / "shards", tmp_path / "shards")
    data = find_data(folder)
    path = next(folder.glob("validation-*.samples.bin"))
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(GauptError, match=rf"{path.name} is damaged: .*; run gaupt shard again"):
        verify_data(data)


def test_the_entropy_is_that_of_single_tokens_without_their_word_bit(prepared: Path) -> None:
    shards = open_shards(prepared)
    counts: Counter[int] = Counter()
    for name in shards.names("train"):
        counts.update((shards.read(name).tokens & 0x7FFF).tolist())
    total = counts.total()
    expected = -sum(count / total * math.log(count / total) for count in counts.values())
    assert unigram_entropy(shards) == pytest.approx(expected)
    assert 0 < expected < math.log(1500)
