"""The files of folders and globs: what is no file, links of every kind, and that it ends."""

import os
from collections import Counter
from pathlib import Path

import pytest

from gaupt.corpus.read.walk import BROKEN_LINK, LINK_TO_FOLDER, NO_FILE, expand, walk


def made(folder: Path, *paths: str) -> Path:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(path)
    return folder


def test_what_is_no_file_is_counted_and_what_is_hidden_is_not_looked_at(tmp_path: Path) -> None:
    folder = made(tmp_path / "in", "a.txt", "b/c.txt", ".d/e.txt", "b/.f.txt")
    (folder / "linked.txt").symlink_to("a.txt")
    (folder / "nowhere.txt").symlink_to("missing.txt")
    (folder / "one").symlink_to("two")
    (folder / "two").symlink_to("one")
    (folder / "b" / "up").symlink_to("..")
    (folder / ".hidden").symlink_to("missing")
    os.mkfifo(folder / "pipe.txt")
    passed_over, left = Counter[str](), list[Path]()
    found = walk(folder, (), lambda folder, names: False, passed_over, left.append)
    assert sorted((relative.as_posix(), size) for _, relative, size in found) == [
        ("a.txt", 5),
        ("b/c.txt", 7),
        ("linked.txt", 5),
    ]
    assert passed_over == {BROKEN_LINK: 3, LINK_TO_FOLDER: 1, NO_FILE: 1}
    assert left == []


def test_what_is_left_out_is_told_and_not_given(tmp_path: Path) -> None:
    folder = made(tmp_path / "in", "a.txt", "out/b.txt", "ours/mark", "ours/c.txt", "deep/out.txt")
    (tmp_path / "link").symlink_to("in")
    left = list[Path]()
    found = walk(
        tmp_path / "link",
        {folder / "out", folder / "deep" / "out.txt"},
        lambda folder, names: "mark" in names,
        Counter(),
        left.append,
    )
    assert [relative.as_posix() for _, relative, _ in found] == ["a.txt"]
    assert {path.relative_to(tmp_path / "link").as_posix() for path in left} == {
        "out",
        "ours",
        "deep/out.txt",
    }


def test_the_folder_itself_is_searched_whatever_is_in_it(tmp_path: Path) -> None:
    folder = made(tmp_path, "mark", "a.txt")
    found = walk(folder, (), lambda folder, names: "mark" in names, Counter(), lambda path: None)
    assert sorted(relative.name for _, relative, _ in found) == ["a.txt", "mark"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.txt", ["a.txt"]),
        ("**/*.txt", ["a.txt", "b/c.txt", "b/d/e.txt"]),
        ("b/**", ["b", "b/c.txt", "b/d", "b/d/e.txt"]),
        ("*/**/e.*", ["b/d/e.txt"]),
        ("**/.*/*", [".g/h.txt"]),
        ("**/x", []),
        ("**/d/**/*.txt", ["b/d/e.txt"]),
    ],
)
def test_globs(tmp_path: Path, pattern: str, expected: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, "a.txt", "b/c.txt", "b/d/e.txt", ".g/h.txt", "b/.i.txt")
    assert expand(str(tmp_path / pattern)) == [str(tmp_path / path) for path in expected]
    monkeypatch.chdir(tmp_path)
    assert expand(pattern) == expected


def test_links_in_circles_come_to_an_end(tmp_path: Path) -> None:
    folder = made(tmp_path / "in", "a.txt", "b/c.txt")
    for name in ("up", "back", "again"):
        (folder / "b" / name).symlink_to(folder)
    found = expand(str(folder / "**" / "*.txt"))
    assert {Path(path).resolve() for path in found} == {folder / "a.txt", folder / "b" / "c.txt"}
