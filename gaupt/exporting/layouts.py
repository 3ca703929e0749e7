"""The layouts of public checkpoints: the configs and names of tensors by which others' code loads a model.

gau-alpha   GAU-α as its public PyTorch port keeps it (the package gau_alpha).
roformer    RoFormer: version 1 as transformers' own RoFormerForMaskedLM loads it; version 2 for the package roformer,
            since transformers' classes know version 1 alone.

What `gaupt import` reads, the other way; gaupt.importing.names holds that one.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from gaupt.checkpoint.load import LoadedModel
from gaupt.errors import GauptError
from gaupt.model.config import GAUConfig, ModelConfig, RoFormerConfig
from gaupt.model.rotary import rotary_angles

_EMBEDDING, _BIAS = "encoder.token_embedding.weight", "head.bias"
_TABLE = "encoder.rotary_table"
_GAU_ALPHA = (
    (r"^encoder\.token_embedding\.", "gau_alpha.embeddings.word_embeddings."),
    (r"^encoder\.type_embedding\.", "gau_alpha.embeddings.token_type_embeddings."),
    (r"^encoder\.layers\.(\d+)\.expand\.", r"gau_alpha.encoder.layer.\1.gau.i_dense."),
    (r"^encoder\.layers\.(\d+)\.contract\.", r"gau_alpha.encoder.layer.\1.gau.o_dense."),
    (r"^encoder\.layers\.(\d+)\.query_scale$", r"gau_alpha.encoder.layer.\1.gau.q_scaleoffset.weight"),
    (r"^encoder\.layers\.(\d+)\.key_scale$", r"gau_alpha.encoder.layer.\1.gau.k_scaleoffset.weight"),
)
_ROFORMER = (
    (r"^encoder\.token_embedding\.", "roformer.embeddings.word_embeddings."),
    (r"^encoder\.type_embedding\.", "roformer.embeddings.token_type_embeddings."),
    (r"^encoder\.norm\.", "roformer.embeddings.LayerNorm."),
    (r"^encoder\.rotary_table$", "roformer.encoder.embed_positions.weight"),
    (r"^encoder\.layers\.(\d+)\.(query|key|value)\.", r"roformer.encoder.layer.\1.attention.self.\2."),
    (r"^encoder\.layers\.(\d+)\.attention_out\.", r"roformer.encoder.layer.\1.attention.output.dense."),
    (r"^encoder\.layers\.(\d+)\.attention_norm\.", r"roformer.encoder.layer.\1.attention.output.LayerNorm."),
    (r"^encoder\.layers\.(\d+)\.expand\.", r"roformer.encoder.layer.\1.intermediate.dense."),
    (r"^encoder\.layers\.(\d+)\.contract\.", r"roformer.encoder.layer.\1.output.dense."),
    (r"^encoder\.layers\.(\d+)\.feedforward_norm\.", r"roformer.encoder.layer.\1.output.LayerNorm."),
    (r"^head\.transform\.0\.", "cls.predictions.transform.dense."),
    (r"^head\.transform\.2\.", "cls.predictions.transform.LayerNorm."),
    (r"^head\.bias$", "cls.predictions.bias"),
)
_NAMES = {"gau-alpha": _GAU_ALPHA, "roformer": _ROFORMER}


def layout_of(formats: Sequence[str]) -> str:
    """hf, or the one public layout among the formats of an export.

    Raises:
        GauptError: there are two layouts, or a public one beside the ONNX file of hf's.
    """
    public = [name for name in formats if name in _NAMES]
    if public and len(set(formats)) > 1:
        raise GauptError(
            f"--format {public[0]} is a folder of its own; export {', '.join(formats)} one by one"
        )
    return public[0] if public else "hf"


def loader_of(layout: str, config: ModelConfig) -> tuple[str, str] | None:
    """The package and the class that load a folder in ``layout``; None: the auto classes of transformers, of hf."""
    if layout == "hf":
        return None
    if isinstance(config, GAUConfig):
        return "gau_alpha", "GAUAlphaForMaskedLM"
    return ("transformers" if config.version == 1 else "roformer"), "RoFormerForMaskedLM"


def check_layout(loaded: LoadedModel, layout: str) -> None:
    """Refuse a model that ``layout`` has no place for.

    Raises:
        GauptError: it is of another architecture, computes what the layout's code does not, has a fine-tuned head, or
            none for masks.
    """
    config = loaded.model.config
    problem = ""
    if loaded.new_head:
        problem = "its models fill masks, and this one was saved without the head that does"
    elif loaded.finetuned is not None:
        problem = f"it has no place for the head of {loaded.finetuned.architecture}"
    elif config.architecture != layout.split("-")[0]:
        problem = f"this model is a {'GAU' if config.architecture == 'gau' else 'RoFormer'}"
    elif isinstance(config, GAUConfig):
        problem = _lacking(config)
    if problem:
        raise GauptError(f"--format {layout}: {problem}; export it as hf")


def _lacking(config: GAUConfig) -> str:
    """What GAU-α's code does not compute of a GAU, if anything."""
    for name, known in (("attention", "full"), ("length_floor", 1)):
        if getattr(config, name) != known:
            return f"GAU-α's code has no {name} = {getattr(config, name)}"
    if config.normalization == "squared_relu" and config.relu_scaling != "n":
        return f"GAU-α's code has no squared_relu with relu_scaling = {config.relu_scaling}"
    return ""


