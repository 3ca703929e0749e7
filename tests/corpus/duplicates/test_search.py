import pickle
import random
import resource
import tracemalloc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from gaupt.config import CleanConfig, Config
from gaupt.corpus import clean as pipeline
from gaupt.corpus.clean import clean
from gaupt.corpus.documents import Document, document_line, read_documents
from gaupt.corpus.duplicates import search as duplicates
from gaupt.corpus.duplicates.minhash import BANDS, jaccard, shingle_set
from gaupt.corpus.duplicates.search import Duplicates, Parts, find_duplicates, number_documents
from gaupt.corpus.part_files import PartFiles
from gaupt.files import write_jsonl_zst
from gaupt.text.characters import letters
from gaupt.workers import local_crew
from tests.corpus.made import edited, random_text

SENTENCE = "清晨的雾还没有散茶农们已经背着竹篓上山"


def words(start: int) -> str:
    """Seven letters of a sentence without a letter twice: three runs of five.

    Seven from the next place on have two of them, of four in all (similarity 0.5); from the one after it, one of five
    (0.2).
    """
    return SENTENCE[start : start + 7]


@dataclass(frozen=True)
class Kept:
    """A document with what cleaning wrote of it; keys that are not given are like no other's."""

    text: str
    key: tuple[int, int] | None = None
    bands: Mapping[int, int] = field(default_factory=dict)


def write_parts(folder: Path, *parts: Sequence[Kept]) -> Parts:
    """Finished parts, whose numbers begin with 3."""
    folder.mkdir(exist_ok=True)
    own = count(1 << 40)
    files = []
    for number, documents in enumerate(parts, 3):
        part = PartFiles(folder, number)
        keys = [document.key or (next(own), next(own)) for document in documents]
        bands = [[document.bands.get(band, next(own)) for document in documents] for band in range(BANDS)]
        np.save(part.keys, np.array(keys, np.uint64).reshape(-1, 2))
        np.save(part.bands, np.array(bands, np.uint64))
        with write_jsonl_zst(part.kept) as file:
            for place, document in enumerate(documents):
                file.write(document_line(f"{number}-{place}", document.text, "s"))
        files.append(part)
    return number_documents(files)


def find(
    folder: Path, *parts: Sequence[Kept], exact: bool = True, threshold: float | None = 0.5
) -> Duplicates:
    with local_crew(1) as crew:
        return find_duplicates(write_parts(folder, *parts), folder, exact, threshold, crew)


def rows(found: Duplicates) -> list[tuple[int, int, float]]:
    columns = (found.repeats, found.firsts, found.similarity)
    assert [column.dtype for column in columns] == [np.int64, np.int64, np.float32]
    assert len({len(column) for column in columns}) == 1
    return [*found.between(0, 1000)]


def test_duplicates_of_a_range_of_documents() -> None:
    found = Duplicates(
        np.array([2, 5, 6, 9]), np.array([0, 1, 5, 3]), np.array([0.75, 0.5, np.inf, 1], np.float32)
    )
    assert [*found.between(2, 6)] == [(2, 0, 0.75), (5, 1, 0.5)]
    assert [*found.between(3, 9)] == [(5, 1, 0.5), (6, 5, np.inf)]
    assert [*found.between(7, 9)] == []
    with pytest.raises(ValueError, match="shorter"):
        list(Duplicates(found.repeats, found.firsts[:2], found.similarity).between(2, 10))


def test_documents_are_numbered_over_all_parts(tmp_path: Path) -> None:
    parts = write_parts(tmp_path, [Kept("山")] * 2, [], [Kept("水")] * 3)
    assert parts.starts.tolist() == [0, 2, 2, 5]
    assert (parts.total, parts.starts.dtype) == (5, np.int64)
    assert [part.number for part in parts.files] == [3, 4, 5]
    none = write_parts(tmp_path)
    assert (none.total, none.starts.dtype) == (0, np.int64)


def test_parts_need_numbers_of_their_own(tmp_path: Path) -> None:
    parts = write_parts(tmp_path, [Kept(words(0))], [Kept(words(0))])
    with local_crew(1) as crew, pytest.raises(ValueError, match="longer"):
        find_duplicates(Parts(parts.files, np.array([0, 1, 2, 3])), tmp_path, False, 0.5, crew)


def test_what_would_run_code_is_not_loaded(tmp_path: Path) -> None:
    part = PartFiles(tmp_path, 0)
    part.keys.write_bytes(pickle.dumps([(7, 5)]))
    with pytest.raises(ValueError, match="pickled"):
        number_documents([part])


def test_what_is_in_use_at_once_is_bounded() -> None:
    assert 60 * duplicates.BUCKET <= 16_000_000  # bytes
    assert 3 * duplicates.OPEN_PARTS <= 256 - 64  # open files


def test_numbering_reads_no_keys(tmp_path: Path) -> None:
    part = PartFiles(tmp_path, 0)
    np.save(part.keys, np.zeros((100_000, 2), np.uint64))
    tracemalloc.start()
    try:
        assert number_documents([part]).total == 100_000
        assert tracemalloc.get_traced_memory()[1] < 800_000  # of 1.6 MB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("threshold", [None, 0.5])
