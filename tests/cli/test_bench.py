"""``gaupt bench`` from the outside, at a size of seconds."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from gaupt.bench.contestants import contestants
from gaupt.bench.race import Options, _take_part
from gaupt.cli import main

SMALL = ("--layers", "1", "--length", "32", "--batch-tokens", "32", "--rounds", "1")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["gaupt", "bench", "--quiet", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    return int(stop.value.code or 0)


def test_every_contestant_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bench.json"
    arguments = (*SMALL, "--only", "GAU-1", "--only", "RoFormerV2", "--json")
    assert run(monkeypatch, *arguments, str(file)) == 0
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
    out = capsys.readouterr().out
    assert "RoFormerV2-1" in out and "GAU-1 is" in out


@pytest.mark.skipif(shutil.which("g++") is None, reason="compiling for a CPU needs g++")
@pytest.mark.filterwarnings("ignore")
def test_the_faster_of_eager_and_compiled_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gaupt.bench.race.peak_memory", lambda *_: 1)
    monkeypatch.setattr("gaupt.bench.race.MODES", ("forward",))
    file = tmp_path / "bench.json"
    arguments = (*SMALL, "--only", "GAU-1", "--compile", "--json")
    assert run(monkeypatch, *arguments, str(file)) == 0
    for result in json.loads(file.read_text())["results"]:
        both = [result[f"{way}_tokens_per_second"] for way in ("eager", "compiled")]
        assert result["tokens_per_second"] == max(both) == both[result["compiled"]]


def test_compiling_without_a_compiler_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert run(monkeypatch, "--compile") == 2
    assert "--compile needs a C++ compiler" in capsys.readouterr().err


def test_long_rows_are_for_mixed_chunks_alone(tmp_path: Path) -> None:
    everyone = contestants(layers=2, vocab_size=100, longest=2048)
    taking_part = {n: [c.name for c in _take_part(everyone, n, Options())] for n in (512, 2048, 8192)}
    assert "GAU-2 mixed chunk" not in taking_part[512] and "GAU-2" in taking_part[512]
    assert "GAU-2 mixed chunk" in taking_part[2048]
    assert taking_part[8192] == ["GAU-2 mixed chunk"]
    assert "GAU-2" in [c.name for c in _take_part(everyone, 8192, Options(lengths=(8192,)))]


def test_unknown_names_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--only", "Mamba") == 2
    assert "--only Mamba" in capsys.readouterr().err
