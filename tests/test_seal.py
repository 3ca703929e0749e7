"""The list of a folder's files: what stands on it, and that every damage is found by it."""

import json
import random
import shutil
from pathlib import Path

import pytest

from gaupt.errors import GauptError
from gaupt.files import write_sealed_json
from gaupt.seal import (
    LIST,
    MANIFEST,
    check,
    close,
    facts_of,
    facts_of_file,
    list_files,
    listed,
    verify,
    write_list,
)

OURS = ["*.txt", "plain", "inner"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A complete folder that holds a plain folder, and one that has a list of its own."""
    folder = tmp_path / "whole"
    for name in ("a.txt", "b.txt", "plain/c.txt", "inner/d.txt", "inner/e.txt", "wandb/log"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"this is {name}", encoding="utf-8")
    (folder / ".lock").write_text("pid 1")
    (folder / "report.json.claim").write_text("pid 1")
    (folder / "plain" / ".hidden").write_text("")
    close(folder / "inner", "inner.json", b"{}", ["*"])
    close(folder, "report.json", b'{"kept": 1}', OURS)
    return folder


def problems(folder: Path) -> list[str]:
    return [problem for problem in verify(folder) if problem]


def test_a_list_names_all_files_and_of_a_folder_with_a_list_that(folder: Path) -> None:
    assert sorted(listed(folder)) == ["a.txt", "b.txt", "inner/files.json", "plain/c.txt", "report.json"]
    assert listed(folder)["a.txt"] == facts_of_file(folder / "a.txt") == facts_of(b"this is a.txt")
    assert (folder / "report.json").read_bytes() == b'{"kept": 1}'


def test_a_whole_folder_verifies_file_by_file_with_its_lists(folder: Path) -> None:
    # Two lists, a.txt, b.txt, c.txt, report.json, and d.txt, e.txt, inner.json inside.
    assert list(verify(folder)) == [""] * 9
    check(folder)


def test_what_others_put_there_and_links_to_folders_are_on_no_list(folder: Path) -> None:
    (folder / "plain" / "round").symlink_to(folder)
    assert "wandb/log" not in listed(folder)
    assert [name for name in list_files(folder) if "round" in name] == []
    (folder / "round").symlink_to(folder)
    (folder / "log.out").write_text("running")
    assert problems(folder) == []


def test_a_folder_inside_with_a_list_is_verified_though_it_is_on_none(folder: Path) -> None:
    later = folder / "parquet"
    later.mkdir()
    (later / "a.parquet").write_text("a")
    write_list(later, list_files(later))
    assert problems(folder) == []
    (later / "a.parquet").write_text("b")
    assert problems(folder) == [f"{later / 'a.parquet'} is damaged: its sha256 is not the recorded one"]


def test_what_is_known_of_a_file_is_not_asked_for(folder: Path) -> None:
    known = {"a.txt": {"bytes": 1, "sha256": "told"}}
    assert list_files(folder, known=known)["a.txt"] == known["a.txt"]


def test_the_marker_is_the_last_file_that_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gaupt.seal.write_bytes", lambda *_: pytest.fail("killed"))
    with pytest.raises(pytest.fail.Exception):
        close(tmp_path, "report.json", b"{}", ["*"])
    assert [path.name for path in tmp_path.iterdir()] == [LIST]
    assert problems(tmp_path) == [f"{tmp_path / 'report.json'} is missing"]


def test_closing_again_gives_the_same_list(folder: Path) -> None:
    before = (folder / LIST).read_bytes()
    close(folder, "report.json", b'{"kept": 1}', OURS)
    assert (folder / LIST).read_bytes() == before


@pytest.mark.parametrize(
    "name", ["a.txt", "plain/c.txt", "inner/d.txt", "inner/files.json", "report.json", LIST]
)
@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "remove", "longer"])
def test_any_damage_is_found_and_its_file_named(name: str, damage: str, folder: Path) -> None:
    path, draw = folder / name, random.Random(0)
    data = bytearray(path.read_bytes())
    if damage == "flip":
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    changed = {"cut": data[:-1], "empty": b"", "longer": data + b" "}.get(damage, data)
    path.unlink() if damage == "remove" else path.write_bytes(changed)
    found = problems(folder)
    assert len(found) == 1 and str(path) in found[0]
    if not name.startswith("inner/d"):  # which stands on the list inside
        with pytest.raises(
            GauptError, match=f"{path}.*copy the folder again, or make it anew with --overwrite"
        ):
            check(folder)


def test_files_that_changed_places_are_found(folder: Path) -> None:
    for one, other in (("a.txt", "b.txt"), ("inner/d.txt", "inner/e.txt")):
        (folder / one).rename(folder / "x")
        (folder / other).rename(folder / one)
        (folder / "x").rename(folder / other)
    assert len(problems(folder)) == 4


def test_a_folder_inside_that_was_put_in_place_of_another_is_found(folder: Path) -> None:
    shutil.rmtree(folder / "inner")
    (folder / "inner").mkdir()
    (folder / "inner" / "d.txt").write_text("another")
    close(folder / "inner", "inner.json", b"{}", ["*"])
    assert len(found := problems(folder)) == 1
    assert found[0].startswith(f"{folder / 'inner' / LIST} is damaged: it has ")


def test_some_files_alone_may_be_checked_and_by_their_sizes_alone(folder: Path) -> None:
    (folder / "a.txt").write_bytes(b"THIS is a.txt")
    check(folder, ["b.txt", "not listed"])
    check(folder, ["a.txt"], content=False)
    with pytest.raises(GauptError, match=r"a\.txt is damaged: its sha256"):
        check(folder, ["a.txt"])
    (folder / "a.txt").write_bytes(b"")
    with pytest.raises(GauptError, match=r"a\.txt is damaged: it has 0 bytes instead of 13"):
        check(folder, ["a.txt"], content=False)


def test_the_manifest_of_a_checkpoint_may_hold_the_list_with_checksums_alone(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "a").write_text("a")
    write_sealed_json(inner / MANIFEST, {"files": {"a": facts_of(b"a")["sha256"]}})
    assert list(verify(inner, MANIFEST)) == ["", ""]
    close(tmp_path, "report.json", b"{}", ["*"])
    assert sorted(listed(tmp_path)) == ["inner/manifest.json", "report.json"]
    assert list(verify(tmp_path)) == [""] * 4
    (inner / "a").write_text("b")
    assert problems(tmp_path) == [f"{inner / 'a'} is damaged: its sha256 is not the recorded one"]


def test_another_sealed_file_is_no_list(folder: Path) -> None:
    write_sealed_json(folder / LIST, {"format": "gaupt-checkpoint", "files": {}})
    with pytest.raises(GauptError, match=r"files\.json is damaged"):
        listed(folder)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"files": []}', "[" * 100_000, "\xff"])
def test_a_list_that_says_nothing_is_damaged(text: str, tmp_path: Path) -> None:
    (tmp_path / LIST).write_text(text, encoding="latin-1")
    with pytest.raises(GauptError, match=r"files\.json is damaged: it is not what was written"):
        listed(tmp_path)


def test_a_list_sealed_without_files_is_damaged(tmp_path: Path) -> None:
    write_sealed_json(tmp_path / LIST, {"format": "gaupt-files", "files": [1]})
    with pytest.raises(GauptError, match=r"files\.json is damaged"):
        listed(tmp_path)


def test_a_folder_without_a_list_cannot_be_verified(tmp_path: Path) -> None:
    assert problems(tmp_path) == [f"{tmp_path / LIST} is missing"]


def test_a_list_is_plain_json(folder: Path) -> None:
    assert json.loads((folder / LIST).read_text())["files"]["b.txt"]["bytes"] == 13
