"""The whole page: which folders make which sections, in which language."""

import re
from pathlib import Path

import pytest

from gaupt.errors import GauptError
from gaupt.report.page import write_report
from tests.report.runs import SUMMARY, write_run
from tests.report.said import words


def headings(page: Path) -> list[str]:
    return [words(found) for found in re.findall("<h2>(.*?)</h2>", page.read_text(encoding="utf-8"))]


def test_a_folder_is_no_page(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="is a folder; give a file in it"):
        write_report([], tmp_path)


@pytest.mark.slow
def test_a_prepared_folder_and_a_run_make_a_section_each(prepared: Path, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", summary=SUMMARY)
    write_report([prepared, run], tmp_path / "r.html", language="en")
    assert headings(tmp_path / "r.html") == ["Corpus", "Tokenizer", "Token shards", "Pretraining: run"]
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<title>gaupt report: prepared, run</title>" in page
    assert page.index('<ul class="lead">') < page.index("<nav") < page.index("<h2>")


def test_several_runs_are_compared_first_and_told_apart_by_their_folders(tmp_path: Path) -> None:
    runs = [write_run(tmp_path / name / "run") for name in "ab"]
    write_report(runs, tmp_path / "r.html", language="en")
    assert headings(tmp_path / "r.html") == ["Comparison of runs", "Pretraining: a/run", "Pretraining: b/run"]


def test_predictions_come_last(tmp_path: Path) -> None:
    predictions = [{"text": "天[MASK]", "masks": [[{"token": "地", "probability": 0.5}]]}]
    write_report([write_run(tmp_path / "run")], tmp_path / "r.html", predictions, language="en")
    assert headings(tmp_path / "r.html") == ["Pretraining: run", "Fill-mask examples"]


def test_the_language_is_asked_for_or_that_of_the_locale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = write_run(tmp_path / "run")
    for name in ("LANGUAGE", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    write_report([run], tmp_path / "zh.html")
    assert headings(tmp_path / "zh.html") == ["预训练：run"]
    assert '<html lang="zh-Hans">' in (tmp_path / "zh.html").read_text(encoding="utf-8")
    write_report([run], tmp_path / "en.html", language="en")
    assert headings(tmp_path / "en.html") == ["Pretraining: run"]