def test_without_duplicates_nothing_is_found(threshold: float | None, tmp_path: Path) -> None:
    assert rows(find(tmp_path, threshold=threshold)) == []
    assert rows(find(tmp_path, [], threshold=threshold)) == []
    apart = [Kept(words(0)), Kept(words(7))]
    assert rows(find(tmp_path, apart, apart, threshold=threshold)) == []
    assert rows(find(tmp_path, apart, exact=False, threshold=threshold)) == []


def test_documents_with_both_halves_of_their_key_alike_repeat_the_first_of_them(tmp_path: Path) -> None:
    keys = [(7, 5), (8, 5), (7, 6), (7, 5)], [(7, 6), (9, 9), (7, 5), (9, 9)]
    parts = [[Kept(words(0), key) for key in part] for part in keys]
    expected = [(3, 0, np.inf), (4, 2, np.inf), (6, 0, np.inf), (7, 5, np.inf)]
    assert rows(find(tmp_path, *parts, threshold=None)) == expected
    assert rows(find(tmp_path, *parts, exact=False, threshold=None)) == []


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


def test_exact_duplicates_are_no_near_ones_and_all_are_in_order(tmp_path: Path) -> None:
    alike = Kept(words(0), (5, 5), {0: 7})
    near = Kept(words(1), bands={0: 7})
    other = Kept(words(9), (6, 6))
    parts = [other, alike], [near, other], [alike, near]
    assert rows(find(tmp_path / "both", *parts)) == [(2, 1, 0.5), (3, 0, np.inf), (4, 1, np.inf), (5, 1, 0.5)]
    assert rows(find(tmp_path / "near", *parts, exact=False)) == [(2, 1, 0.5), (4, 1, 1.0), (5, 1, 0.5)]


def test_the_last_document_of_a_band_is_one_that_stays(tmp_path: Path) -> None:
    alike = Kept(words(9), (5, 5), {0: 7})
    parts = [Kept(words(0), bands={0: 7}), alike], [alike, Kept(words(10), bands={0: 7})]
    assert rows(find(tmp_path, *parts)) == [(2, 1, np.inf), (3, 1, 0.5)]


def test_pairs_of_a_run_that_was_interrupted_are_forgotten(tmp_path: Path) -> None:
    assert len(rows(find(tmp_path, [Kept(words(0), bands={0: 7})] * 2))) == 1
    further = [Kept(words(9), bands={0: 7})] * 2
    assert rows(find(tmp_path, [Kept(words(0))] * 2 + further)) == [(3, 2, 1.0)]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["PAIRS_PER_TASK", "OPEN_PARTS", "BUCKET", "MAX_BUCKETS"])
def test_small_limits_do_not_change_what_is_found(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, name, 2)
    first = [Kept(words(0), bands={0: 20}), Kept(words(3), bands={0: 21}), Kept(words(6), bands={0: 22})]
    further = [Kept(words(1), bands={0: 20}), Kept(words(10), bands={0: 21}), Kept(words(6), bands={0: 22})]
    last = [Kept(words(12)), Kept(words(4), bands={0: 21}), Kept(words(7), bands={0: 22})]
    assert rows(find(tmp_path, first, further, last)) == [
        (3, 0, 0.5),
        (5, 2, 1.0),
        (7, 1, 0.5),
        (8, 2, 0.5),
    ]


def similarity(first: str, second: str) -> float:
    return jaccard(shingle_set(letters(first)), shingle_set(letters(second)))


def run(texts: list[str], folder: Path, **config: object) -> list[Document]:
    folder.mkdir()
    with (folder / "a.jsonl").open("wb") as file:
        for number, text in enumerate(texts):
            file.write(document_line(f"d{number}", text, "s"))
    settings = Config(clean=CleanConfig.model_validate({"profile": "short", **config}))
    report = clean([folder / "a.jsonl"], folder / "out", settings, workers=1)
    assert report["read"] == report["kept"] + sum(report["dropped"].values())
    return list(read_documents(folder / "out"))


@pytest.mark.slow
def test_of_similar_documents_the_first_stays(tmp_path: Path) -> None:
    rng = random.Random(0)
    texts = [random_text(rng, 400) for _ in range(5)]
    near = [edited(text, rng, 4) for text in texts]
    kept = run([*texts, *near], tmp_path / "a")
    assert [d.id for d in kept] == [f"d{n}" for n in range(5)]
    assert len(run([*texts, *near], tmp_path / "b", near_duplicates=False)) == 10
    assert len(run([*texts, *near], tmp_path / "c", near_threshold=0.99)) == 10


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
def test_buckets_do_not_change_what_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(2)
    texts = [random_text(rng, 60) for _ in range(40)]
    texts += [edited(text, rng, 1) for text in texts] + texts[:7]
    one = run(texts, tmp_path / "one")
    monkeypatch.setattr(duplicates, "BUCKET", 10)
    assert run(texts, tmp_path / "many") == one
    assert len(one) == 40


@pytest.mark.slow
def test_many_parts_need_few_open_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(3)
    texts = [random_text(rng, 400) for _ in range(100)]
    texts += [edited(text, rng, 4) for text in texts]
    monkeypatch.setattr(pipeline, "part_bytes", lambda files: 3000)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    in_use = len(list(Path("/proc/self/fd").iterdir()))
    monkeypatch.setattr(duplicates, "OPEN_PARTS", 4)
    resource.setrlimit(resource.RLIMIT_NOFILE, (in_use + 40, hard))
    try:
        kept = run(texts, tmp_path / "a")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert [d.id for d in kept] == [f"d{n}" for n in range(100)]
