import json
from pathlib import Path

from tests.cli.conftest import Gaupt


def test_it_writes_one_page_and_says_where(gaupt: Gaupt, prepared: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    done = gaupt("report", prepared, "-o", page)
    assert (done.out, done.err) == ("", f"wrote {page}\n")
    assert "exact_duplicate" in page.read_text()
    assert gaupt("report", prepared, "-o", page, "--quiet").err == ""
    assert json.loads(gaupt("report", prepared, "-o", page, "--json").out) == {"output": str(page)}


def test_a_mistake_is_one_line(gaupt: Gaupt, tmp_path: Path) -> None:
    assert "no complete folder" in gaupt("report", tmp_path, "-o", tmp_path / "r.html").error()
    assert "is a folder; give -o a file" in gaupt("report", tmp_path, "-o", tmp_path).error()
