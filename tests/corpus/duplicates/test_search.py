import random
import resource
from pathlib import Path

import pytest

from gaupt.config import CleanConfig, Config
from gaupt.corpus import clean as pipeline
from gaupt.corpus.clean import clean
from gaupt.corpus.documents import Document, document_line, read_documents
from gaupt.corpus.duplicates import search as duplicates
from gaupt.corpus.duplicates.minhash import jaccard, shingle_set
from gaupt.text.characters import letters
from tests.corpus.made import edited, random_text


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


def test_buckets_do_not_change_what_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(2)
    texts = [random_text(rng, 60) for _ in range(40)]
    texts += [edited(text, rng, 1) for text in texts] + texts[:7]
    one = run(texts, tmp_path / "one")
    monkeypatch.setattr(duplicates, "BUCKET", 10)
    assert run(texts, tmp_path / "many") == one
    assert len(one) == 40
