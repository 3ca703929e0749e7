import random
import tracemalloc
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from gaupt.corpus.duplicates import minhash
from gaupt.corpus.duplicates.minhash import (
    Letters,
    Sketches,
    found_share,
    jaccard,
    shingle_set,
    sketches,
)
from gaupt.text.characters import letters
from tests.corpus.made import edited, random_text


def band_keys(documents: Iterable[Letters]) -> npt.NDArray[np.uint64]:
    gathered = Sketches()
    for document in documents:
        gathered.add(document)
    return gathered.band_keys()


def similarity(first: str, second: str) -> float:
    return jaccard(shingle_set(letters(first)), shingle_set(letters(second)))


@pytest.mark.slow
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


@pytest.mark.slow
@given(st.sets(st.integers(0, 50)), st.sets(st.integers(0, 50)))
def test_jaccard(first: set[int], second: set[int]) -> None:
    arrays = (np.array(sorted(s), dtype=np.uint32) for s in (first, second))
    expected = len(first & second) / len(first | second) if first | second else 1.0
    assert jaccard(*arrays) == pytest.approx(expected)


def test_the_bands_find_similar_pairs() -> None:
    shares = [found_share(similarity) for similarity in (0, 0.5, 0.8, 0.9, 1)]
    assert shares == pytest.approx([0, 0.1317, 0.9855, 0.99999, 1], abs=1e-4)


def test_n_grams_have_five_letters_and_short_texts_have_one() -> None:
    assert [len(shingle_set(letters("山水云雾茶农们"[:n]))) for n in range(8)] == [1, 1, 1, 1, 1, 1, 2, 3]
    assert similarity("山水", "山水，") == 1
    assert similarity("山水", "山水云") == 0


def test_sketches_of_a_run_that_goes_on_fit_those_of_before() -> None:
    # By arithmetic: what counts as a letter differs between releases of OpenCC, and random texts with it.
    documents = [
        (0x4E00 + np.arange(length) ** 2 * 7919 % 5000).astype(np.uint32) for length in (0, 3, 30, 400)
    ]
    hashes = [xxhash.xxh3_64_intdigest(band_keys(documents).T.tobytes())]
    hashes.append(
        xxhash.xxh3_64_intdigest(b"".join(shingle_set(document).tobytes() for document in documents))
    )
    assert hashes == [3224766017214313603, 2452573365466080194]


@pytest.mark.slow
@pytest.mark.parametrize(("lengths", "batch"), [([9, 2000, 50, 300, 0] * 12, 2000), ([0] * 300, 50)])
def test_documents_are_sketched_in_batches(
    lengths: list[int], batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in memory at once does not grow with the documents, but for 18 keys of each."""
    numbers = np.random.default_rng(0)
    documents = [numbers.integers(0x4E00, 0x9000, n).astype(np.uint32) for n in lengths]
    together = band_keys(documents)
    monkeypatch.setattr(minhash, "BATCH", batch)
    tracemalloc.start()
    try:
        keys = band_keys(iter(documents))
        assert tracemalloc.get_traced_memory()[1] < 500_000
    finally:
        tracemalloc.stop()
    assert keys.shape == (18, len(documents))
    assert (keys == together).all()


def test_a_batch_takes_16_megabytes() -> None:
    assert 15_000_000 < 60 * minhash.BATCH < 16_000_000


def test_no_documents_have_no_keys() -> None:
    assert band_keys([]).shape == (18, 0)


def test_a_text_that_repeats_itself_takes_no_more_memory_than_another() -> None:
    """Each of its n-grams competes for each register, all but a few of which stay empty."""
    once, often = letters("茶"), letters("茶" * 50_000)
    tracemalloc.start()
    try:
        sketch = sketches([often])
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()
    assert (sketch == sketches([letters("茶" * 5)])).all() and not (sketch == sketches([once])).all()
