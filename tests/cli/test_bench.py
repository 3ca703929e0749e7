"""``gaupt bench`` from the outside, at a size of seconds."""

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Gaupt

SMALL = ("--layers", "1", "--length", "32", "--batch-tokens", "32", "--rounds", "1", "--quiet")


@pytest.mark.slow
def test_every_contestant_is_measured(tmp_path: Path, gaupt: Gaupt) -> None:
    file = tmp_path / "bench.json"
    done = gaupt("bench", *SMALL, "--only", "GAU-1", "--only", "RoFormerV2", "--json", file)
    assert done.status == 0
    report = json.loads(file.read_text())
    assert [(result["name"], result["mode"]) for result in report["results"]] == [
        ("GAU-1", "forward"),
        ("RoFormerV2-1", "forward"),
        ("GAU-1", "training"),
        ("RoFormerV2-1", "training"),
    ]
    for result in report["results"]:
        assert result["tokens_per_second"] > 0 and result["peak_share"] > 0
        assert result["peak_memory"] > 2**20
        assert result["ratio"] * result["first_is"] == pytest.approx(1)
    assert report["results"][0]["ratio"] == 1.0
    gau, roformer = report["results"][:2]
    assert roformer["first_flops"] == pytest.approx(gau["flops_per_token"] / roformer["flops_per_token"])
    assert "RoFormerV2-1" in done.out and "GAU-1 is" in done.out


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="compiling for a CPU needs g++")
@pytest.mark.filterwarnings("ignore")
def test_the_faster_of_eager_and_compiled_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gaupt: Gaupt
) -> None:
    monkeypatch.setattr("gaupt.bench.race.peak_memory", lambda *_: 1)
    monkeypatch.setattr("gaupt.bench.race.MODES", ("forward",))
    file = tmp_path / "bench.json"
    assert gaupt("bench", *SMALL, "--only", "GAU-1", "--compile", "--json", file).status == 0
    for result in json.loads(file.read_text())["results"]:
        both = [result[f"{way}_tokens_per_second"] for way in ("eager", "compiled")]
        assert result["tokens_per_second"] == max(both) == both[result["compiled"]]


def test_a_mistake_is_one_line(monkeypatch: pytest.MonkeyPatch, gaupt: Gaupt) -> None:
    assert "--only Mamba" in gaupt("bench", "--only", "Mamba", "--quiet").error()
    assert "--precision float8: choose" in gaupt("bench", "--precision", "float8").error()
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert "--compile needs a C++ compiler" in gaupt("bench", "--compile", "--quiet").error()
