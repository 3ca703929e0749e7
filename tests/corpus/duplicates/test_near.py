"""Documents that are nearly like an earlier one."""

import random
from pathlib import Path

import numpy as np
import pytest

from gaupt.corpus.duplicates import near
from gaupt.corpus.duplicates.minhash import jaccard, shingle_set
from gaupt.text.characters import letters
from tests.corpus.duplicates.parts import Kept, find, rows, run, words
from tests.corpus.made import edited, random_text


def similarity(first: str, second: str) -> float:
    return jaccard(shingle_set(letters(first)), shingle_set(letters(second)))


@pytest.mark.parametrize(("threshold", "found"), [(0.49, True), (0.5, True), (0.51, False)])
def test_a_document_goes_that_is_as_similar_as_the_threshold(
    threshold: float, found: bool, tmp_path: Path
) -> None:
    parts = [Kept(words(9)), Kept(words(0), bands={0: 7})], [Kept(words(10)), Kept(words(1), bands={0: 7})]
    assert rows(find(tmp_path, *parts, threshold=threshold)) == ([(3, 1, 0.5)] if found else [])


@pytest.mark.parametrize("band", [0, 1, 17])
def test_one_band_in_common_is_enough_and_none_is_too_little(band: int, tmp_path: Path) -> None:
    for key, expected in ((7, [(1, 0, 1.0)]), (8, [])):
        parts = [Kept(words(0), bands={band: 7})], [Kept(words(0), bands={band: key})]
        assert rows(find(tmp_path / str(key), *parts)) == expected


def test_of_a_band_the_first_and_the_last_document_are_compared_with_the_next(tmp_path: Path) -> None:
    def of_a_band(*starts: int) -> list[Kept]:
        return [Kept(words(start), bands={2: 7}) for start in starts]

    like_the_first, like_the_last = of_a_band(0, 5, 10, 1), of_a_band(0, 5, 10, 11)
    like_another = of_a_band(0, 5, 10, 6)
    assert rows(find(tmp_path / "first", like_the_first)) == [(3, 0, 0.5)]
    assert rows(find(tmp_path / "last", like_the_last)) == [(3, 2, 0.5)]
    assert rows(find(tmp_path / "another", like_another)) == []


def test_a_document_repeats_the_first_near_one_that_stays(tmp_path: Path) -> None:
    def found(*starts: int) -> list[tuple[int, int, float]]:
        folder = tmp_path / "-".join(map(str, starts))
        return rows(find(folder, [Kept(words(start), bands={0: 7, 1: start // 2 + 8}) for start in starts]))

    assert found(0, 2, 1) == [(2, 0, 0.5)]  # near both
    assert found(0, 1, 2) == [(1, 0, 0.5)]  # the one that it is near has gone
    assert found(0, 1, 0) == [(1, 0, 0.5), (2, 0, 1.0)]


def test_the_last_document_of_a_band_is_one_that_stays(tmp_path: Path) -> None:
    alike = Kept(words(9), (5, 5), {0: 7})
    parts = [Kept(words(0), bands={0: 7}), alike], [alike, Kept(words(10), bands={0: 7})]
    assert rows(find(tmp_path, *parts)) == [(2, 1, np.inf), (3, 1, 0.5)]


def test_a_search_that_was_interrupted_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [Kept(words(0), (5, 5), {0: 7})] * 2 + [Kept(words(1), bands={0: 7})]
    with monkeypatch.context() as patch:
        patch.setattr(near, "jaccard", lambda first, second: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            find(tmp_path, documents)
    monkeypatch.setattr(near, "_pairs_of_band", lambda *arguments: 1 // 0)  # done: not again
    assert rows(find(tmp_path, documents)) == [(1, 0, np.inf), (2, 0, 0.5)]


def test_chains_of_small_changes_do_not_swallow_the_ends(tmp_path: Path) -> None:
    rng = random.Random(1)
    chain = [random_text(rng, 300)]
    for _ in range(12):
        chain.append(edited(chain[-1], rng, 6))
    kept = {d.id: d.text for d in run(chain, tmp_path / "a")}
    for number, text in enumerate(chain):
        if f"d{number}" not in kept:
            assert max(similarity(text, other) for other in kept.values()) >= 0.75
    assert len(kept) > 1


def test_short_documents_are_not_lost(tmp_path: Path) -> None:
    texts = ["房间干净", "服务很好", "早餐丰富", "位置方便", "房间干净"]
    assert [d.text for d in run(texts, tmp_path / "a")] == texts[:4]


@pytest.mark.slow
def test_of_similar_documents_the_first_stays(tmp_path: Path) -> None:
    rng = random.Random(0)
    texts = [random_text(rng, 400) for _ in range(5)]
    near = [edited(text, rng, 4) for text in texts]
    kept = run([*texts, *near], tmp_path / "a")
    assert [d.id for d in kept] == [f"d{n}" for n in range(5)]
    assert len(run([*texts, *near], tmp_path / "b", near_duplicates=False)) == 10
    assert len(run([*texts, *near], tmp_path / "c", near_threshold=0.99)) == 10
