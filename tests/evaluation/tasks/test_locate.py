from dataclasses import replace
from pathlib import Path

import pytest

from gaupt.errors import GauptError
from gaupt.evaluation.tasks.locate import locate, read_rows
from gaupt.evaluation.tasks.registry import TASKS
from tests.evaluation.tasks.made import PAIRS, write_lines

AFQMC, C3 = TASKS["afqmc"], TASKS["c3"]


def touch(folder: Path, *names: str) -> None:
    for name in names:
        write_lines(folder / name, PAIRS)


@pytest.mark.parametrize("name", ["afqmc", "AFQMC", "afqmc_public"])
def test_the_folder_goes_by_the_names_in_use(tmp_path: Path, name: str) -> None:
    touch(tmp_path / name, "train.json", "dev.json")
    assert locate(AFQMC, tmp_path).dev == (tmp_path / name / "dev.json",)


def test_an_empty_folder_does_not_hide_the_one_with_the_files(tmp_path: Path) -> None:
    (tmp_path / "afqmc").mkdir()
    touch(tmp_path / "afqmc_public", "train.json", "dev.json")
    assert locate(AFQMC, tmp_path).folder == tmp_path / "afqmc_public"


def test_fewclues_files_are_told_from_clues(tmp_path: Path) -> None:
    touch(tmp_path, "train.json", "dev.json")
    assert not locate(AFQMC, tmp_path).few_shot
    touch(tmp_path, "test_public.json")
    assert locate(AFQMC, tmp_path).few_shot


def test_the_folder_may_be_given_itself(tmp_path: Path) -> None:
    touch(tmp_path, "train.json", "dev.json")
    files = locate(AFQMC, tmp_path)
    assert (files.folder, files.test) == (tmp_path, ())


def test_fewclues_names_are_known_and_its_labelled_test_comes_first(tmp_path: Path) -> None:
    touch(tmp_path / "afqmc", "train_0.json", "dev_0.json", "test.json", "test_public.json")
    files = locate(AFQMC, tmp_path)
    assert [path.name for path in (*files.train, *files.dev, *files.test)] == [
        "train_0.json",
        "dev_0.json",
        "test_public.json",
    ]


def test_a_split_of_several_files_needs_all_of_them(tmp_path: Path) -> None:
    touch(tmp_path / "c3", "m-train.json", "m-dev.json", "d-dev.json")
    with pytest.raises(GauptError, match=r"no m-train\.json and d-train\.json or c3-m-train"):
        locate(C3, tmp_path)
    touch(tmp_path / "c3", "d-train.json")
    assert len(locate(C3, tmp_path).train) == 2


def test_what_is_missing_is_named_with_where_it_comes_from(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match=r"no folder afqmc/ .*github.com/CLUEbenchmark/CLUE .*unpack it to"):
        locate(AFQMC, tmp_path)
    touch(tmp_path / "afqmc", "train.json")
    with pytest.raises(GauptError, match=r"no dev\.json or"):
        locate(AFQMC, tmp_path)
    with pytest.raises(GauptError, match="is no folder"):
        locate(AFQMC, tmp_path / "none")


def test_other_training_files_stand_in_for_the_tasks_own(tmp_path: Path) -> None:
    touch(tmp_path / "afqmc", "dev.json")
    touch(tmp_path / "bustm", "train.json", "dev.json")
    files = locate(AFQMC, tmp_path, ["bustm/train.json", "bustm/dev.json"])
    assert len(read_rows(AFQMC, files.train)) == 2 * len(PAIRS)
    with pytest.raises(GauptError, match=r"bustm/none\.json does not exist \(evaluate\.tasks\.afqmc"):
        locate(AFQMC, tmp_path, ["bustm/none.json"])


def test_an_own_tasks_files_stand_beside_its_description(tmp_path: Path) -> None:
    own = replace(AFQMC, name="mine", root=tmp_path)
    touch(tmp_path, "train.json", "dev.json")
    touch(tmp_path / "mine", "train.json")
    assert locate(own, tmp_path / "elsewhere").train == (tmp_path / "train.json",)
