from pathlib import Path

import pytest

from gaupt.workers.watch import watch


def die_at(path: Path, *items: str, last: str | None) -> frozenset[str]:
    """A try that passes ``items`` and dies at the ``last``; what it would have left out."""
    with pytest.raises(KeyboardInterrupt), watch(path) as watched:
        for item in items:
            watched.at(item)
            if item == last:
                raise KeyboardInterrupt  # as little is done as where a process is killed
    return watched.set_aside


def test_what_ends_well_leaves_nothing(tmp_path: Path) -> None:
    with watch(tmp_path / "folder" / "a") as watched:
        watched.at("x")
        assert (tmp_path / "folder" / "a").exists()
    assert list((tmp_path / "folder").iterdir()) == []
    assert watched.set_aside == frozenset()


def test_an_item_is_set_aside_at_the_fourth_try(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for _ in range(3):
        assert die_at(path, "x", "y", "z", last="y") == frozenset()
    with watch(path) as watched:
        assert watched.set_aside == {"y"}
    assert not path.exists()


def test_a_second_item_needs_three_deaths_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for _ in range(3):
        die_at(path, "x", "y", "z", last="y")
    for _ in range(3):
        assert die_at(path, "x", "z", last="z") == {"y"}
    assert die_at(path, "x", last="x") == {"y", "z"}


def test_deaths_at_several_items_are_nobodys(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for last in ("x", "x", "y", "z", "y"):
        assert die_at(path, "x", "y", "z", last=last) == frozenset()


def test_the_first_try_does_not_tell_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with watch(path) as watched:
        watched.at("x")
        assert path.read_text() == "\n"
    die_at(path, "x", last="x")
    with watch(path) as watched:
        watched.at("x")
        assert path.read_text() == "\nx\n"
