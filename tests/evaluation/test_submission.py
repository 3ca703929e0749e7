import zipfile
from pathlib import Path

from gaupt.evaluation.submission import test_files as files_of
from gaupt.evaluation.submission import write_submission
from tests.evaluation.small import read
from tests.evaluation.tasks.made import PAIRS, SQUAD, write_lines, write_value

TITLES = [{"sentence": "天地", "label": "102"}]


def test_test_files_go_by_the_names_of_clue_1_0_and_1_1(tmp_path: Path) -> None:
    for name in ("train", "dev", "test", "test1.0"):
        write_lines(tmp_path / f"{name}.json", TITLES)
    assert [name for name, _ in files_of(read("tnews", tmp_path))] == [
        "tnews10_predict.json",
        "tnews11_predict.json",
    ]


def test_fewclue_has_names_of_its_own(tmp_path: Path) -> None:
    for name in ("train_few_all", "dev_few_all", "test_public"):
        write_lines(tmp_path / f"{name}.json", TITLES)
    assert files_of(read("tnews", tmp_path)) == []
    write_lines(tmp_path / "test.json", TITLES)
    ((name, rows),) = files_of(read("tnews", tmp_path))
    assert (name, len(rows)) == ("tnewsf_predict.json", 1)


def test_the_zip_has_no_folders_and_the_same_bytes_every_time(tmp_path: Path) -> None:
    files = {"tnews10_predict.json": "天\n", "afqmc_predict.json": "地\n"}
    write_submission(tmp_path / "a" / "one.zip", files)
    write_submission(tmp_path / "two.zip", dict(reversed(files.items())))
    assert (tmp_path / "a" / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "two.zip") as archive:
        assert archive.namelist() == sorted(files)
        assert archive.read("afqmc_predict.json").decode() == "地\n"


def test_pairs_of_clue_are_handed_in_by_their_task(tmp_path: Path) -> None:
    for name in ("train", "dev", "test"):
        write_lines(tmp_path / f"{name}.json", PAIRS)
    assert [name for name, _ in files_of(read("afqmc", tmp_path))] == ["afqmc_predict.json"]


def test_the_name_that_cmrcs_own_repository_has_is_taken(tmp_path: Path) -> None:
    for name in ("train", "dev", "cmrc2018_test_2k"):
        write_value(tmp_path / f"{name}.json", SQUAD)
    ((name, rows),) = files_of(read("cmrc2018", tmp_path))
    assert (name, len(rows)) == ("cmrc2018_predict.json", 2)
