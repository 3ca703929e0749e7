"""What is compared: each a model, what it computes, and how it is counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor, nn

from gaupt.model.config import GAUConfig, ModelConfig, RoFormerConfig
from gaupt.model.family import masked_lm
from gaupt.model.masked_lm import MaskedLM

Step = Callable[[Any, Tensor, Tensor], Tensor]
"""Model, input_ids [b, n] and flat positions [m] to an output."""


@dataclass(frozen=True)
class Contestant:
    """A model of the comparison."""

    name: str
    build: Callable[[], nn.Module]
    encode: Step
    """Hidden states [b, n, d]."""
    predict: Step
    """Logits [m, vocab] at the positions: what training computes."""
    config: ModelConfig
    """Its sizes as measured; a transformers model's in our terms."""
    published: ModelConfig
    """Its sizes as published, with the vocabulary and the longest row that its parameters are counted with."""
    full_head: bool = False
    """Whether training projects every position on the vocabulary."""
    classifier: Callable[[], nn.Module] | None = None
    """Builds transformers' own sequence classifier, to be counted."""


def attention_weights(config: ModelConfig, length: int) -> int:
    """Attention weights a token of all heads and layers."""
    if isinstance(config, RoFormerConfig):
        return config.num_layers * config.num_heads * length
    chunk = config.chunk_size if config.attention == "mixed_chunk" else length
    return config.num_layers * min(length, chunk)


def classifier_parameters(contestant: Contestant) -> int:
    """Parameters of the two-label sequence classifier that the paper's table counts.

    GAU: encoder and a linear layer d → 2. RoFormer, as its public code has it: encoder, its stored table of
    sinusoids [max_length, d/h], a dense layer d → d and a linear layer d → 2. transformers' models: all that
    their ForSequenceClassification holds.
    """
    config = contestant.published
    with torch.device("meta"):
        if contestant.classifier is not None:
            return sum(parameter.numel() for parameter in contestant.classifier().parameters())
        encoder = masked_lm(config).encoder
    d = config.hidden_size
    count = (
        sum(parameter.numel() for parameter in encoder.parameters() if parameter.requires_grad) + 2 * d + 2
    )
    if isinstance(config, RoFormerConfig):
        count += config.max_length * d // config.num_heads + d * d + d
    return count


def ours(name: str, config: ModelConfig, published: ModelConfig | None = None) -> Contestant:
    """A member of the family under ``name``."""
    return Contestant(
        name, partial(masked_lm, config), _encode_ours, _predict_ours, config, published or config
    )


def _encode_ours(model: MaskedLM, ids: Tensor, positions: Tensor) -> Tensor:
    states: Tensor = model.encode(ids)
    return states


def _predict_ours(model: nn.Module, ids: Tensor, positions: Tensor) -> Tensor:
    logits: Tensor = model(ids, positions=positions)
    return logits


def from_transformers(
    name: str, class_name: str, config: RoFormerConfig, published: RoFormerConfig, **options: object
) -> Contestant:
    """transformers' model of the sizes of ``config``; its masked LM projects every position."""
    build = partial(_build_transformers, class_name, "ForMaskedLM", config, options)
    classifier = partial(_build_transformers, class_name, "ForSequenceClassification", published, options)
    return Contestant(
        name,
        build,
        _encode_transformers,
        _predict_transformers,
        config,
        published,
        full_head=True,
        classifier=classifier,
    )


def _build_transformers(
    class_name: str, head: str, config: RoFormerConfig, options: Mapping[str, object]
) -> nn.Module:
    import transformers

    values = {
        "vocab_size": config.vocab_size,
        "hidden_size": config.hidden_size,
        "num_hidden_layers": config.num_layers,
        "num_attention_heads": config.num_heads,
        "intermediate_size": config.feedforward_size,
        "max_position_embeddings": config.max_length,
    }
    built: nn.Module = getattr(transformers, class_name + head)(
        getattr(transformers, f"{class_name}Config")(**values, **options)
    )
    return built


def _encode_transformers(model: Any, ids: Tensor, positions: Tensor) -> Tensor:
    states: Tensor = model.base_model(ids).last_hidden_state
    return states


def _predict_transformers(model: nn.Module, ids: Tensor, positions: Tensor) -> Tensor:
    logits: Tensor = model(ids).logits
    return logits.flatten(0, 1)[positions]


def contestants(layers: int, vocab_size: int, longest: int) -> list[Contestant]:
    """GAU of ``layers`` layers at the paper's width, and its baselines of half as many.

    All are measured with a vocabulary of ``vocab_size``, so that layers and not vocabularies are compared, and
    counted with their own. transformers' models take part where it is installed. ``longest`` is the most tokens
    a row will have.
    """
    published = GAUConfig(num_layers=layers)
    half = max(1, layers // 2)
    published_v2 = RoFormerConfig(num_layers=half)
    published_v1 = replace(published_v2, version=1, vocab_size=50_000, max_length=1536)
    gau = replace(published, vocab_size=vocab_size)
    v2 = replace(published_v2, vocab_size=vocab_size, max_length=max(longest, 512))
    v1 = replace(v2, version=1)
    mixed, published_mixed = (replace(config, attention="mixed_chunk") for config in (gau, published))
    found = [
        ours(f"GAU-{layers}", gau, published),
        ours(f"GAU-{layers} mixed chunk", mixed, published_mixed),
        ours(f"RoFormerV1-{half}", v1, published_v1),
        ours(f"RoFormerV2-{half}", v2, published_v2),
    ]
    if find_spec("transformers"):
        bert = replace(published_v2, version=1, vocab_size=21_128)
        found += [
            from_transformers(f"transformers RoFormerV1-{half}", "RoFormer", v1, published_v1),
            from_transformers(f"transformers BERT-{half}", "Bert", v1, bert, attn_implementation="sdpa"),
        ]
    return found
