"""The checkpoint format: a folder that is complete once it has its name, and that knows its own checksums.

    step-0001000/
      model.safetensors       weights, float32, under the names of MaskedLM.state_dict()
      optimizer.safetensors   AdamW moments, "exp_avg/NAME" and "exp_avg_sq/NAME" (training checkpoints only)
      config.toml             the resolved config
      tokenizer/              the tokenizer's files
      manifest.json           format, step, tokens, facts, and a sha256 per file

Random states are not stored: every draw is a function of (seed, step), see `gaupt.training.loop`.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaupt.checkpoint.tensors import read_tensors, write_tensors
from gaupt.config import Config, read_config
from gaupt.errors import GauptError
from gaupt.files import new_folder, read_sealed_json, write_sealed_json
from gaupt.seal import MANIFEST, list_files, verify
from gaupt.stage import CONFIG, write_config
from gaupt.tokenizer.load import not_copied

if TYPE_CHECKING:  # whoever only inspects or verifies a checkpoint need not wait for torch
    import torch

FORMAT = "gaupt-checkpoint"
VERSION = 1
WEIGHTS = "model.safetensors"
OPTIMIZER = "optimizer.safetensors"
TOKENIZER = "tokenizer"
_ANOTHER = "copy the checkpoint again, or use another"


@dataclass(frozen=True)
class Checkpoint:
    """A complete checkpoint on disk."""

    folder: Path
    config: Config
    step: int
    """Optimizer updates done; 0 for an imported model."""
    facts: Mapping[str, Any]
    """What else the writer recorded: tokens seen, data fingerprint, source of an import."""

    @property
    def tokenizer(self) -> Path:
        """Folder of the tokenizer's files."""
        return self.folder / TOKENIZER

    def weights(self) -> "dict[str, torch.Tensor]":
        """The model's tensors by name, float32, on the CPU. Raises GauptError where they are damaged."""
        return read_tensors(self.folder / WEIGHTS, _ANOTHER)

    def optimizer(self) -> "dict[str, torch.Tensor]":
        """The optimizer's tensors by "moment/name".

        Raises:
            GauptError: the checkpoint holds none (it was imported), or they are damaged.
        """
        path = self.folder / OPTIMIZER
        if not path.exists():
            raise GauptError(f"{self.folder} holds no optimizer state, so training cannot resume from it")
        return read_tensors(path, _ANOTHER)


def save_checkpoint(
    folder: Path,
    weights: "Mapping[str, torch.Tensor]",
    config: Config,
    tokenizer: Path,
    *,
    step: int = 0,
    facts: Mapping[str, Any] | None = None,
    optimizer: "Mapping[str, torch.Tensor] | None" = None,
) -> Checkpoint:
    """Write a checkpoint under a temporary name, sync it, and rename it to ``folder``.

    ``tokenizer`` is the tokenizer's folder, copied beside the weights. A checkpoint that stands
    at ``folder`` already is replaced only when the new one is complete.
    """
    facts = dict(facts or {})
    with new_folder(folder) as temporary:
        write_tensors(temporary / WEIGHTS, weights)
        if optimizer is not None:
            write_tensors(temporary / OPTIMIZER, optimizer)
        write_config(temporary, config)
        shutil.copytree(tokenizer, temporary / TOKENIZER, ignore=not_copied)
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "step": step,
            "facts": facts,
            "files": list_files(temporary),
        }
        write_sealed_json(temporary / MANIFEST, manifest)
    return Checkpoint(folder, config, step, facts)


def open_checkpoint(folder: Path) -> Checkpoint:
    """Open the checkpoint at ``folder`` after verifying every checksum.

    Raises:
        GauptError: there is none, it is of another format or version, or a file is damaged or missing.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise GauptError(f"{folder} is not a checkpoint (no {MANIFEST})")
    try:
        manifest = read_sealed_json(path)
        kind, version, step = manifest["format"], manifest["version"], int(manifest["step"])
        facts = dict(manifest["facts"])
    except (ValueError, KeyError, TypeError, OverflowError):
        raise GauptError(f"{path} is damaged or not a checkpoint's manifest") from None
    if (kind, version) != (FORMAT, VERSION):
        raise GauptError(f"{folder} is of format {kind} {version}; this gaupt reads {FORMAT} {VERSION}")
    for problem in filter(None, verify(folder, MANIFEST)):
        raise GauptError(f"checkpoint {folder} is damaged: {problem}")
    return Checkpoint(folder, read_config(folder / CONFIG), step, facts)
