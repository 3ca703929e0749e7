"""Configuration of the GAU family for transformers."""

from dataclasses import fields
from typing import Any

from transformers import PretrainedConfig

from gaupt.model.config import CONFIGS, PUBLIC_NAMES, ModelConfig


class GauptConfig(PretrainedConfig):
    """Every field of the encoder's config as an attribute, beside what transformers keeps.

    ``architecture`` ("gau" or "roformer") decides which fields there are. Layers, heads and lengths go by
    transformers' names, and in ``config.json`` the architecture is ``encoder_type``: by a key of its own name, optimum
    takes a folder for one of timm's.
    """

    model_type = "gaupt"
    attribute_map = {"architecture": PUBLIC_NAMES["architecture"]}  # noqa: RUF012 (as transformers declares it)

    def __init__(
        self,
        architecture: str | None = None,
        classifier_dropout: float = 0.1,
        classifier_pooling: str = "cls",
        **values: Any,
    ) -> None:
        architecture = architecture or values.get(PUBLIC_NAMES["architecture"], "gau")
        if architecture not in CONFIGS:
            raise ValueError(f"architecture = {architecture!r} is not one of {', '.join(CONFIGS)}")
        self.num_attention_heads = 1  # GAU's, for tools that ask
        for field in fields(CONFIGS[architecture]):
            name = PUBLIC_NAMES.get(field.name, field.name)
            setattr(self, name, values.pop(name, field.default))
        self.architecture = architecture
        # Of the masked LM: its decoder is the token embedding.
        values.setdefault("tie_word_embeddings", True)
        self.classifier_dropout = classifier_dropout
        if classifier_pooling not in ("cls", "mean"):
            raise ValueError(f"classifier_pooling = {classifier_pooling!r} is not one of cls, mean")
        self.classifier_pooling = classifier_pooling
        super().__init__(**values)

    def encoder_config(self) -> ModelConfig:
        """The part that shapes the encoder."""
        kind = CONFIGS[self.architecture]
        return kind(**{f.name: getattr(self, PUBLIC_NAMES.get(f.name, f.name)) for f in fields(kind)})
