"""How many parameters a model has, told from its config alone: without torch, so that a list of presets is at hand."""

from gaupt.model.config import GAUConfig, ModelConfig, RoFormerConfig


def parameter_count(config: ModelConfig) -> int:
    """Trained parameters of the masked LM that ``config`` describes; the vocabulary's projection is tied."""
    embeddings = (config.vocab_size + config.type_vocab_size) * config.hidden_size
    if config.architecture == "gau":
        return embeddings + config.num_layers * _gau_layer(config)
    layers = config.num_layers * _roformer_layer(config)
    return embeddings + layers + (_first_version(config) if config.version == 1 else 0)


def _gau_layer(config: GAUConfig) -> int:
    d, e, s = config.hidden_size, config.expanded_size, config.key_size
    scales = 4 * s if config.attention == "mixed_chunk" else 2 * s
    return d * (2 * e + s) + e * d + scales


def _roformer_layer(config: RoFormerConfig) -> int:
    d, f = config.hidden_size, config.feedforward_size
    matrices = 4 * d * d + 2 * d * f
    return matrices if config.version == 2 else matrices + (4 * d + f + d) + 2 * (2 * d)  # biases, norms


def _first_version(config: RoFormerConfig) -> int:
    """What version 1 has outside of its layers: the norm of the embeddings, and the head's transform and bias."""
    d = config.hidden_size
    return 2 * d + (d * d + d + 2 * d) + config.vocab_size
