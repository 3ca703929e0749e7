import json
import pickle
import random
import tracemalloc
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from gaupt.config import CleanConfig, Config
from gaupt.corpus import clean as pipeline
from gaupt.corpus.clean import clean
from gaupt.corpus.documents import read_documents
from gaupt.corpus.duplicates import paragraphs
from gaupt.corpus.duplicates.paragraphs import Repeated, find_repeated, paragraph_hashes, without
from gaupt.text.characters import common_han, traditional_only

HAN = sorted(common_han() - traditional_only())
NOTICE = "欢迎光临本店，凡在本店购买的商品，七天之内都可以凭小票退换，谢谢惠顾！"
SHORT = "谢谢大家。"


def own(number: int) -> str:
    return "".join(random.Random(number).choices(HAN, k=80))


def run(texts: list[str], folder: Path, limit: int) -> tuple[dict[str, str], dict[str, object]]:
    folder.mkdir()
    lines = [json.dumps({"id": f"d{n}", "text": text}) + "\n" for n, text in enumerate(texts)]
    (folder / "a.jsonl").write_text("".join(lines))
    config = Config(clean=CleanConfig(max_paragraph_documents=limit))
    report = clean([folder / "a.jsonl"], folder / "out", config, workers=1)
    assert report["read"] == report["kept"] + sum(report["dropped"].values())
    documents = list(read_documents(folder / "out"))
    assert report["bytes"]["after"] == sum(len(d.text.encode()) for d in documents)
    assert report["chinese"]["after"] == sum("\u4e00" <= c <= "\u9fff" for d in documents for c in d.text)
    return {d.id: d.text for d in documents}, report


def save(folder: Path, *parts: list[list[int]]) -> list[Path]:
    """A file for each part, of rows of a hash and the position of a document."""
    files = [folder / f"{number}.npy" for number in range(len(parts))]
    for file, rows in zip(files, parts, strict=True):
        np.save(file, np.array(rows, np.uint64))
    return files


def test_only_long_lines_are_looked_at_and_only_their_letters() -> None:
    (first, long), (_, short) = paragraph_hashes(f"{NOTICE}\n{SHORT}")
    assert first == NOTICE and long is not None and short is None
    assert next(paragraph_hashes(NOTICE.replace("，", ", ")))[1] == long


def test_a_line_of_20_letters_is_looked_at() -> None:
    lines = [twenty := "".join(HAN[:20]), twenty[1:], f"{twenty[1:]}，", f"{twenty}，"]
    hashes = dict(paragraph_hashes("\n".join(lines)))
    assert [hashes[line] is not None for line in lines] == [True, False, False, True]
    assert without("\n".join([*lines, "", "x"]), frozenset({hashes[twenty] or 0})) == "\n".join(
        [lines[1], lines[2], "", "x"]
    )


@pytest.mark.parametrize("bucket", [1, 3, 1 << 20])
def test_repeated_paragraphs_by_document(
    bucket: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paragraphs, "BUCKET", bucket)
    # Of documents 0 to 2 and 3 to 5; 4 is gone.
    files = save(
        tmp_path,
        [[10, 0], [11, 0], [11, 1], [12, 1], [10, 2]],
        [[10, 0], [12, 1], [11, 1], [11, 2], [10, 2]],
    )
    found = {
        limit: find_repeated(files, [0, 3, 6], np.array([4]), limit).between(0, 6) for limit in (1, 2, 3, 4)
    }
    assert found[1] == found[2] == {1: {11}, 2: {10}, 3: {10}, 5: {10, 11}}
    assert found[3] == {2: {10}, 3: {10}, 5: {10}}
    assert found[4] == {}


def test_repeated_paragraphs_of_a_range_of_documents() -> None:
    found = Repeated(np.array([1, 3, 3, 7]), np.array([5, 6, 8, 9], np.uint64))
    assert found.between(1, 3) == {1: {5}}
    assert found.between(3, 7) == {3: {6, 8}}
    assert found.between(4, 8) == {7: {9}}
    with pytest.raises(ValueError, match="shorter"):
        Repeated(found.documents, found.hashes[:3]).between(1, 8)


def test_every_part_has_its_first_document(tmp_path: Path) -> None:
    files = save(tmp_path, [[10, 0]], [[10, 0]])
    assert find_repeated(files, [0, 1, 2], np.array([], np.int64), 1).documents.tolist() == [1]
    for starts in ([0, 1], [0, 1, 2, 3]):
        with pytest.raises(ValueError, match="argument 2"):
            find_repeated(files, starts, np.array([], np.int64), 1)


@pytest.mark.slow
def test_what_is_sorted_at_once_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 60 * paragraphs.BUCKET <= 64_000_000  # bytes
    monkeypatch.setattr(paragraphs, "BUCKET", 1000)
    files = save(tmp_path, [[number, 0] for number in range(20_000)])
    tracemalloc.start()
    try:
        find_repeated(files, [0, 1], np.array([], np.int64), 1)
        assert tracemalloc.get_traced_memory()[1] < 320_000  # what the file holds
    finally:
        tracemalloc.stop()


def test_what_would_run_code_is_not_loaded(tmp_path: Path) -> None:
    file = tmp_path / "0.npy"
    file.write_bytes(pickle.dumps([(7, 5)]))
    with pytest.raises(ValueError, match="pickled"):
        find_repeated([file], [0, 1], np.array([], np.int64), 1)


def test_what_stands_in_many_documents_stays_in_the_first(tmp_path: Path) -> None:
    texts = [f"{own(n)}\n{NOTICE}\n{SHORT}" for n in range(4)]
    kept, report = run(texts, tmp_path / "a", 2)
    assert kept["d0"] == texts[0]
    assert [kept[f"d{n}"] for n in (1, 2, 3)] == [f"{own(n)}\n{SHORT}" for n in (1, 2, 3)]
    assert report["changed"] == {"repeated_paragraphs_removed": 3}
    assert "惠顾" in report["examples"]["changed"]["repeated_paragraphs_removed"][0]["before"]  # type: ignore[index]


@pytest.mark.parametrize("limit", [0, 4])
def test_what_stands_in_few_documents_stays_everywhere(tmp_path: Path, limit: int) -> None:
    texts = [f"{own(n)}\n{NOTICE}" for n in range(4)]
    assert list(run(texts, tmp_path / "a", limit)[0].values()) == texts


def test_a_document_with_nothing_of_its_own_goes(tmp_path: Path) -> None:
    # One line each of two earlier documents: near neither of them.
    texts = [f"{own(1)}\n{own(2)}\n{own(3)}", f"{own(4)}\n{own(5)}\n{own(6)}", f"{own(1)}\n{own(4)}"]
    kept, report = run(texts, tmp_path / "a", 1)
    assert list(kept) == ["d0", "d1"]
    assert report["dropped"] == {"repeated_paragraphs": 1}


def test_duplicates_do_not_count(tmp_path: Path) -> None:
    texts = [f"{own(1)}\n{NOTICE}"] * 3
    assert run(texts, tmp_path / "a", 1)[0] == {"d0": texts[0]}


@pytest.mark.slow
def test_parts_and_buckets_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(5)
    texts = ["\n".join(own(rng.randrange(60)) for _ in range(6)) for _ in range(80)]
    one, _ = run(texts, tmp_path / "one", 1)
    lines = Counter(line for text in one.values() for line in set(text.split("\n")))
    assert set(lines.values()) == {1}
    monkeypatch.setattr(pipeline, "part_bytes", lambda files: 3000)
    monkeypatch.setattr(paragraphs, "BUCKET", 7)
    assert run(texts, tmp_path / "many", 1)[0] == one
