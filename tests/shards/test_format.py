import shutil
from pathlib import Path

import pytest

from gaupt.batches.sampler import MaskedLMSampler
from gaupt.errors import GauptError
from gaupt.inspection import verify_folder
from gaupt.shards.format import MANIFEST, open_shards, token_dtype, verify
from tests.shards.corruptions import a_thousand_corruptions_are_found


@pytest.fixture
def folder(shards_folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(shards_folder, tmp_path / "shards")


def test_an_intact_folder_verifies(folder: Path) -> None:
    assert set(verify(folder)) == {""}
    assert verify_folder(folder) > 8


@pytest.mark.untraced
@pytest.mark.slow
def test_a_thousand_random_corruptions_are_found_and_the_file_is_named(folder: Path) -> None:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != ".lock"]
    a_thousand_corruptions_are_found(folder, files)


def test_a_truncated_or_missing_file_is_refused_before_training(folder: Path) -> None:
    path = next(folder.glob("train-*.tokens.bin"))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(GauptError, match=path.name):
        MaskedLMSampler(folder, 64, 2, 0)
    path.unlink()
    with pytest.raises(GauptError, match=f"{path.name} is missing"):
        MaskedLMSampler(folder, 64, 2, 0)


def test_an_incomplete_folder_is_refused(folder: Path) -> None:
    (folder / MANIFEST).unlink()
    with pytest.raises(GauptError, match="is not complete; run the same gaupt shard again"):
        open_shards(folder)
    with pytest.raises(GauptError, match="does not exist"):
        open_shards(folder / "nowhere")


def test_shards_are_found_in_a_prepared_folder(folder: Path) -> None:
    assert open_shards(folder.parent).folder == folder


def test_ids_beyond_15_bits_get_32() -> None:
    assert (token_dtype(32_768).str, token_dtype(32_769).str) == ("<u2", "<u4")


def test_a_token_takes_two_bytes(shards_folder: Path) -> None:
    shards = open_shards(shards_folder)
    tokens = sum(split["tokens"] for split in shards.manifest["splits"].values())
    on_disk = sum(
        (shards_folder / f"{n}.tokens.bin").stat().st_size
        for s in ("train", "validation")
        for n in shards.names(s)
    )
    assert on_disk == 2 * tokens
