"""Which kind a folder is, and what is said of one that is not the kind that was wanted."""

import os
from pathlib import Path

import pytest

from gaupt.config import Config
from gaupt.errors import GauptError
from gaupt.exporting import hf
from gaupt.files import write_sealed_json
from gaupt.folders import KINDS, MODELS, check_whole, kind_of, names_apart, unexpected
from gaupt.training.pretrain import pretrain
from tests.evaluation.small import write_model

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(prepared: Path, tiny_config: Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as gaupt demo leaves it, without its evaluation. Read only."""
    folder = tmp_path_factory.mktemp("folders") / "demo"
    folder.mkdir()
    (folder / "prepared").symlink_to(prepared)
    pretrain(prepared, folder / "run", tiny_config, workers=0)
    hf.export(folder / "run", folder / "export")
    return folder


PARTS = {
    "demo": ".",
    "prepared": "prepared",
    "documents": "prepared/clean",
    "tokenizer": "prepared/tokenizer",
    "shards": "prepared/shards",
    "run": "run",
    "checkpoint": "run/checkpoints/step-0000006",
    "export": "export",
}


@pytest.mark.parametrize(("kind", "part"), PARTS.items())
def test_each_kind_is_told_by_its_files(kind: str, part: str, demo: Path) -> None:
    assert kind_of(demo / part) == kind
    assert kind_of(demo / part / "config.toml") is None


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (("a/run",), ["run"]),
        (("a/run", "b/other"), ["run", "other"]),
        (("a/run", "b/run"), ["a/run", "b/run"]),
        (("x/a/run", "y/a/run", "z/b/other"), ["x/a/run", "y/a/run", "z/b/other"]),
        (("a/run", "a/run"), ["run", "run"]),
    ],
)
def test_names_have_as_many_parents_as_tell_them_apart(paths: tuple[str, ...], names: list[str]) -> None:
    assert names_apart([Path(path) for path in paths]) == names


def test_what_is_none_of_ours_has_no_kind(demo: Path, tmp_path: Path) -> None:
    assert kind_of(tmp_path) is kind_of(tmp_path / "nowhere") is kind_of(demo / "run" / "checkpoints") is None


def test_a_record_decides_where_files_are_ambiguous(tmp_path: Path) -> None:
    """A tokenizer folder without its tokenizer.json has a report.json, as documents do."""
    (tmp_path / "report.json").write_text("{}")
    assert kind_of(tmp_path) == "documents"
    write_sealed_json(tmp_path / "stage.json", {"stage": "tokenizer"})
    assert kind_of(tmp_path) is None
    (tmp_path / "stage.json").write_text('{"stage": "tokenizer"}')  # damaged: without its checksum
    assert kind_of(tmp_path) == "documents"


@pytest.mark.parametrize(
    ("given", "wanted", "meant"),
    [
        ("prepared", ("documents",), "prepared/clean"),
        ("", ("documents",), "prepared/clean"),  # two levels below
        ("prepared", ("tokenizer",), "prepared/tokenizer"),
        ("prepared/clean", ("prepared", "shards"), "prepared"),  # above
        ("prepared/clean", ("tokenizer",), "prepared/tokenizer"),  # beside
        ("", ("prepared", "shards"), "prepared"),
        ("", MODELS, "run"),
        ("prepared", MODELS, "run"),
        ("run/checkpoints", MODELS, "run"),
        ("export/model.safetensors", MODELS, "run"),
        ("prepared/clean/report.json", (), "prepared/clean"),  # the folder of a file
        ("prepared/shards/manifest.json", ("shards",), "prepared/shards"),
        ("run", ("tokenizer",), "prepared/tokenizer"),  # in what stands beside
        ("rum", MODELS, "run"),  # misspelt
        ("prepare", (), "prepared"),
    ],
)
def test_the_folder_that_was_meant_is_named(
    given: str, wanted: tuple[str, ...], meant: str, demo: Path
) -> None:
    message = str(unexpected(demo / given, *wanted, remedy="make one", hub=True))
    assert message.startswith(str(demo / given)) and message.endswith(f"; did you mean {demo / meant}?")


def test_what_was_given_what_it_is_and_what_was_wanted_are_told(demo: Path) -> None:
    assert str(unexpected(demo / "prepared", "run", "export")).startswith(
        f"{demo / 'prepared'} is a folder of gaupt prepare, not a run of gaupt pretrain or a folder of gaupt export;"
    )
    assert " is a file, not a checkpoint;" in str(unexpected(demo / "run" / "config.toml", "checkpoint"))


def test_where_nothing_is_near_the_remedy_is_told(tmp_path: Path) -> None:
    assert str(unexpected(tmp_path, *MODELS, remedy="train one")).endswith(
        "folder of gaupt export; train one"
    )
    assert str(unexpected(tmp_path)) == f"{tmp_path} is empty, not a folder that gaupt wrote"
    (tmp_path / "a").touch()
    assert str(unexpected(tmp_path, "documents")).endswith("is not a folder of gaupt clean (no report.json)")
    assert str(unexpected(tmp_path / "b", "documents", remedy="x")) == (
        f"{tmp_path / 'b'} does not exist; give a folder of gaupt clean"
    )


def test_strangers_beside_a_folder_that_is_none_of_ours_are_not_meant(tmp_path: Path) -> None:
    write_model(tmp_path / "run")
    (tmp_path / "run" / "metrics.jsonl").touch()
    (tmp_path / "mine").mkdir()
    assert "did you mean" not in str(unexpected(tmp_path / "mine", *MODELS))
    assert str(unexpected(tmp_path, *MODELS)).endswith(f"did you mean {tmp_path / 'run'}?")


def test_an_unfinished_folder_says_how_it_is_finished(tmp_path: Path) -> None:
    write_sealed_json(tmp_path / "stage.json", {"stage": "clean"})
    for wanted in (("documents",), MODELS, ()):
        assert "is not complete; run the same gaupt clean again" in str(unexpected(tmp_path, *wanted))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("hfl/chinese-roberta-wwm-ext", True),
        ("bert-base-chinese", True),
        ("run", False),
        ("./a/b", False),
        ("a/b/c", False),
    ],
)
def test_a_name_of_the_hub_is_told_how_to_download(
    name: str, told: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    message = str(unexpected(Path(name), *MODELS, hub=True))
    assert (f"hf download {name} --local-dir {Path(name).name} " in message) == told
    assert "hf download" not in str(unexpected(Path(name), *MODELS))


def test_a_url_is_to_be_downloaded() -> None:
    assert str(unexpected(Path("s3://bucket/run"), *MODELS)).startswith(
        "s3://bucket/run is a URL; download it"
    )


def test_many_folders_that_could_be_meant_are_three(tmp_path: Path) -> None:
    for name in "abcd":
        (tmp_path / name).mkdir()
        (tmp_path / name / "results.json").touch()
    assert str(unexpected(tmp_path, "evaluation")).endswith(
        f"did you mean {tmp_path / 'a'} or {tmp_path / 'b'} or {tmp_path / 'c'}, …?"
    )


def test_the_folder_that_we_are_in_is_looked_around_too(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(demo / "run")
    assert str(unexpected(Path("."), "export")).endswith(f"did you mean {os.path.join('..', 'export')}?")


def test_every_kind_is_called_something() -> None:
    assert len({kind.called for kind in KINDS.values()}) == len(KINDS)


def test_a_file_of_the_users_own_is_told_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "run" / "checkpoints").mkdir(parents=True)
    (tmp_path / "run" / "metrics.jsonl").touch()
    (tmp_path / "text.txt").touch()
    assert str(unexpected(tmp_path / "text.txt", "run", remedy="train one")).endswith("; train one")


def test_the_parts_of_a_whole_go_into_no_folder_of_another_kind(demo: Path, tmp_path: Path) -> None:
    check_whole(tmp_path / "new", "demo")
    check_whole(tmp_path, "demo")
    check_whole(demo, "demo")
    check_whole(demo / "prepared", "prepared")
    with pytest.raises(GauptError, match="run is a run of gaupt pretrain; choose another"):
        check_whole(demo / "run", "demo")
    write_sealed_json(tmp_path / "stage.json", {"stage": "clean"})
    with pytest.raises(GauptError, match="is a folder that gaupt clean has begun; choose another"):
        check_whole(tmp_path, "prepared")


def test_a_folder_copied_in_part_is_told_by_what_it_lacks(tmp_path: Path) -> None:
    for name in ("modeling_gau.py", "masked_lm.py"):
        (tmp_path / name).touch()
    assert kind_of(tmp_path) is None
    assert "is a folder of gaupt export without its config.json" in str(unexpected(tmp_path, *MODELS))
    (tmp_path / "config.json").touch()
    assert kind_of(tmp_path) == "export"


def test_a_link_to_nowhere_is_told(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("link")
    assert f"{link} is a link to link, which does not exist" in str(unexpected(link, *MODELS))
