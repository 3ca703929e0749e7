"""Files of tensors, read and written: whatever the safetensors library makes of them is one line."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gaupt.errors import GauptError
from gaupt.files import refusing

if TYPE_CHECKING:  # whoever only inspects or verifies a checkpoint need not wait for torch
    import torch


def read_tensors(path: Path, remedy: str) -> "dict[str, torch.Tensor]":
    """The tensors of a safetensors file by name, on the CPU; ``remedy`` is what to do about a damaged one.

    Raises:
        GauptError: it is missing or damaged, or a tensor is of a type that torch does not have.
    """
    from safetensors.torch import load_file

    if not path.is_file():
        raise GauptError(f"{path} is missing; {remedy}")
    with refusing(f"{path} is damaged", remedy):
        return load_file(path)


def write_tensors(path: Path, tensors: "Mapping[str, torch.Tensor]") -> None:
    """Write ``tensors`` to a safetensors file.

    Raises:
        GauptError: the file cannot be written: the disk is full, for one.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    try:
        save_file({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, path)
    except SafetensorError as error:
        raise GauptError(
            f"cannot write {path} ({error}); free some room and run the same command again"
        ) from error
