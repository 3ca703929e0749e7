"""Small checkpoints and public folders for tests."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from gaupt.checkpoint.format import Checkpoint, save_checkpoint
from gaupt.config import Config
from gaupt.exporting.onnx import OLDEST_TORCH
from gaupt.model.config import ModelConfig
from gaupt.model.family import masked_lm
from gaupt.progress import Progress
from gaupt.tokenizer.build import build_tokenizer

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
QUIET = Progress(quiet=True)
needs_onnx = pytest.mark.skipif(
    torch.__version__ < OLDEST_TORCH, reason=f"torch before {OLDEST_TORCH} exports fixed sizes"
)
"""For tests of what `gaupt export --format onnx` writes or plans."""


def vocabulary(size: int) -> list[str]:
    """Special tokens, then Chinese characters from 一 on."""
    return SPECIAL + [chr(ord("一") + i) for i in range(size - len(SPECIAL))]


def write_vocabulary(folder: Path, size: int) -> Path:
    """A folder with a vocab.txt of ``size`` pieces."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(vocabulary(size)) + "\n", encoding="utf-8")
    return folder


def write_checkpoint(folder: Path, config: ModelConfig, scratch: Path, **facts: object) -> Checkpoint:
    """A checkpoint of a random model with a character tokenizer."""
    torch.manual_seed(0)
    tokenizer = scratch / "tokenizer"
    build_tokenizer(None, tokenizer, Config(), source=write_vocabulary(scratch / "vocab", config.vocab_size))
    model = masked_lm(config)
    return save_checkpoint(
        folder, model.state_dict(), Config(model=config), tokenizer, step=7, facts={"tokens": 700, **facts}
    )


def public_folder(case: Path, model_type: str, folder: Path) -> Path:
    """A parity case as its reference stores models: config.json, model.safetensors, vocab.txt."""
    config = json.loads((case / "config.json").read_text())["config"]
    write_vocabulary(folder, config["vocab_size"])
    (folder / "config.json").write_text(json.dumps(config | {"model_type": model_type}))
    shutil.copy(case / "model.safetensors", folder)
    return folder
