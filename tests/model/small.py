"""Small members of the family for tests."""

from dataclasses import replace

import torch
from torch import Tensor

from gaupt.model.config import GAUConfig, ModelConfig, RoFormerConfig
from gaupt.model.family import masked_lm
from gaupt.model.masked_lm import MaskedLM

VOCAB = 61
_GAU = {"vocab_size": VOCAB, "hidden_size": 32, "num_layers": 3, "expanded_size": 48, "key_size": 16}
_ROFORMER = {"vocab_size": VOCAB, "hidden_size": 32, "num_layers": 2, "num_heads": 4, "feedforward_size": 64}

FAMILY: dict[str, ModelConfig] = {
    "softmax_plus": GAUConfig(**_GAU),  # type: ignore[arg-type]
    "softmax": GAUConfig(**_GAU, normalization="softmax"),  # type: ignore[arg-type]
    "squared_relu": GAUConfig(**_GAU, normalization="squared_relu"),  # type: ignore[arg-type]
    "squared_relu_ns": GAUConfig(**_GAU, normalization="squared_relu", relu_scaling="ns"),  # type: ignore[arg-type]
    "mixed_chunk": GAUConfig(**_GAU, attention="mixed_chunk", chunk_size=6),  # type: ignore[arg-type]
    "roformer_v1": RoFormerConfig(**_ROFORMER, version=1),  # type: ignore[arg-type]
    "roformer_v2": RoFormerConfig(**_ROFORMER, version=2),  # type: ignore[arg-type]
}

MASKS: dict[str, Tensor | None] = {
    "none": None,
    "padded": torch.tensor([[1] * 10, [1] * 7 + [0] * 3]),
    "packed": torch.tensor([[1] * 4 + [2] * 6, [1] * 2 + [2] * 1 + [3] * 5 + [0] * 2]),
    "padding": torch.tensor([[0] * 10, [1] * 10]),
}
"""Segments [2, 10] of every kind."""


def build(name: str, layers: int | None = None) -> MaskedLM:
    """A member in eval mode, its weights larger than at initialization: attention must matter in a test."""
    torch.manual_seed(0)
    config = FAMILY[name]
    model = masked_lm(replace(config, num_layers=layers or config.num_layers)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                parameter.mul_(0.4 / parameter.std())
    return model


def tokens(rows: int, length: int, seed: int = 0) -> Tensor:
    """Random ids [rows, length]."""
    return torch.randint(0, VOCAB, (rows, length), generator=torch.Generator().manual_seed(seed))
