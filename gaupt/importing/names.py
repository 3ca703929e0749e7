"""The public checkpoints' configs and tensor names, translated to ours."""

import re
from collections.abc import Mapping
from typing import Any

from gaupt.model.config import GAUConfig, ModelConfig, RoFormerConfig

RENAMES = (
    # The base model saved by itself has no prefix.
    (r"^((gau|gau_alpha|roformer)\.)?embeddings\.word_embeddings\.", "encoder.token_embedding."),
    (r"^((gau|gau_alpha|roformer)\.)?embeddings\.token_type_embeddings\.", "encoder.type_embedding."),
    (r"^((gau|gau_alpha|roformer)\.)?encoder\.layer\.", "encoder.layers."),
    # GAU
    (r"\.gau\.i_dense\.", ".expand."),
    (r"\.gau\.o_dense\.", ".contract."),
    (r"\.gau\.q_scaleoffset\.weight$", ".query_scale"),
    (r"\.gau\.k_scaleoffset\.weight$", ".key_scale"),
    # RoFormer
    (r"^(roformer\.)?embeddings\.LayerNorm\.", "encoder.norm."),
    (r"^(roformer\.)?encoder\.embed_positions\.weight$", "encoder.rotary_table"),
    (r"\.attention\.self\.(query|key|value)\.", r".\1."),
    (r"\.attention\.output\.dense\.", ".attention_out."),
    (r"\.attention\.output\.LayerNorm\.", ".attention_norm."),
    (r"\.intermediate\.dense\.", ".expand."),
    (r"\.output\.dense\.", ".contract."),
    (r"\.output\.LayerNorm\.", ".feedforward_norm."),
    (r"cls\.predictions\.transform\.dense\.", "head.transform.0."),
    (r"cls\.predictions\.transform\.LayerNorm\.", "head.transform.2."),
    (r"cls\.predictions\.bias$", "head.bias"),
)
"""Pattern and replacement, applied in order; names that none of them matches stay as they are."""

REPEATED = re.compile(
    r"cls\.predictions\.decoder\.(weight|bias)"  # tied to the embedding and to cls.predictions.bias
    r"|.*\.position_ids"
    r"|(roformer\.)?pooler\..*|cls\.seq_relationship\..*"  # heads that masked-LM inference does not use
)
"""Tensors that are left out because they repeat others or take no part in the masked LM."""


TENSORFLOW_NAMES = (
    (r"bert/embeddings/word_embeddings$", "encoder.token_embedding.weight"),
    (r"bert/embeddings/token_type_embeddings$", "encoder.type_embedding.weight"),
    (r"GAU_alpha/encoder/layer_(\d+)/gau/i_dense/kernel$", r"encoder.layers.\1.expand.weight"),
    (r"GAU_alpha/encoder/layer_(\d+)/gau/o_dense/kernel$", r"encoder.layers.\1.contract.weight"),
    (r"GAU_alpha/encoder/layer_(\d+)/gau/q_scaleoffset/gamma$", r"encoder.layers.\1.query_scale"),
    (r"GAU_alpha/encoder/layer_(\d+)/gau/k_scaleoffset/gamma$", r"encoder.layers.\1.key_scale"),
)
"""The same for bert4keras' TensorFlow checkpoint of GAU-α; kernels are stored transposed."""


def our_name_of_variable(variable: str) -> str | None:
    """Our name of a TensorFlow variable; None for others, such as an optimizer's."""
    for pattern, replacement in TENSORFLOW_NAMES:
        if re.match(pattern, variable):
            return re.sub(pattern, replacement, variable)
    return None


def our_name(reference: str) -> str | None:
    """Our name of the tensor that the references call ``reference``; None for one that is left out."""
    if REPEATED.fullmatch(reference):
        return None
    for pattern, replacement in RENAMES:
        reference = re.sub(pattern, replacement, reference)
    return reference


def our_config(values: Mapping[str, Any]) -> ModelConfig:
    """The model that a reference's ``config.json`` describes.

    Raises:
        ValueError: a model type or an option that the family does not have.
    """
    kind = values.get("model_type")
    if kind in ("gau", "gau_alpha"):
        return _gau_config(values)
    if kind == "roformer":
        return _roformer_config(values)
    raise ValueError(f"model_type = {kind!r} is not one of gau, gau_alpha, roformer")


def _gau_config(values: Mapping[str, Any]) -> GAUConfig:
    expected = {
        "hidden_act": ("swish", "silu"),
        "use_bias": (False,),
        "attention_scale": (True,),
        "embedding_size": (values["hidden_size"],),
    }
    _refuse_other(values, "a GAU", expected)
    scaling = values.get("scaling_factor", "n")
    normalization = values.get("normalization", "softmax_plus")
    # GAU-α's code has no such option and divides by n; in the paper's code "n" leaves the scores as they are.
    known = ("n",) if values["model_type"] == "gau_alpha" else ("n^2", "ns")
    if normalization == "squared_relu" and scaling not in known:
        raise ValueError(
            f"squared_relu with scaling_factor = {scaling!r} is not supported, {' and '.join(known)} would be"
        )
    return GAUConfig(
        **_shared(values),
        expanded_size=_size(values, "intermediate_size"),
        key_size=_size(values, "attention_key_size"),
        normalization=normalization,
        relu_scaling=scaling if normalization == "squared_relu" else "n^2",
    )


def _roformer_config(values: Mapping[str, Any]) -> RoFormerConfig:
    # transformers' own RoFormer configs, which know version 1 alone, have neither of these two keys.
    norm, bias = values.get("norm_type", "layer_norm"), values.get("use_bias", True)
    version = {("layer_norm", True): 1, ("rms_norm", False): 2}.get((norm, bias))
    if version is None:
        raise ValueError(f"norm_type = {norm!r} with use_bias = {bias} is neither RoFormerV1 nor RoFormerV2")
    expected = {
        "hidden_act": ("gelu" if version == 1 else "relu",),
        "rotary_value": (False,),
        "embedding_size": (values["hidden_size"],),
    }
    _refuse_other(values, f"RoFormerV{version}", expected)
    return RoFormerConfig(
        **_shared(values),
        version=1 if version == 1 else 2,
        num_heads=_size(values, "num_attention_heads"),
        feedforward_size=_size(values, "intermediate_size"),
    )


def _refuse_other(values: Mapping[str, Any], model: str, supported: Mapping[str, tuple[object, ...]]) -> None:
    """ValueError for the first option that has a value other than the supported; one that is null has its default."""
    for name, known in supported.items():
        if values.get(name) not in (None, *known):
            raise ValueError(f"{name} = {values[name]!r} is not supported in {model}, {known[0]!r} is")


def _shared(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "vocab_size": _size(values, "vocab_size"),
        "hidden_size": _size(values, "hidden_size"),
        "num_layers": _size(values, "num_hidden_layers"),
        "max_length": _size(values, "max_position_embeddings", 512),
        "type_vocab_size": _size(values, "type_vocab_size", 2),
        "norm_eps": values.get("layer_norm_eps", 1e-12),
        "dropout": values.get("hidden_dropout_prob", 0.1),
    }


def _size(values: Mapping[str, Any], name: str, default: int | None = None) -> int:
    value = values[name] if default is None else values.get(name, default)
    if type(value) is not int:
        raise ValueError(f"{name} = {value!r} is not a whole number")
    return value
