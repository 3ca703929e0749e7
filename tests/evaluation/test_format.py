from pathlib import Path

import pytest

from gaupt.errors import GauptError
from gaupt.evaluation.format import read_results, write_results
from gaupt.files import write_sealed_json
from gaupt.seal import listed


def test_results_complete_a_folder_whose_list_names_every_file(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "a.json").write_text("{}", encoding="utf-8")
    write_results(tmp_path, {"protocol": "probe"})
    assert read_results(tmp_path)["protocol"] == "probe"
    assert list(listed(tmp_path)) == ["runs/a.json", "results.json"]


@pytest.mark.parametrize("change", [{"format": "gaupt-shards"}, {"format": None}])
def test_another_sealed_file_is_no_results(change: dict[str, str | None], tmp_path: Path) -> None:
    results = write_results(tmp_path, {"protocol": "probe"})
    write_sealed_json(tmp_path / "results.json", results | change)
    with pytest.raises(GauptError, match=r"results\.json is missing or damaged"):
        read_results(tmp_path)


def test_damaged_results_are_told(tmp_path: Path) -> None:
    write_results(tmp_path, {"protocol": "probe"})
    path = tmp_path / "results.json"
    path.write_text(path.read_text(encoding="utf-8").replace("probe", "prove"), encoding="utf-8")
    with pytest.raises(GauptError, match=r"results\.json is missing or damaged"):
        read_results(tmp_path)
