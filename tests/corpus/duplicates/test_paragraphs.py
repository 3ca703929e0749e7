import json
import pickle
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from gaupt.config import CleanConfig, Config
from gaupt.corpus import clean_parts
from gaupt.corpus.clean import clean
from gaupt.corpus.documents import read_documents
from gaupt.corpus.duplicates import groups
from gaupt.corpus.duplicates.groups import group_parts, search_of
from gaupt.corpus.duplicates.paragraphs import Repeated, find_repeated, paragraph_hashes, without
from gaupt.corpus.duplicates.search import Duplicates
from gaupt.corpus.part_files import PartFiles
from gaupt.text.characters import common_han, traditional_only
from gaupt.workers import local_crew

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


def save(folder: Path, *parts: list[list[int]]) -> list[PartFiles]:
    """A part for each list of rows of a hash and the position of a document, of which a part has three."""
    files = [PartFiles(folder, name) for name, _ in zip("abc", parts, strict=False)]
    for part, rows in zip(files, parts, strict=True):
        np.save(part.paragraphs, np.array(rows, np.uint64).reshape(-1, 2))
        np.save(part.keys, np.zeros((3, 2), np.uint64))
    return files


def find(parts: list[PartFiles], limit: int, gone: tuple[int, ...] = ()) -> Repeated:
    """Search among the parts, as if those ``gone`` had been found to be duplicates."""
    made = group_parts(parts, [3] * len(parts))

    @dataclass(frozen=True)
    class Known(Duplicates):
        def numbers(self, group: int) -> npt.NDArray[np.uint64]:
            start, stop = self.search.starts[group : group + 2]
            return np.array([number for number in gone if start <= number < stop], np.uint64)

    duplicates = Known(search_of(made, parts[0].folder / f"of-{limit}"), False, False)
    with local_crew(1) as crew:
        return find_repeated(
            made, sum(len(np.load(part.paragraphs)) for part in parts), duplicates, limit, crew
        )


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


@pytest.mark.parametrize("group", [1, 1 << 20])
@pytest.mark.parametrize("bucket", [1, 3, 1 << 20])
def test_repeated_paragraphs_by_document(
    bucket: int, group: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "BUCKET", bucket)
    monkeypatch.setattr(groups, "GROUP", group)
    # Of documents 0 to 2 and 3 to 5; 4 is gone.
    parts = save(
        tmp_path,
        [[10, 0], [11, 0], [11, 1], [12, 1], [10, 2]],
        [[10, 0], [12, 1], [11, 1], [11, 2], [10, 2]],
    )
    found = {limit: find(parts, limit, (4,)) for limit in (1, 2, 3, 4)}
    assert found[1].between(0, 6) == found[2].between(0, 6) == {1: {11}, 2: {10}, 3: {10}, 5: {10, 11}}
    assert found[3].between(0, 6) == {2: {10}, 3: {10}, 5: {10}}
    assert found[4].between(0, 6) == {}
    assert found[1].between(1, 3) == {1: {11}, 2: {10}}
    assert found[1].between(2, 4) == {2: {10}, 3: {10}}
    assert found[1].between(6, 9) == {}


def test_what_would_run_code_is_not_loaded(tmp_path: Path) -> None:
    (part,) = save(tmp_path, [[10, 0]])
    part.paragraphs.write_bytes(pickle.dumps([(7, 5)]))
    with pytest.raises(ValueError, match="pickled"):
        find([part], 1)


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
    monkeypatch.setattr(clean_parts, "part_bytes", lambda files: 3000)
    monkeypatch.setattr(groups, "BUCKET", 7)
    assert run(texts, tmp_path / "many", 1)[0] == one
