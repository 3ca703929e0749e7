"""What a probe looks at, from a frozen encoder or from n-grams: one design for both."""

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np
from scipy.sparse import csr_array, hstack

from gaupt.evaluation.probe.ngrams import TfIdf
from gaupt.evaluation.probe.ridge import Features
from gaupt.evaluation.probe.states import Frozen, mean_states
from gaupt.evaluation.tasks.rows import Choice, Labelled, Row

Embed = Callable[[Sequence[str]], Features]
"""A vector for each text."""
BLANK_CONTEXT = 40
"""Characters on either side of a blank that count."""


def embed_by_states(frozen: Frozen, texts: Sequence[str], limit: int) -> Embed:
    """Mean states of a frozen encoder, computed once for all ``texts``."""
    known = mean_states(frozen, texts, limit)
    return lambda wanted: np.stack([known[text] for text in wanted])


def embed_by_ngrams(train_texts: Sequence[str]) -> Embed:
    """TF-IDF of characters, learned from the training texts."""
    return TfIdf(train_texts)


def texts_of(rows: Sequence[Row]) -> list[str]:
    """Every text that `row_features` embeds of ``rows``."""
    texts: list[str] = []
    for row in rows:
        if isinstance(row, Choice):
            texts += [context_of(row), *row.choices]
        else:
            texts += cast(Labelled, row).texts
    return texts


def row_features(rows: Sequence[Row], embed: Embed) -> Features:
    """Features of each row: its text's vector; of two texts u and v |u − v| and u·v, element by element.

    A row with choices gives one row of features for each of them, of its context and the choice.
    """
    if isinstance(rows[0], Choice):
        choices = cast(Sequence[Choice], rows)
        pairs = [(context_of(row), choice) for row in choices for choice in row.choices]
    else:
        labelled = cast(Sequence[Labelled], rows)
        if len(labelled[0].texts) == 1:
            return embed([row.texts[0] for row in labelled])
        pairs = [(row.texts[0], row.texts[1]) for row in labelled]
    first, second = embed([a for a, _ in pairs]), embed([b for _, b in pairs])
    if isinstance(first, csr_array):
        return hstack([abs(first - second), first * second], format="csr")
    return np.concatenate([np.abs(first - second), first * second], axis=1)


def context_of(row: Choice) -> str:
    """What a choice has to fit: passage and question, or the text round the blank."""
    if row.blank:
        return f"{row.before[-BLANK_CONTEXT:]}{row.after[:BLANK_CONTEXT]}"
    return f"{row.after}{row.before}"
