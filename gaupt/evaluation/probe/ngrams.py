"""The anchor that costs nothing: TF-IDF of characters and pairs of characters."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.sparse import csr_array


class TfIdf:
    """Weights of character 1- and 2-grams, learned from texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        found: Counter[str] = Counter()
        for text in texts:
            found.update(set(_grams(text)))
        self.places: Mapping[str, int] = {gram: place for place, gram in enumerate(sorted(found))}
        counts = np.array([found[gram] for gram in self.places], np.float64)
        self.idf = np.log((1 + len(texts)) / (1 + counts)) + 1

    def __call__(self, texts: Sequence[str]) -> csr_array:
        """A row of length 1 for each text: [texts, n-grams]."""
        values, columns, bounds = [], [], [0]
        for text in texts:
            counts = Counter(place for gram in _grams(text) if (place := self.places.get(gram)) is not None)
            row = np.fromiter(counts.values(), np.float64, len(counts)) * self.idf[list(counts)]
            values.append(row / max(np.linalg.norm(row), 1e-12))
            columns.append(np.fromiter(counts, np.int64, len(counts)))
            bounds.append(bounds[-1] + len(counts))
        data = np.concatenate(values) if values else np.zeros(0)
        indices = np.concatenate(columns) if columns else np.zeros(0, np.int64)
        return csr_array((data, indices, bounds), shape=(len(texts), max(len(self.places), 1)))


def _grams(text: str) -> list[str]:
    return [*text, *(text[place : place + 2] for place in range(len(text) - 1))]
