from pathlib import Path

import numpy as np
import pytest

from gaupt.corpus.duplicates import groups
from gaupt.corpus.duplicates.groups import Group, Search, buckets_for, group_parts, search_of
from gaupt.corpus.part_files import PartFiles
from gaupt.workers import local_crew


@pytest.fixture(autouse=True)
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "GROUP", 10)
    monkeypatch.setattr(groups, "BUCKET", 4)


def test_parts_are_grouped_as_long_as_they_fit(tmp_path: Path) -> None:
    parts = tuple(PartFiles(tmp_path, name) for name in "abcdef")
    assert group_parts(parts, [4, 6, 1, 12, 0, 3]) == [
        Group(0, parts[:2], 0, 10),
        Group(1, parts[2:3], 10, 11),
        Group(2, parts[3:4], 11, 23),
        Group(3, parts[4:], 23, 26),
    ]
    assert group_parts([], []) == []


def test_parts_may_weigh_more_than_their_documents(tmp_path: Path) -> None:
    parts = tuple(PartFiles(tmp_path, name) for name in "abc")
    assert group_parts(parts, [1, 2, 3], [5, 6, 4]) == [Group(0, parts[:1], 0, 1), Group(1, parts[1:], 1, 6)]


def test_a_search_knows_the_group_of_a_document(tmp_path: Path) -> None:
    search = search_of([Group(0, (), 0, 3), Group(1, (), 3, 3), Group(2, (), 3, 5)], tmp_path)
    assert (search.starts, search.groups, search.total) == ((0, 3, 3, 5), 3, 5)
    assert search.group_of(np.arange(5, dtype=np.uint64)).tolist() == [0, 0, 0, 2, 2]
    assert search_of([], tmp_path).total == 0


@pytest.mark.parametrize(("keys", "buckets"), [(0, 1), (1, 1), (4, 1), (5, 2), (8, 2), (9, 3)])
def test_a_bucket_holds_so_many_keys(keys: int, buckets: int) -> None:
    assert buckets_for(keys) == buckets


def square(search: Search, task: int) -> int:
    search.path("squares", task).write_text(f"{search.total}: {task}")
    return task * task


def test_the_results_of_a_phase_are_in_the_order_of_its_tasks(tmp_path: Path) -> None:
    search = Search(tmp_path, (0, 7))
    with local_crew(1) as crew:
        assert search.run(crew, "squares", square, [3, 1, 2]) == [9, 1, 4]
    assert search.path("squares", 3) == tmp_path / "squares" / "00003"
    assert search.path("squares", 3).read_text() == "7: 3"
