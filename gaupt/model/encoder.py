"""What the encoders of the family have in common."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from gaupt.model.config import ModelConfig
from gaupt.model.dropout import Dropout, begin_layer
from gaupt.model.initialize import initialize


@dataclass
class Trace:
    """What a forward pass leaves of its inside."""

    with_weights: bool = False
    """Whether attention weights are kept too."""
    states: list[Tensor] = field(default_factory=list)
    """Hidden states before the first layer and after each, [b, n, d]."""
    weights: list[Tensor] = field(default_factory=list)
    """Attention weights of each layer, [b, heads, n, n]."""


class Encoder(nn.Module):
    """Token and type embeddings and a stack of layers; the members differ in the layers and the norm.

    ``gradient_checkpointing`` trades one more forward pass for memory: in training, layers keep their input only.
    """

    config: ModelConfig

    def __init__(self, config: ModelConfig, layer: Callable[[], nn.Module]) -> None:
        super().__init__()
        self.config = config
        self.token_embedding = nn.Embedding(config.vocab_size, config.hidden_size)
        self.type_embedding = nn.Embedding(config.type_vocab_size, config.hidden_size)
        self.dropout = Dropout(config.dropout)
        self.layers = nn.ModuleList(layer() for _ in range(config.num_layers))
        self.gradient_checkpointing = False

    def reset_parameters(self) -> None:
        """Draw all weights anew by the config's rule."""
        self.apply(lambda module: initialize(module, self.config))

    def embed(self, input_ids: Tensor, token_type_ids: Tensor | None) -> Tensor:
        """The sum of token and type embeddings [b, n, d]; without ``token_type_ids``, of type 0.

        ``input_ids``: [b, n], or vectors in place of token embeddings, [b, n, d].
        """
        # Tables are called and not read: tools that move or shard weights do so as a module is called.
        tokens: Tensor = input_ids if input_ids.dim() == 3 else self.token_embedding(input_ids)
        if token_type_ids is None:
            token_type_ids = torch.zeros(1, dtype=torch.long, device=input_ids.device)
        types: Tensor = self.type_embedding(token_type_ids)
        return tokens + types

    def run_layers(
        self, x: Tensor, *shared: object, states: int | None = None, trace: Trace | None = None
    ) -> Tensor:
        """Pass ``x`` [b, n, d] through the layers; each also gets ``shared``.

        The last one gives the first ``states`` positions alone, [b, states, d]: those below need them all.
        """
        with_weights = trace is not None and trace.with_weights
        if trace is not None:
            trace.states.append(x)
        for number in range(1, len(self.layers) + 1):
            wanted = states if number == len(self.layers) else None
            if self.gradient_checkpointing and self.training:
                x, weights = checkpoint(
                    self._run_layer, number, x, *shared, wanted, with_weights, use_reentrant=False
                )
            else:
                x, weights = self._run_layer(number, x, *shared, wanted, with_weights)
            if trace is not None:
                trace.states.append(x)
                if weights is not None:
                    trace.weights.append(weights)
        return x

    def _run_layer(self, number: int, x: Tensor, *arguments: object) -> tuple[Tensor, Tensor | None]:
        begin_layer(number)
        out: tuple[Tensor, Tensor | None] = self.layers[number - 1](x, *arguments)
        return out
