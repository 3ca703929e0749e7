"""CLUENER: micro F1 over spans, and the leaderboard's macro F1 over entity strings."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

Span = tuple[str, int, int]
"""Type, first character, last character (both counted from 0, the last one belongs to the entity)."""


Named = tuple[str, str]
"""Type and text of an entity."""


@dataclass(frozen=True)
class Entities:
    """The entities of one sentence."""

    spans: frozenset[Span]
    strings: frozenset[Named]
    """As the file writes them, which may be elsewhere than where its places say, or have no place."""


NOTHING = Entities(frozenset(), frozenset())


def cut_entities(text: str, spans: Collection[Span]) -> Entities:
    """``spans`` and what ``text`` has there."""
    return Entities(frozenset(spans), frozenset((type_, text[a : b + 1]) for type_, a, b in spans))


@dataclass(frozen=True)
class F1:
    """Percentages: right over predicted, right over gold, and twice the right over both."""

    precision: float
    recall: float
    f1: float


def micro_span(gold: Sequence[Collection[Span]], predicted: Sequence[Collection[Span]]) -> F1:
    """F1 over (type, start, end), all sentences together; a span listed twice counts once.

    What published tables of CLUENER on dev print (the training code of CLUENER2020, GAU-α's README).
    """
    pairs = [(set(a), set(b)) for a, b in zip(gold, predicted, strict=True)]
    return _f1(
        sum(len(a & b) for a, b in pairs), sum(len(b) for _, b in pairs), sum(len(a) for a, _ in pairs)
    )


def macro_by_string(
    gold: Sequence[Collection[Named]], predicted: Sequence[Collection[Named]], types: Collection[str]
) -> tuple[float, Mapping[str, float]]:
    """The leaderboard's metric: F1 of each type over the entities' strings, and the mean over ``types``.

    Where in the sentence a string stands does not count, and a string counts once a sentence. A type without a
    right entity counts 0, where the leaderboard's script stops with a division by zero.
    """
    scores = {}
    for name in sorted(types):
        pairs = [(_of_type(a, name), _of_type(b, name)) for a, b in zip(gold, predicted, strict=True)]
        scores[name] = _f1(
            sum(len(a & b) for a, b in pairs), sum(len(b) for _, b in pairs), sum(len(a) for a, _ in pairs)
        ).f1
    return sum(scores.values()) / max(len(scores), 1), scores


def _of_type(entities: Collection[Named], name: str) -> set[str]:
    return {text for type_, text in entities if type_ == name}


def _f1(right: int, predicted: int, gold: int) -> F1:
    return F1(
        precision=100 * right / predicted if predicted else 0.0,
        recall=100 * right / gold if gold else 0.0,
        f1=200 * right / (predicted + gold) if predicted + gold else 0.0,
    )
