"""Weights in one file or several, as safetensors or as pickles."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from gaupt.checkpoint.weight_files import fingerprint, read_weights, weight_files
from gaupt.errors import GauptError
from gaupt.files import sha256

TENSORS = {"a": torch.arange(6.0).view(2, 3), "b": torch.ones(4), "c": torch.zeros(1)}


def write_shards(folder: Path) -> None:
    """``TENSORS`` in two files and their index, as `save_pretrained` cuts them."""
    parts = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    parts["c"] = parts["b"]
    for file in set(parts.values()):
        save_file({name: TENSORS[name] for name in parts if parts[name] == file}, folder / file)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": parts}))


def test_shards_are_put_together_and_have_a_fingerprint_of_their_own(tmp_path: Path) -> None:
    write_shards(tmp_path)
    found = read_weights(tmp_path)
    assert found.keys() == TENSORS.keys() and all(torch.equal(found[name], TENSORS[name]) for name in found)
    assert [path.name[:11] for path in weight_files(tmp_path)] == ["model-00001", "model-00002"]
    before = fingerprint(tmp_path)
    save_file({"b": torch.zeros(4), "c": torch.zeros(1)}, tmp_path / "model-00002-of-00002.safetensors")
    assert fingerprint(tmp_path) != before
    (tmp_path / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(
        GauptError, match=r"00002-of-00002\.safetensors is missing; model\.safetensors\.index\.json lists"
    ):
        read_weights(tmp_path)


def test_the_fingerprint_of_one_file_is_its_sha256(tmp_path: Path) -> None:
    save_file(TENSORS, tmp_path / "model.safetensors")
    assert fingerprint(tmp_path) == sha256(tmp_path / "model.safetensors")


def test_a_folder_without_weights_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match=r"model\.safetensors is missing; export again"):
        read_weights(tmp_path, "export again")


@pytest.mark.slow
def test_no_flipped_bit_of_torch_weights_is_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "pytorch_model.bin"
    torch.save({f"layer.{number}.weight": torch.ones(3, 3) for number in range(20)}, path)
    data = path.read_bytes()
    start = data.index(b"data.pkl")
    for place in range(start, start + 1200, 11):
        path.write_bytes(data[:place] + bytes([data[place] ^ 16]) + data[place + 1 :])
        with suppress(GauptError):
            read_weights(tmp_path)


def test_safetensors_are_read_before_a_pickle(tmp_path: Path) -> None:
    save_file(TENSORS, tmp_path / "model.safetensors")
    torch.save({"other": torch.ones(1)}, tmp_path / "pytorch_model.bin")
    assert "other" not in read_weights(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    assert read_weights(tmp_path).keys() == {"other"}


def test_a_tensor_that_repeats_a_few_numbers_is_refused(tmp_path: Path) -> None:
    torch.save({"w": torch.zeros(1).expand(10**12)}, tmp_path / "pytorch_model.bin")
    with pytest.raises(GauptError, match=r"pytorch_model\.bin is damaged: w is no plain tensor"):
        read_weights(tmp_path)
