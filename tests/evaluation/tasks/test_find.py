from pathlib import Path

import pytest

from gaupt.errors import GauptError
from gaupt.evaluation.tasks.find import find_task, find_tasks


@pytest.mark.parametrize(("name", "found"), [("TNEWS", "tnews"), ("wsc", "cluewsc"), ("cmrc", "cmrc2018")])
def test_tasks_go_by_the_names_in_use(name: str, found: str) -> None:
    assert find_task(name).name == found


def test_a_name_that_is_none_brings_the_nearest() -> None:
    with pytest.raises(GauptError, match=r"no task named 'tnew' \(did you mean tnews\?"):
        find_task("tnew")


def test_a_group_stands_for_its_members_each_once() -> None:
    names = [task.name for task in find_tasks(["clue9", "tnews", "ocnli"])]
    assert len(names) == 10
    assert names[-1] == "ocnli"


def test_two_tasks_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "tnews.toml"
    path.write_text('kind = "reading"\n[files]\ntrain = "a"\ndev = "b"\n', encoding="utf-8")
    for names in (["tnews", str(path)], [str(path), "tnews"]):
        with pytest.raises(GauptError, match="two tasks are called 'tnews'"):
            find_tasks(names)


def test_a_group_is_no_task(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="clue10 is a group; name one of its tasks: afqmc, tnews"):
        find_task("clue10")


def test_a_path_in_the_place_of_a_task_is_told(tmp_path: Path) -> None:
    (tmp_path / "dev.json").touch()
    for path, what in ((tmp_path, "folder"), (tmp_path / "dev.json", "file")):
        with pytest.raises(GauptError, match=rf"is a {what}, not a task; name a task \(afqmc, "):
            find_task(str(path))
