"""``gaupt bench`` from the outside, at a size of seconds."""

import json
import sys
from pathlib import Path

import pytest

from gaupt.cli import main


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["gaupt", "bench", "--quiet", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    return int(stop.value.code or 0)


def test_every_contestant_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bench.json"
    arguments = (
        "--layers",
        "1",
        "--length",
        "32",
        "--batch-tokens",
        "32",
        "--rounds",
        "1",
        "--json",
        str(file),
    )
    assert run(monkeypatch, *arguments, "--only", "GAU-1", "--only", "RoFormerV2") == 0
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
    assert report["results"][0]["ratio"] == 1.0
    assert "RoFormerV2-1" in capsys.readouterr().out


def test_unknown_names_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--only", "Mamba") == 2
    assert "--only Mamba" in capsys.readouterr().err
