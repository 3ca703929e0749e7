"""The shapes of the family: the GAU encoder and the RoFormer baselines."""

from dataclasses import dataclass
from typing import Any, Literal

LARGEST = 1 << 28
"""Of any size of a model: the bytes of a matrix are a number that torch can hold."""


@dataclass(frozen=True, kw_only=True)
class GAUConfig:
    """Sizes and choices of a GAU encoder; the defaults are the paper's base (arXiv:2205.05842, section 2)."""

    __pydantic_config__ = {"extra": "forbid", "use_attribute_docstrings": True}  # noqa: RUF012 (read by pydantic)

    architecture: Literal["gau"] = "gau"
    """Which member of the family this is."""
    vocab_size: int = 12_000
    """Rows of the embedding; set from the tokenizer when pretraining."""
    hidden_size: int = 768
    """d, the width of the residual stream."""
    num_layers: int = 24
    """GAU layers."""
    expanded_size: int = 1536
    """e, the width of the gate and the values."""
    key_size: int = 128
    """s, the width of queries and keys; even, for rotary pairs."""
    max_length: int = 512
    """n the model is meant for, in tokens; rotary positions have no table, so longer inputs run."""
    type_vocab_size: int = 2
    """Rows of the token type embedding."""
    normalization: Literal["softmax_plus", "squared_relu", "softmax"] = "softmax_plus"
    """How attention scores become weights."""
    attention: Literal["full", "mixed_chunk"] = "full"
    """Every token to every other, or FLASH's chunks: cost linear in the length, for long texts."""
    chunk_size: int = 256
    """C of mixed_chunk, in tokens."""
    relu_scaling: Literal["n^2", "ns", "n"] = "n^2"
    """For squared_relu of scores a: relu(a/n)^2, relu(a)^2/(ns), or relu(a)^2/n as in GAU-α's code."""
    length_floor: int = 1
    """softmax_plus takes lengths below this as this; 1 in both references, 16 in bert4keras since 2023."""
    norm_eps: float = 1e-12
    """Added to the mean square in each RMS norm."""
    dropout: float = 0.1
    """On the embeddings, on attention weights and on each layer's output, in training."""
    init: Literal["gau_alpha", "paper", "fixed"] = "gau_alpha"
    """How weights are drawn, see gaupt.model.initialize."""

    def __post_init__(self) -> None:
        _check_shared(self)
        _sizes(self, "expanded_size", "key_size", "length_floor", "chunk_size")
        _even(self.key_size, "key_size")
        _one_of(
            self, normalization=("softmax_plus", "squared_relu", "softmax"), relu_scaling=("n^2", "ns", "n")
        )
        _one_of(self, attention=("full", "mixed_chunk"), init=("gau_alpha", "paper", "fixed"))


@dataclass(frozen=True, kw_only=True)
class RoFormerConfig:
    """Sizes of a RoFormer (arXiv:2104.09864), the baseline; the defaults are RoFormerV2 base.

    Version 1 is BERT with rotary positions: LayerNorm, biases, GELU and a transform before the vocabulary.
    Version 2 has RMS norms without parameters, no biases, ReLU and no transform.
    """

    __pydantic_config__ = {"extra": "forbid", "use_attribute_docstrings": True}  # noqa: RUF012 (read by pydantic)

    architecture: Literal["roformer"] = "roformer"
    """Which member of the family this is."""
    version: Literal[1, 2] = 2
    """RoFormerV1 or RoFormerV2."""
    vocab_size: int = 12_000
    """Rows of the embedding; set from the tokenizer when pretraining."""
    hidden_size: int = 768
    """d, the width of the residual stream."""
    num_layers: int = 12
    """Transformer layers."""
    num_heads: int = 12
    """Attention heads; d over heads is even, for rotary pairs."""
    feedforward_size: int = 3072
    """Width of the feed-forward layer."""
    max_length: int = 512
    """n the model is meant for, in tokens; rotary positions have no table, so longer inputs run."""
    type_vocab_size: int = 2
    """Rows of the token type embedding."""
    rotary_table: bool = False
    """Take rotary sines and cosines from a stored table of max_length rows instead of the formula."""
    norm_eps: float = 1e-12
    """Added to the variance (version 1) or the mean square (version 2) in each norm."""
    dropout: float = 0.1
    """On the embeddings, on attention weights and on each block's output, in training."""

    def __post_init__(self) -> None:
        _check_shared(self)
        _one_of(self, version=(1, 2))
        _sizes(self, "num_heads", "feedforward_size")
        _one_of(self, rotary_table=(False, True))
        if self.hidden_size % self.num_heads:
            raise ValueError(f"num_heads = {self.num_heads} does not divide hidden_size = {self.hidden_size}")
        _even(self.hidden_size // self.num_heads, "hidden_size / num_heads")


ModelConfig = GAUConfig | RoFormerConfig
CONFIGS: dict[str, type[ModelConfig]] = {"gau": GAUConfig, "roformer": RoFormerConfig}
"""Config class of each architecture."""
PUBLIC_NAMES = {
    "architecture": "encoder_type",
    "num_layers": "num_hidden_layers",
    "num_heads": "num_attention_heads",
    "feedforward_size": "intermediate_size",
    "max_length": "max_position_embeddings",
}
"""What transformers calls fields of ours, and its config.json; max_length is an option of text generation there."""


def _check_shared(config: ModelConfig) -> None:
    _sizes(config, "vocab_size", "hidden_size", "num_layers", "max_length", "type_vocab_size")
    if not 0 <= config.dropout < 1:
        raise ValueError(f"dropout = {config.dropout} is not in [0, 1)")
    if not 0 < config.norm_eps < 1:
        raise ValueError(f"norm_eps = {config.norm_eps} is not in (0, 1)")


def _sizes(config: ModelConfig, *names: str) -> None:
    for name in names:
        value = getattr(config, name)
        if type(value) is not int:  # a config.json may hold anything
            raise ValueError(f"{name} = {repr(value)[:40]} is not a whole number")
        if not 1 <= value <= LARGEST:
            raise ValueError(
                f"{name} = {value} is {'less than 1' if value < 1 else f'more than {LARGEST:,}'}"
            )


def _even(value: int, name: str) -> None:
    if value < 2 or value % 2:
        raise ValueError(f"{name} = {value} is not a positive even number")


def _one_of(config: ModelConfig, **choices: tuple[Any, ...]) -> None:
    for name, known in choices.items():
        value = getattr(config, name)
        if value not in known:
            raise ValueError(f"{name} = {repr(value)[:40]} is not one of {', '.join(map(str, known))}")
