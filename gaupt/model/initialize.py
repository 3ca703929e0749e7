"""How the references draw their weights; L layers, fan_in and fan_out of a matrix, d the hidden size.

gau_alpha   σ = L^(-1/3) / √fan_in, a normal cut at two of its own deviations: GAU-α, whose bert4keras rule
            shrinks each residual branch as the stack grows deeper.
paper       σ = 1.13684723 · L^(-1/2) / √fan_out, not cut: what the code of arXiv:2205.05842 does. It reads the
            TensorFlow rule off transposed matrices, hence fan_out and the factor that no cut takes back.
fixed       σ = 0.02, as BERT. RoFormerV1.
roformer_v2 σ = L^(-1/2) / √fan_in, cut as gau_alpha's.

Embeddings count d as their fan. Scales start at 1, biases at 0.
"""

import math

from torch import Tensor, nn

from gaupt.model.config import ModelConfig

CUT_LOSS = 1.13684723
"""1 over the standard deviation that a unit normal keeps when cut at ±2: drawing with this σ realises 1."""


def initialize(module: nn.Module, config: ModelConfig) -> None:
    """Draw the parameters that ``module`` itself holds (not its children's) by the rule of ``config``."""
    for name, parameter in module.named_parameters(recurse=False):
        if parameter.dim() == 2 and parameter.requires_grad:
            fan_in, fan_out = parameter.shape[1], parameter.shape[0]
            if isinstance(module, nn.Embedding):
                fan_in = fan_out = config.hidden_size
            _draw(parameter, fan_in, fan_out, config)
        elif name == "bias":
            nn.init.zeros_(parameter)
        elif parameter.dim() == 1:  # scales of queries and keys, gains of LayerNorm
            nn.init.ones_(parameter)


def _draw(weight: Tensor, fan_in: int, fan_out: int, config: ModelConfig) -> None:
    depth = config.num_layers
    rule = config.init if config.architecture == "gau" else ("fixed", "roformer_v2")[config.version - 1]
    if rule == "gau_alpha":
        _cut_normal(weight, depth ** (-1 / 3) / math.sqrt(fan_in))
    elif rule == "roformer_v2":
        _cut_normal(weight, depth ** (-1 / 2) / math.sqrt(fan_in))
    elif rule == "paper":
        nn.init.normal_(weight, std=CUT_LOSS * depth ** (-1 / 2) / math.sqrt(fan_out))
    else:
        nn.init.normal_(weight, std=0.02)


def _cut_normal(weight: Tensor, realised: float) -> None:
    std = CUT_LOSS * realised
    nn.init.trunc_normal_(weight, std=std, a=-2 * std, b=2 * std)
