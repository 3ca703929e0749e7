"""What the encoders of the family have in common."""

from collections.abc import Callable

from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from gaupt.model.config import ModelConfig
from gaupt.model.dropout import Dropout, begin_layer
from gaupt.model.initialize import initialize


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
        """The sum of token and type embeddings [b, n, d]; without ``token_type_ids``, of type 0."""
        tokens: Tensor = self.token_embedding(input_ids)
        types = (
            self.type_embedding.weight[0] if token_type_ids is None else self.type_embedding(token_type_ids)
        )
        return tokens + types

    def run_layers(self, x: Tensor, *shared: object, states: int | None = None) -> Tensor:
        """Pass ``x`` [b, n, d] through the layers; each also gets ``shared``.

        The last one gives the first ``states`` positions alone, [b, states, d]: those below need them all.
        """
        for number in range(1, len(self.layers) + 1):
            wanted = states if number == len(self.layers) else None
            if self.gradient_checkpointing and self.training:
                x = checkpoint(self._run_layer, number, x, *shared, wanted, use_reentrant=False)
            else:
                x = self._run_layer(number, x, *shared, wanted)
        return x

    def _run_layer(self, number: int, x: Tensor, *arguments: object) -> Tensor:
        begin_layer(number)
        out: Tensor = self.layers[number - 1](x, *arguments)
        return out
