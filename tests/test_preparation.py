import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from gaupt.config import Config
from gaupt.demo import sample_documents
from gaupt.errors import GauptError
from gaupt.inspection import kind_of
from gaupt.preparation import describe, plan, prepare


def test_it_leaves_the_three_folders_and_one_report(prepared: Path) -> None:
    assert [kind_of(prepared / part) for part in ("clean", "tokenizer", "shards")] == [
        "documents",
        "tokenizer",
        "shards",
    ]
    report = json.loads((prepared / "report.json").read_text())
    assert report.keys() == {"clean", "tokenizer", "shards"}
    assert (
        report["shards"]["train"]["documents"] + report["shards"]["validation"]["documents"]
        == report["clean"]["kept"]
    )


def test_a_second_call_returns_the_same_and_writes_nothing(prepared: Path, tiny_config: Config) -> None:
    before = {path: path.stat().st_mtime_ns for path in (prepared / "shards").glob("*.bin")}
    again = prepare([sample_documents()], prepared, tiny_config, workers=1)
    assert again == json.loads((prepared / "report.json").read_text())
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.mark.slow
def test_the_plan_says_what_is_there_and_writes_nothing(
    prepared: Path, tiny_config: Config, tmp_path: Path
) -> None:
    there = plan([sample_documents()], prepared, tiny_config).facts
    new = plan([sample_documents()], tmp_path / "p", tiny_config).facts
    assert there["clean"].endswith("clean (complete)") and "clean (new): about 2" in new["clean"]
    assert there["time"] == "nothing is left to do" and new["time"].startswith("about ")
    assert (new["files"], new["tokenizer"][-26:]) == (there["files"], "char, 1,500 pieces at most")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_plan_tells_the_tokens_and_the_time_of_each_stage(
    prepared: Path, tiny_config: Config, tmp_path: Path
) -> None:
    report = json.loads((prepared / "report.json").read_text())["shards"]
    tokens = sum(split["tokens"] for split in report.values())
    guess = plan([sample_documents()], tmp_path / "p", tiny_config, workers=1).details["estimate"]
    assert guess["tokens"] == pytest.approx(tokens, rel=0.3)
    assert guess["kept"] == pytest.approx(225, abs=10)
    assert guess["seconds"].keys() == {"clean", "tokenizer", "shards"}
    assert guess["warnings"] == []
    # What is there takes no time: then the documents and the tokenizer themselves tell the rest.
    shutil.copytree(prepared / "clean", tmp_path / "q" / "clean")
    shutil.copytree(prepared / "tokenizer", tmp_path / "q" / "tokenizer")
    rest = plan([sample_documents()], tmp_path / "q", tiny_config, workers=1)
    assert (
        rest.details["estimate"]["seconds"]["clean"] == rest.details["estimate"]["seconds"]["tokenizer"] == 0
    )
    assert "(shards " in rest.facts["time"]
    assert rest.details["estimate"]["tokens"] == pytest.approx(tokens, rel=0.1)


@pytest.mark.slow
def test_documents_that_are_all_dropped_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("你好。")
    assert "too_short 1" in plan([tmp_path / "a.txt"], tmp_path / "p").text
    with pytest.raises(GauptError, match=r"dropped \(too_short 1\); .* --profile short --overwrite"):
        prepare([tmp_path / "a.txt"], tmp_path / "p", workers=1)


@pytest.mark.slow
def test_changed_options_are_refused_in_the_plan_too(prepared: Path) -> None:
    other = Config.model_validate({"clean": {"profile": "short"}})
    with pytest.raises(GauptError, match="profile article -> short"):
        plan([sample_documents()], prepared, other)
    assert plan([sample_documents()], prepared, other, overwrite=True).facts["files"] > 0


def test_people_read_tables_and_three_lines(prepared: Path) -> None:
    report = json.loads((prepared / "report.json").read_text())
    text = describe(report, prepared)
    assert "Documents by source" in text
    assert text.splitlines()[-3].startswith("documents: 225 of 231 kept")
    assert text.splitlines()[-1].startswith("shards:    ")


@pytest.mark.parametrize(
    "section", [{"tokenizer": {"user_dictionary": "no.txt"}}, {"shards": {"exclude": ["no.txt"]}}]
)
def test_a_file_that_a_later_stage_needs_is_missed_before_the_first(
    section: dict[str, Any], tmp_path: Path
) -> None:
    for call in (plan, prepare):
        with pytest.raises(GauptError, match=r"no\.txt does not exist"):
            call([sample_documents()], tmp_path / "p", Config.model_validate(section))
    assert list(tmp_path.iterdir()) == []