def public_config(config: ModelConfig, of_tokenizer: Mapping[str, Any]) -> dict[str, Any]:
    """The ``config.json`` of a public layout; ``of_tokenizer``: its class and special ids, such as pad_token_id."""
    values: dict[str, Any] = {
        **of_tokenizer,
        "vocab_size": config.vocab_size,
        "embedding_size": config.hidden_size,
        "hidden_size": config.hidden_size,
        "num_hidden_layers": config.num_layers,
        "max_position_embeddings": config.max_length,
        "type_vocab_size": config.type_vocab_size,
        "layer_norm_eps": config.norm_eps,
        "hidden_dropout_prob": config.dropout,
        "attention_probs_dropout_prob": config.dropout,
        "initializer_range": 0.02,
        "torch_dtype": "float32",
    }
    if isinstance(config, GAUConfig):
        return values | {
            "architectures": ["GAUAlphaForMaskedLM"],
            "model_type": "gau_alpha",
            "intermediate_size": config.expanded_size,
            "attention_key_size": config.key_size,
            "attention_scale": True,
            "hidden_act": "swish",
            "normalization": config.normalization,
            "use_bias": False,
        }
    first = config.version == 1
    return values | {
        "architectures": ["RoFormerForMaskedLM"],
        "model_type": "roformer",
        "num_attention_heads": config.num_heads,
        "intermediate_size": config.feedforward_size,
        "hidden_act": "gelu" if first else "relu",
        "rotary_value": False,
        "norm_type": "layer_norm" if first else "rms_norm",
        "use_bias": first,
    }


def public_weights(weights: Mapping[str, torch.Tensor], config: ModelConfig) -> dict[str, torch.Tensor]:
    """Our weights under the names of the layout of ``config``, with what its files repeat or hold besides."""
    layout = "gau-alpha" if config.architecture == "gau" else "roformer"
    named = {_public_name(name, layout): tensor for name, tensor in weights.items()}
    named["cls.predictions.decoder.weight"] = weights[_EMBEDDING].clone()
    if _BIAS in weights:
        named["cls.predictions.decoder.bias"] = weights[_BIAS].clone()
    if isinstance(config, RoFormerConfig) and _TABLE not in weights:
        size = config.hidden_size // config.num_heads
        cos, sin = rotary_angles(config.max_length, size, torch.device("cpu"))
        named[_public_name(_TABLE, layout)] = torch.cat((sin, cos), -1)
    return named


def _public_name(name: str, layout: str) -> str:
    for pattern, replacement in _NAMES[layout]:
        renamed, count = re.subn(pattern, replacement, name)
        if count:
            return renamed
    raise KeyError(name)
