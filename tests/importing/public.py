"""A public checkpoint as its own code leaves it."""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from tests.exporting.folders import write_vocabulary

GAU = {
    "model_type": "gau_alpha",
    "vocab_size": 40,
    "hidden_size": 16,
    "intermediate_size": 24,
    "attention_key_size": 8,
    "num_hidden_layers": 2,
    "max_position_embeddings": 64,
    "normalization": "softmax_plus",
}


def write_public(folder: Path) -> Path:
    """Write a transformers folder in the layout of the public GAU-α checkpoint; returns it."""
    write_vocabulary(folder, GAU["vocab_size"])  # type: ignore[arg-type]
    (folder / "config.json").write_text(json.dumps(GAU))
    torch.manual_seed(0)
    embedding = torch.randn(40, 16)
    tensors = {
        "gau_alpha.embeddings.word_embeddings.weight": embedding,
        "gau_alpha.embeddings.token_type_embeddings.weight": torch.randn(2, 16),
        "cls.predictions.decoder.weight": embedding.clone(),
    }
    for i in range(2):
        layer = f"gau_alpha.encoder.layer.{i}.gau."
        tensors |= {
            f"{layer}i_dense.weight": torch.randn(56, 16),
            f"{layer}o_dense.weight": torch.randn(16, 24),
            f"{layer}q_scaleoffset.weight": torch.randn(8),
            f"{layer}k_scaleoffset.weight": torch.randn(8),
        }
    save_file(tensors, folder / "model.safetensors")
    return folder


def shard(folder: Path, name: str) -> None:
    """Cut ``model.safetensors`` into two files as transformers does, in the format that ``name`` has."""
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    stem, suffix = name.split(".")
    files: dict[str, dict[str, torch.Tensor]] = {}
    for number, (key, tensor) in enumerate(tensors.items()):
        files.setdefault(f"{stem}-0000{number % 2 + 1}-of-00002.{suffix}", {})[key] = tensor
    for file, part in files.items():
        if suffix == "bin":
            torch.save(part, folder / file)
        else:
            save_file(part, folder / file)
    weight_map = {key: file for file, part in files.items() for key in part}
    (folder / f"{name}.index.json").write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))


def write_roformer(folder: Path) -> Path:
    """Write a RoFormerV1 of transformers as it saves its own; returns ``folder``."""
    from transformers import RoFormerConfig, RoFormerForMaskedLM

    write_vocabulary(folder, 40)
    torch.manual_seed(0)
    config = RoFormerConfig(
        vocab_size=40,
        hidden_size=32,
        embedding_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=48,
        max_position_embeddings=64,
        initializer_range=0.5,
    )
    RoFormerForMaskedLM(config).save_pretrained(folder)
    return folder
