"""The masked-LM head that every member of the family shares, and the model made of an encoder and it."""

from torch import Tensor, nn
from torch.nn import functional

from gaupt.model.config import ModelConfig
from gaupt.model.encoder import Encoder


class VocabularyHead(nn.Module):
    """Scores over the vocabulary, tied to the token embedding E [vocab, d]: logits = t(x) Eᵀ + bias.

    ``transform`` t maps [..., d] to [..., d]; ``bias`` is [vocab]. GAU and RoFormerV2 have neither.
    """

    def __init__(self, transform: nn.Module | None = None, bias: nn.Parameter | None = None) -> None:
        super().__init__()
        self.transform = transform
        self.bias = bias

    def forward(self, hidden: Tensor, embedding: Tensor) -> Tensor:
        """Logits [..., vocab] of ``hidden`` [..., d] with E = ``embedding``."""
        if self.transform is not None:
            hidden = self.transform(hidden)
        return functional.linear(hidden, embedding, self.bias)


class MaskedLM(nn.Module):
    """An encoder and its masked-LM head."""

    def __init__(self, encoder: Encoder, head: VocabularyHead) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = head

    @property
    def config(self) -> ModelConfig:
        """The encoder's config."""
        return self.encoder.config

    def encode(
        self, input_ids: Tensor, segment_ids: Tensor | None = None, token_type_ids: Tensor | None = None
    ) -> Tensor:
        """Hidden states [b, n, d]; arguments as the encoder's."""
        hidden: Tensor = self.encoder(input_ids, segment_ids, token_type_ids)
        return hidden

    def logits(self, hidden: Tensor) -> Tensor:
        """Scores over the vocabulary [..., vocab] of hidden states [..., d]."""
        scores: Tensor = self.head(hidden, self.encoder.token_embedding.weight)
        return scores

    def forward(
        self,
        input_ids: Tensor,
        segment_ids: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        positions: Tensor | None = None,
    ) -> Tensor:
        """Logits at the flat ``positions`` (row · n + column) [m]: [m, vocab]; at None everywhere, [b, n, vocab].

        In training only the masked 15% of positions count, and the projection is the widest matrix of the model.
        """
        hidden = self.encode(input_ids, segment_ids, token_type_ids)
        if positions is not None:
            hidden = hidden.flatten(0, 1)[positions]  # [m, d]
        return self.logits(hidden)
