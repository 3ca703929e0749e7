"""How many FLOPs a model takes, told from its config alone: two a multiplication, of matrix products only."""

from gaupt.model.config import ModelConfig, RoFormerConfig


def forward_flops(config: ModelConfig, length: int) -> int:
    """FLOPs a token of the encoder's forward pass at ``length``, 2 a multiplication; training takes 3 times that.

    A GAU layer: 2d(2e+s) + 2ed + 2n(s+e), where mixed chunks put 2C(s+e) + 4se for the last term;
    a RoFormer layer: 8d² + 4df + 4nd with the feed-forward width f.
    """
    d, layers = config.hidden_size, config.num_layers
    if isinstance(config, RoFormerConfig):
        return layers * (8 * d * d + 4 * d * config.feedforward_size + 4 * length * d)
    e, s = config.expanded_size, config.key_size
    if config.attention == "mixed_chunk":
        attention = 2 * min(length, config.chunk_size) * (s + e) + 4 * s * e
    else:
        attention = 2 * length * (s + e)
    return layers * (2 * d * (2 * e + s) + 2 * e * d + attention)


def head_flops(config: ModelConfig) -> int:
    """FLOPs of one position's projection on the vocabulary, transform included."""
    d = config.hidden_size
    transform = 2 * d * d if isinstance(config, RoFormerConfig) and config.version == 1 else 0
    return 2 * d * config.vocab_size + transform


def training_flops(config: ModelConfig, length: int, tokens: int, predicted: int) -> int:
    """FLOPs of a forward and backward pass over ``tokens`` in rows of ``length``, ``predicted`` of them masked."""
    return 3 * (tokens * forward_flops(config, length) + predicted * head_flops(config))
