"""What is found of all documents, exactly and nearly alike, whatever the limits of memory."""

import random
import resource
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from gaupt.corpus import clean_parts
from gaupt.corpus.duplicates import groups, near
from gaupt.corpus.duplicates.groups import group_parts
from gaupt.corpus.part_files import PartFiles
from tests.corpus.duplicates.parts import Kept, find, rows, run, words
from tests.corpus.made import edited, random_text


def test_duplicates_of_a_range_of_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "GROUP", 2)
    alike = [Kept(words(0), (5, 5))]
    found = find(tmp_path, alike * 2, alike * 2, alike, threshold=None)
    assert found.search.starts == (0, 2, 4, 5)
    assert [number for number, _, _ in rows(found)] == [1, 2, 3, 4]
    assert rows(found, 2, 4) == [(2, 0, np.inf), (3, 0, np.inf)]
    assert rows(found, 3, 5) == [(3, 0, np.inf), (4, 0, np.inf)]
    assert rows(found, 0, 1) == rows(found, 4, 4) == []
    assert [found.numbers(group).tolist() for group in range(3)] == [[1], [2, 3], [4]]


def test_parts_and_lengths_belong_together(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="shorter"):
        group_parts([PartFiles(tmp_path, "a")], [])


def test_what_is_in_use_at_once_is_bounded() -> None:
    assert 160 * groups.GROUP <= 350_000_000  # bytes
    assert 60 * groups.BUCKET <= 512_000_000


@pytest.mark.parametrize("threshold", [None, 0.5])
def test_without_duplicates_nothing_is_found(threshold: float | None, tmp_path: Path) -> None:
    assert rows(find(tmp_path, threshold=threshold)) == []
    assert rows(find(tmp_path, [], threshold=threshold)) == []
    apart = [Kept(words(0)), Kept(words(7))]
    assert rows(find(tmp_path, apart, apart, threshold=threshold)) == []
    assert rows(find(tmp_path, apart, exact=False, threshold=threshold)) == []


def test_exact_duplicates_are_no_near_ones_and_all_are_in_order(tmp_path: Path) -> None:
    alike = Kept(words(0), (5, 5), {0: 7})
    near = Kept(words(1), bands={0: 7})
    other = Kept(words(9), (6, 6))
    parts = [other, alike], [near, other], [alike, near]
    assert rows(find(tmp_path / "both", *parts)) == [(2, 1, 0.5), (3, 0, np.inf), (4, 1, np.inf), (5, 1, 0.5)]
    assert rows(find(tmp_path / "near", *parts, exact=False)) == [(2, 1, 0.5), (4, 1, 1.0), (5, 1, 0.5)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "name"),
    [(near, "PAIRS_PER_TASK"), (near, "_PAIRS_AT_ONCE"), (groups, "BUCKET"), (groups, "GROUP")],
)
def test_small_limits_do_not_change_what_is_found(
    module: ModuleType, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, 2)
    first = [Kept(words(0), bands={0: 20}), Kept(words(3), bands={0: 21}), Kept(words(6), bands={0: 22})]
    further = [Kept(words(1), bands={0: 20}), Kept(words(10), bands={0: 21}), Kept(words(6), bands={0: 22})]
    last = [Kept(words(12)), Kept(words(4), bands={0: 21}), Kept(words(7), bands={0: 22})]
    assert rows(find(tmp_path, first, further, last)) == [
        (3, 0, 0.5),
        (5, 2, 1.0),
        (7, 1, 0.5),
        (8, 2, 0.5),
    ]


@pytest.mark.slow
def test_buckets_do_not_change_what_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(2)
    texts = [random_text(rng, 60) for _ in range(40)]
    texts += [edited(text, rng, 1) for text in texts] + texts[:7]
    one = run(texts, tmp_path / "one")
    monkeypatch.setattr(groups, "BUCKET", 10)
    assert run(texts, tmp_path / "many") == one
    assert len(one) == 40


@pytest.mark.slow
def test_many_parts_need_few_open_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(3)
    texts = [random_text(rng, 400) for _ in range(100)]
    texts += [edited(text, rng, 4) for text in texts]
    monkeypatch.setattr(clean_parts, "part_bytes", lambda files: 3000)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    in_use = len(list(Path("/proc/self/fd").iterdir()))
    resource.setrlimit(resource.RLIMIT_NOFILE, (in_use + 40, hard))
    try:
        kept = run(texts, tmp_path / "a")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert [d.id for d in kept] == [f"d{n}" for n in range(100)]
