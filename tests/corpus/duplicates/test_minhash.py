import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.corpus.duplicates.minhash import band_keys, found_share, jaccard, shingle_set, sketches
from gaupt.text.characters import letters
from tests.corpus.made import edited, random_text


def similarity(first: str, second: str) -> float:
    return jaccard(shingle_set(letters(first)), shingle_set(letters(second)))


@pytest.mark.parametrize(("length", "edits"), [(30, 1), (300, 10), (3000, 60)])
def test_sketches_agree_as_often_as_documents_are_similar(length: int, edits: int) -> None:
    rng = random.Random(length)
    errors = []
    for _ in range(60):
        text = random_text(rng, length)
        other = edited(text, rng, edits)
        registers = sketches([letters(text), letters(other)])
        errors.append(float((registers[0] == registers[1]).mean()) - similarity(text, other))
    assert abs(np.mean(errors)) < 0.02
    assert np.std(errors) < 0.08


@pytest.mark.slow
@given(st.lists(st.text(max_size=40), max_size=6))
def test_a_sketch_does_not_depend_on_its_neighbours(texts: list[str]) -> None:
    documents = [letters(text) for text in texts]
    together = band_keys(documents)
    for number, document in enumerate(documents):
        assert (together[:, number] == band_keys([document])[:, 0]).all()


@given(st.sets(st.integers(0, 50)), st.sets(st.integers(0, 50)))
def test_jaccard(first: set[int], second: set[int]) -> None:
    arrays = (np.array(sorted(s), dtype=np.uint32) for s in (first, second))
    expected = len(first & second) / len(first | second) if first | second else 1.0
    assert jaccard(*arrays) == pytest.approx(expected)


def test_the_bands_find_similar_pairs() -> None:
    assert found_share(0.5) < 0.15
    assert found_share(0.8) > 0.98
    assert found_share(0.9) > 0.999
