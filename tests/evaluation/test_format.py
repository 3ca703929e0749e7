from pathlib import Path

import pytest

from gaupt.errors import GauptError
from gaupt.evaluation.format import read_results, write_results
from gaupt.seal import verify


def test_results_list_every_file(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "a.json").write_text("{}", encoding="utf-8")
    results = write_results(tmp_path, {"protocol": "probe"})
    assert list(results["files"]) == ["runs/a.json"]
    assert list(verify(tmp_path)) == ["", ""]
    (tmp_path / "runs" / "a.json").write_text("{ }", encoding="utf-8")
    assert any("a.json" in problem for problem in verify(tmp_path))


def test_damaged_results_are_told(tmp_path: Path) -> None:
    write_results(tmp_path, {"protocol": "probe"})
    path = tmp_path / "results.json"
    path.write_text(path.read_text(encoding="utf-8").replace("probe", "prove"), encoding="utf-8")
    with pytest.raises(GauptError, match=r"results\.json is missing or damaged"):
        read_results(tmp_path)
    assert len([problem for problem in verify(tmp_path) if problem]) == 1
