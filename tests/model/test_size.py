"""Sizes told from a config are those of the model that torch builds."""

import pytest
import torch

from gaupt.model.config import GAUConfig, ModelConfig, RoFormerConfig
from gaupt.model.family import masked_lm
from gaupt.model.size import parameter_count

SMALL = {"vocab_size": 50, "hidden_size": 8, "num_layers": 3}


@pytest.mark.parametrize(
    "config",
    [
        GAUConfig(**SMALL, expanded_size=12, key_size=4),
        GAUConfig(**SMALL, expanded_size=12, key_size=4, attention="mixed_chunk"),
        RoFormerConfig(**SMALL, num_heads=2, feedforward_size=20),
        RoFormerConfig(**SMALL, num_heads=2, feedforward_size=20, version=1),
        RoFormerConfig(**SMALL, num_heads=2, feedforward_size=20, rotary_table=True),
    ],
)
def test_the_count_is_that_of_the_trained_parameters(config: ModelConfig) -> None:
    with torch.device("cpu"):
        model = masked_lm(config)
    assert parameter_count(config) == sum(p.numel() for p in model.parameters() if p.requires_grad)
