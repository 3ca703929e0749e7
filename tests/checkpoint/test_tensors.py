import json
import struct
from pathlib import Path

import pytest
import torch

from gaupt.checkpoint.tensors import read_tensors, write_tensors
from gaupt.errors import GauptError

TENSORS = {"a": torch.arange(6.0).reshape(2, 3), "b": torch.ones(3)}


def with_header(path: Path, header: object, length: int | None = None) -> Path:
    """``TENSORS`` with another header, or another length of it."""
    write_tensors(path, TENSORS)
    data = path.read_bytes()
    (old,) = struct.unpack("<Q", data[:8])
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + data[8 + old :])
    return path


def test_tensors_come_back(tmp_path: Path) -> None:
    write_tensors(tmp_path / "x.safetensors", {"t": TENSORS["a"].T})
    assert torch.equal(read_tensors(tmp_path / "x.safetensors", "again")["t"], TENSORS["a"].T)


def test_missing_tensors_are_named(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match=r"x\.safetensors is missing; copy it$"):
        read_tensors(tmp_path / "x.safetensors", "copy it")


@pytest.mark.parametrize("length", [0, 3, 10**8, 2**62, 2**64 - 1])
def test_a_header_of_another_length_is_refused(length: int, tmp_path: Path) -> None:
    path = with_header(tmp_path / "x.safetensors", {}, length)
    with pytest.raises(GauptError, match=r"x\.safetensors is damaged: .*; copy it$"):
        read_tensors(path, "copy it")


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("dtype", "F64"),
        ("dtype", "F4"),
        ("dtype", None),
        ("shape", [2, 4]),
        ("shape", [2**62, 4]),
        ("shape", [-1]),
        ("data_offsets", [0, 10**9]),
        ("data_offsets", [12, 36]),
        ("data_offsets", [24, 0]),
    ],
)
def test_a_header_that_does_not_fit_is_refused(change: str, value: object, tmp_path: Path) -> None:
    header = {
        "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]} | {change: value},
        "b": {"dtype": "F32", "shape": [3], "data_offsets": [24, 36]},
    }
    path = with_header(tmp_path / "x.safetensors", header)
    with pytest.raises(GauptError, match=r"x\.safetensors is damaged: .*; copy it$"):
        read_tensors(path, "copy it")


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match=r"cannot write .*x\.safetensors \(.*; free some room"):
        write_tensors(tmp_path / "nowhere" / "x.safetensors", TENSORS)
