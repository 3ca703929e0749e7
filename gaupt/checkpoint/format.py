"""The checkpoint format: a folder that is complete once it has its name, and that knows its own checksums.

    step-0001000/
      model.safetensors       weights, float32, under the names of GAUForMaskedLM.state_dict()
      optimizer.safetensors   AdamW moments, "exp_avg/NAME" and "exp_avg_sq/NAME" (training checkpoints only)
      config.toml             the resolved config
      tokenizer/              the tokenizer's files
      manifest.json           format, step, tokens, facts, and a sha256 per file

Random states are not stored: every draw is a function of (seed, step), see `gaupt.training.loop`.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from gaupt.config import Config, read_config, to_toml
from gaupt.errors import GauptError
from gaupt.files import read_sealed_json, sha256, sync_folder, write_bytes, write_sealed_json

FORMAT = "gaupt-checkpoint"
VERSION = 1
MANIFEST = "manifest.json"
WEIGHTS = "model.safetensors"
OPTIMIZER = "optimizer.safetensors"
CONFIG = "config.toml"
TOKENIZER = "tokenizer"


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

    def weights(self) -> dict[str, torch.Tensor]:
        """The model's tensors by name, float32, on the CPU."""
        return load_file(self.folder / WEIGHTS)

    def optimizer(self) -> dict[str, torch.Tensor]:
        """The optimizer's tensors by "moment/name".

        Raises:
            GauptError: the checkpoint holds none (it was imported).
        """
        path = self.folder / OPTIMIZER
        if not path.exists():
            raise GauptError(f"{self.folder} holds no optimizer state, so training cannot resume from it")
        return load_file(path)


def checkpoint_name(step: int) -> str:
    """Folder name of the checkpoint at ``step``; sorts by step."""
    return f"step-{step:07d}"


def save_checkpoint(
    folder: Path,
    weights: Mapping[str, torch.Tensor],
    config: Config,
    tokenizer: Path,
    *,
    step: int = 0,
    facts: Mapping[str, Any] | None = None,
    optimizer: Mapping[str, torch.Tensor] | None = None,
) -> Checkpoint:
    """Write a checkpoint under a temporary name, sync it, and rename it to ``folder``.

    ``tokenizer`` is the tokenizer's folder, copied beside the weights. A checkpoint that stands
    at ``folder`` already is replaced only when the new one is complete.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    facts = dict(facts or {})
    try:
        _save_tensors(temporary / WEIGHTS, weights)
        if optimizer is not None:
            _save_tensors(temporary / OPTIMIZER, optimizer)
        write_bytes(temporary / CONFIG, to_toml(config).encode())
        shutil.copytree(tokenizer, temporary / TOKENIZER, ignore=shutil.ignore_patterns(".*", "stage.json"))
        files = sorted(path for path in temporary.rglob("*") if path.is_file())
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "step": step,
            "facts": facts,
            "files": {str(path.relative_to(temporary)): sha256(path) for path in files},
        }
        write_sealed_json(temporary / MANIFEST, manifest)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)  # a full disk needs its room back
        raise
    replaced = folder.with_name(f".{folder.name}.old")
    if folder.exists():
        folder.rename(replaced)
    temporary.rename(folder)
    sync_folder(folder.parent)
    shutil.rmtree(replaced, ignore_errors=True)
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
        checksums, facts = dict(manifest["files"]), dict(manifest["facts"])
    except (ValueError, KeyError, TypeError):
        raise GauptError(f"{path} is damaged or not a checkpoint's manifest") from None
    if (kind, version) != (FORMAT, VERSION):
        raise GauptError(f"{folder} is of format {kind} {version}; this gaupt reads {FORMAT} {VERSION}")
    for name, expected in checksums.items():
        if not (folder / name).is_file():
            raise GauptError(f"checkpoint {folder} is incomplete: {name} is missing")
        if sha256(folder / name) != expected:
            raise GauptError(f"checkpoint {folder} is damaged: the checksum of {name} does not match")
    return Checkpoint(folder, read_config(folder / CONFIG), step, facts)


def checkpoint_folders(run: Path) -> list[Path]:
    """The checkpoint folders of a run, newest first."""
    return sorted((run / "checkpoints").glob("step-*"), reverse=True)


def newest_checkpoint(run: Path, warn: Callable[[str], None] = lambda message: None) -> Checkpoint | None:
    """The newest undamaged checkpoint of ``run``, or None; ``warn`` hears of each damaged one passed over.

    Raises:
        GauptError: there are checkpoints, and all of them are damaged.
    """
    folders = checkpoint_folders(run)
    for folder in folders:
        try:
            return open_checkpoint(folder)
        except GauptError as error:
            warn(f"warning: {error}; trying an older one")
    if folders:
        raise GauptError(
            f"every checkpoint in {run / 'checkpoints'} is damaged; move the run away to start anew"
        )
    return None


def prune_checkpoints(run: Path, keep: int, newest: int) -> None:
    """Remove all but the ``keep`` newest checkpoints of ``run`` up to step ``newest``.

    Later ones go too: the run resumed before them because they are damaged, and they must not count as kept.
    """
    folders = checkpoint_folders(run)
    good = [folder for folder in folders if folder.name <= checkpoint_name(newest)]
    for folder in set(folders) - set(good[:keep]):
        shutil.rmtree(folder)


def load_weights(module: torch.nn.Module, checkpoint: Checkpoint) -> None:
    """Fill ``module`` with the checkpoint's weights.

    Raises:
        GauptError: they are another model's (the message names the first difference).
    """
    load_state(module, checkpoint.weights(), where=str(checkpoint.folder))


def load_state(
    module: torch.nn.Module, weights: Mapping[str, torch.Tensor], where: str, *, assign: bool = False
) -> None:
    """Copy ``weights`` into ``module``; names and shapes must match, else GauptError naming ``where``.

    ``assign`` makes them the module's own instead, so that it may have been built on the meta device.
    """
    own = module.state_dict()
    for name in sorted(own.keys() | weights.keys()):
        if name not in weights:
            problem = f"{name} is missing"
        elif name not in own:
            problem = f"{name} is not a part of this model"
        elif own[name].shape != weights[name].shape:
            problem = (
                f"{name} has shape {tuple(weights[name].shape)}, this model needs {tuple(own[name].shape)}"
            )
        else:
            continue
        raise GauptError(f"{where} holds another model's weights: {problem}")
    module.load_state_dict(dict(weights), assign=assign)


def _save_tensors(path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    try:
        save_file({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, path)
    except SafetensorError as error:  # a full disk, for one
        raise GauptError(
            f"cannot write {path} ({error}); free some room and run the same command again"
        ) from error
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
