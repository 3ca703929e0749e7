"""The weights of a folder of transformers: one file or several, safetensors or pickles."""

import hashlib
from pathlib import Path

import torch

from gaupt.checkpoint.tensors import read_tensors
from gaupt.errors import GauptError
from gaupt.files import read_json, refusing, sha256

WEIGHTS = "model.safetensors"
PICKLE = "pytorch_model.bin"


def read_weights(folder: Path, remedy: str = "fetch it again") -> dict[str, torch.Tensor]:
    """The tensors of ``model.safetensors`` or ``pytorch_model.bin`` (read without running code from it).

    Either may be cut into shards that a ``model.safetensors.index.json`` or ``pytorch_model.bin.index.json`` lists.
    ``remedy`` is what to do about a missing or damaged file.

    Raises:
        GauptError: neither is there, a shard is missing, or one is damaged.
    """
    read: dict[str, torch.Tensor] = {}
    for path in weight_files(folder, remedy):
        read |= _read_pickle(path) if path.suffix == ".bin" else read_tensors(path, remedy)
    return read


def fingerprint(folder: Path) -> str:
    """sha256 of the weights that `read_weights` reads: of the file, or of those of its shards in order.

    Raises:
        GauptError: as `read_weights`, of files that are missing.
    """
    sums = [sha256(path) for path in weight_files(folder)]
    return sums[0] if len(sums) == 1 else hashlib.sha256(" ".join(sums).encode()).hexdigest()


def weight_files(folder: Path, remedy: str = "fetch it again") -> list[Path]:
    """The files that `read_weights` reads.

    Raises:
        GauptError: neither is there, or a shard is missing.
    """
    for name in (WEIGHTS, PICKLE):
        if (folder / name).is_file():
            return [folder / name]
        if (index := folder / f"{name}.index.json").is_file():
            return _shards(index)
    raise GauptError(f"{folder / WEIGHTS} is missing; {remedy}")


def _shards(index: Path) -> list[Path]:
    """The files that a ``weight_map`` names, each a neighbour of ``index``."""
    try:
        names = sorted(set(read_json(index)["weight_map"].values()))
        paths = [index.with_name(name) for name in names]  # a name with a folder in it is a ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        raise GauptError(f"{index} is damaged: it holds no weight_map of file names") from None
    for path in paths:
        if not path.is_file():
            raise GauptError(f"{path} is missing; {index.name} lists it")
    return paths


def _read_pickle(path: Path) -> dict[str, torch.Tensor]:
    # A damaged pickle fails in as many ways as it has instructions.
    with refusing(f"{path} is damaged or holds more than tensors"):
        tensors = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(tensors, dict) or not all(
        isinstance(name, str) and isinstance(tensor, torch.Tensor) for name, tensor in tensors.items()
    ):
        raise GauptError(f"{path} is not a state dict")
    if name := next((name for name, tensor in tensors.items() if not _is_whole(tensor)), None):
        raise GauptError(f"{path} is damaged: {name} is no plain tensor")
    return tensors


def _is_whole(tensor: torch.Tensor) -> bool:
    """Whether a tensor has a number in its file for each of its own: one that repeats a few may be of any size."""
    if tensor.layout is not torch.strided or tensor.is_quantized or tensor.device.type != "cpu":
        return False
    return tensor.numel() * tensor.element_size() <= tensor.untyped_storage().nbytes()
