"""What a network is shown: rows of a task as sequences of tokens."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from gaupt.errors import GauptError
from gaupt.evaluation.encoders import Encoder


class Pieces(NamedTuple):
    """A text as tokens."""

    ids: list[int]
    places: list[tuple[int, int]]
    """First character of each token, and the one after its last."""

    def cut(self, start: int, stop: int) -> "Pieces":
        """The tokens from ``start`` to before ``stop``."""
        return Pieces(self.ids[start:stop], self.places[start:stop])


@dataclass(frozen=True)
class Tokens:
    """One sequence: [CLS] first [SEP], or [CLS] first [SEP] second [SEP]."""

    ids: list[int]
    second: int
    """Where the second text starts; the length where there is none."""


@dataclass(frozen=True)
class Item:
    """What is learned from, or predicted, at once."""

    row: int
    """Place of the task's row."""
    sequences: tuple[Tokens, ...]
    """One; or one a choice."""
    target: Any = None
    """What is right, in the terms of the kind; None: unknown."""
    places: tuple[tuple[int, int], ...] = ()
    """For kinds that judge tokens: characters of the tokens from ``first`` on."""
    first: int = 1
    """Where in the sequence those tokens start."""

    @property
    def length(self) -> int:
        """Tokens of the longest sequence."""
        return max(len(sequence.ids) for sequence in self.sequences)


def pieces(encoder: Encoder, texts: Iterable[str]) -> list[Pieces]:
    """Each of ``texts`` as tokens, without [CLS] and [SEP].

    Raises:
        GauptError: the vocabulary has no token for something in them, nor one for the unknown.
    """
    try:
        encodings = encoder.tokenizer.encode_batch(list(texts), add_special_tokens=False)
    except Exception as error:  # tokenizers raises nothing more special
        raise GauptError(f"the tokenizer of {encoder.source} cannot read the texts: {error}") from None
    return [Pieces(encoding.ids, encoding.offsets) for encoding in encodings]


def join(encoder: Encoder, first: Sequence[int], second: Sequence[int] | None, limit: int) -> Tokens:
    """One sequence of at most ``limit`` tokens: what is too long loses the end of its longer text."""
    if second is None:
        return Tokens([encoder.cls, *first[: limit - 2], encoder.sep], min(len(first), limit - 2) + 2)
    room = limit - 3
    over = max(0, len(first) + len(second) - room)
    # The longer gives way first; then both alike.
    from_first = max(0, min(over, len(first) - len(second)))
    from_second = max(0, min(over, len(second) - len(first)))
    rest = over - from_first - from_second
    keep_first = len(first) - from_first - (rest + 1) // 2
    keep_second = len(second) - from_second - rest // 2
    ids = [encoder.cls, *first[:keep_first], encoder.sep, *second[:keep_second], encoder.sep]
    return Tokens(ids, keep_first + 2)
