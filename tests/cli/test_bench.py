"""``gaupt bench`` from the outside, at a size of seconds."""

import json
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from gaupt.bench import measure, race
from gaupt.bench.contestants import contestants
from gaupt.bench.options import Options
from gaupt.progress import Progress
from tests.cli.conftest import Gaupt, written

SMALL = ("--layers", "1", "--length", "32", "--batch-tokens", "32", "--rounds", "1", "--quiet")


@pytest.fixture
def few_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """All have a vocabulary of 500 pieces, which are soon drawn."""
    monkeypatch.setattr(race, "contestants", lambda layers, _, longest: contestants(layers, 500, longest))


@pytest.fixture
def one_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Memory is measured in one process for all, not in a fresh one for each: torch is imported once."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        monkeypatch.setattr(measure, "ProcessPoolExecutor", lambda *_, **__: nullcontext(pool))
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("few_pieces", "one_process")
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
@pytest.mark.usefixtures("few_pieces")
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


@pytest.fixture
def raced(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[Path], Options, bool]]:
    """What the race is called with, and that it is not run."""
    calls: list[tuple[list[Path], Options, bool]] = []

    def bench(models: Sequence[Path], options: Options, progress: Progress) -> dict[str, Any]:
        calls.append((list(models), options, progress.quiet))
        return {"machine": {"threads": len(calls)}}

    monkeypatch.setattr(race, "bench", bench)
    monkeypatch.setattr(race, "format_bench", lambda report: f"tables of {report}")
    return calls


def test_without_options_the_defaults_are_measured(
    raced: list[tuple[list[Path], Options, bool]], gaupt: Gaupt
) -> None:
    done = gaupt("bench").done()
    assert raced == [([], Options(), False)]
    assert (done.out, done.err) == ("tables of {'machine': {'threads': 1}}\n", "")


def test_every_option_reaches_the_race(raced: list[tuple[list[Path], Options, bool]], gaupt: Gaupt) -> None:
    named = ("--layers", 2, "--batch-tokens", 64, "--rounds", 3, "--precision", "bfloat16", "--compile")
    repeated = ("--length", 16, "--length", 8, "--length", 16, "--only", "GAU", "--only", "Ro")
    gaupt("bench", "one", "two", *named, *repeated, "--quiet").done()
    expected = Options(
        layers=2, lengths=(16, 8), mixed_lengths=(), batch_tokens=64, rounds=3, precision="bfloat16",
        compile=True, only=("GAU", "Ro"),
    )  # fmt: skip
    assert raced == [([Path("one"), Path("two")], expected, True)]


def test_json_goes_to_a_file_and_the_tables_to_stdout(
    raced: list[tuple[list[Path], Options, bool]], gaupt: Gaupt, tmp_path: Path
) -> None:
    assert gaupt("bench").done().out.startswith("tables of ")
    assert written(tmp_path) == []
    assert gaupt("bench", "--json", tmp_path / "b.json").done().out.startswith("tables of ")
    assert json.loads((tmp_path / "b.json").read_text()) == {"machine": {"threads": 2}}
    assert written(tmp_path) == ["b.json"]


@pytest.mark.parametrize("option", ["--layers", "--length", "--batch-tokens", "--rounds"])
def test_one_is_the_least(option: str, raced: list[tuple[list[Path], Options, bool]], gaupt: Gaupt) -> None:
    assert option in gaupt("bench", option, 0).error()
    assert raced == []
    gaupt("bench", option, 1).done()
    assert len(raced) == 1


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_timed(
    gaupt: Gaupt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gaupt.bench.race.bench", lambda *_: pytest.fail("it was timed"))
    assert "is a folder; give a file in it" in gaupt("bench", "--json", tmp_path).error()
    (tmp_path / "file").touch()
    assert (
        "file is a file, where a folder has to be"
        in gaupt("bench", "--json", tmp_path / "file" / "b").error()
    )
