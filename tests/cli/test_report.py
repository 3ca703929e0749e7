import json
from pathlib import Path

import pytest

from tests.cli.conftest import Gaupt


@pytest.mark.slow
def test_it_writes_one_page_and_says_where(gaupt: Gaupt, prepared: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    done = gaupt("report", prepared, "-o", page)
    assert (done.out, done.err) == ("", f"wrote {page}\n")
    assert "exact duplicate" in page.read_text()
    assert gaupt("report", prepared, "-o", page, "--quiet").err == ""
    assert json.loads(gaupt("report", prepared, "-o", page, "--json").out) == {"output": str(page)}


@pytest.mark.parametrize(
    ("chosen", "locale", "shown"),
    [
        ((), "zh_CN.UTF-8", "词元分片"),
        ((), "en_US.UTF-8", "Token shards"),
        (("--language", "zh"), "C", "词元分片"),
    ],
)
def test_the_page_is_in_the_language_of_the_reader(
    gaupt: Gaupt, shards_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    chosen: tuple[str, ...], locale: str, shown: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("LC_ALL", locale)
    gaupt("report", shards_folder, "-o", tmp_path / "r.html", *chosen).done()
    assert shown in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_another_language_is_refused(gaupt: Gaupt, shards_folder: Path, tmp_path: Path) -> None:
    message = gaupt("report", shards_folder, "-o", tmp_path / "r.html", "--language", "fr").error()
    assert "no language 'fr': what people read comes in en or zh" in message
    assert not (tmp_path / "r.html").exists()


def test_a_mistake_is_one_line(gaupt: Gaupt, tmp_path: Path) -> None:
    assert "not a folder that gaupt wrote" in gaupt("report", tmp_path, "-o", tmp_path / "r.html").error()
    assert "is a folder; give a file in it" in gaupt("report", tmp_path, "-o", tmp_path).error()


def test_several_folders_and_files_of_bench_share_one_page(
    gaupt: Gaupt, prepared: Path, shards_folder: Path, tmp_path: Path
) -> None:
    page = tmp_path / "new" / "report.html"
    gaupt("report", prepared / "clean", shards_folder, "-o", page).done()
    text = page.read_text()
    assert "exact duplicate" in text and "Token shards" in text
    gaupt("report", shards_folder, "-o", page).done()
    assert "exact duplicate" not in page.read_text()


def test_both_a_folder_and_a_file_to_write_are_needed(gaupt: Gaupt, prepared: Path, tmp_path: Path) -> None:
    assert "Missing argument 'DIR...'" in gaupt("report", "-o", tmp_path / "r.html").error()
    assert "Missing option '-o'" in gaupt("report", prepared).error()


def test_quiet_and_json_leave_stderr_empty(gaupt: Gaupt, shards_folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "r.html"
    quiet = gaupt("report", shards_folder, "-o", page, "--quiet").done()
    assert (quiet.out, quiet.err) == ("", "")
    assert gaupt("report", shards_folder, "-o", page, "--json").done().err == ""


def test_what_has_nothing_to_report_is_one_line(gaupt: Gaupt, prepared: Path, tmp_path: Path) -> None:
    (tmp_path / "text.txt").touch()
    message = gaupt("report", tmp_path / "text.txt", "-o", tmp_path / "r.html").error()
    assert "text.txt is no file of gaupt bench --json; give that, or folders that gaupt wrote" in message
    message = gaupt("report", prepared.parent / "nowhere", "-o", tmp_path / "r.html").error()
    assert "nowhere does not exist" in message
    assert not (tmp_path / "r.html").exists()


def test_a_file_that_is_no_report_is_left_alone(gaupt: Gaupt, shards_folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "metrics.jsonl"
    page.write_text('{"step": 1}')
    assert "metrics.jsonl is there and no report" in gaupt("report", shards_folder, "-o", page).error()
    assert page.read_text() == '{"step": 1}'
    assert "cannot write /proc/r.html" in gaupt("report", shards_folder, "-o", "/proc/r.html").error()
    below = gaupt("report", shards_folder, "-o", page / "r.html").error()
    assert "metrics.jsonl is a file, where a folder has to be" in below
