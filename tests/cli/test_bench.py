"""``gaupt bench`` from the outside, at a size of seconds."""

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
import torch

from gaupt.bench import measure, plan, race
from gaupt.bench.options import Options
from gaupt.progress import Progress
from gaupt.report.speed import is_bench, speed_section
from tests.cli.conftest import Gaupt, written
from tests.report.said import EN

SMALL = ("--layers", "1", "--length", "32", "--batch-tokens", "32", "--rounds", "1", "--quiet")


@pytest.fixture
def no_first_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's pace and peak are given, not timed."""
    monkeypatch.setattr(plan, "first_calls", lambda *_: plan.Pace(1e-11, 0, 0, 0, peak=1e11))
    monkeypatch.setattr(race, "matrix_peak", lambda *_: 1e11)


@pytest.fixture
def one_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Memory is measured in one process for all, not in a fresh one for each: torch is imported once."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        monkeypatch.setattr(measure, "worker_pool", lambda *_, **__: nullcontext(pool))
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("no_first_calls", "one_process")
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
    tables = done.out.split("\n\n")[2:]
    assert [table.split(",")[0] for table in tables] == ["forward", "training"]
    for table in tables:
        assert "RoFormerV2-1" in table and "GAU-1 is" in table
    assert done.err == ""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.untraced
@pytest.mark.usefixtures("no_first_calls")
def test_the_faster_of_eager_and_compiled_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gaupt: Gaupt
) -> None:
    monkeypatch.setattr("gaupt.bench.race.peak_memory", lambda *_: 1)
    monkeypatch.setattr("gaupt.bench.plan.MODES", ("forward",))
    # Kernels take a C++ compiler half a minute; that they compute the same is tested of the model.
    monkeypatch.setattr("shutil.which", lambda name: name)
    monkeypatch.setattr("torch.compile", partial(torch.compile, backend="aot_eager"))
    file = tmp_path / "bench.json"
    assert gaupt("bench", *SMALL, "--only", "GAU-1", "--compile", "--json", file).status == 0
    for result in json.loads(file.read_text())["results"]:
        both = [result[f"{way}_tokens_per_second"] for way in ("eager", "compiled")]
        assert result["tokens_per_second"] == max(both) == both[result["compiled"]]


@pytest.mark.slow
def test_a_mistake_is_one_line(monkeypatch: pytest.MonkeyPatch, gaupt: Gaupt) -> None:
    assert "--only Mamba" in gaupt("bench", "--only", "Mamba", "--quiet").error()
    assert "--precision float8: choose" in gaupt("bench", "--precision", "float8").error()
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert "--compile needs a C++ compiler" in gaupt("bench", "--compile", "--quiet").error()


Call = tuple[list[Path], Mapping[str, Any], bool, bool, str]


@pytest.fixture
def raced(monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    """What the plan is made of; the race that follows has two tables."""
    calls: list[Call] = []
    chosen = plan.Plan(Options(), (), (), plan.Pace(0, 0, 0, 0, 0), 1.0, 1.0, None)

    def make_plan(
        models: Sequence[Path], named: Mapping[str, Any], full: bool, progress: Progress, device: str
    ) -> plan.Plan:
        calls.append((list(models), named, full, progress.quiet, device))
        return chosen

    def bench(given: plan.Plan, progress: Progress) -> Iterator[dict[str, Any]]:
        assert given is chosen
        yield from ({"results": ["table"] * done} for done in range(3))

    monkeypatch.setattr(plan, "plan", make_plan)
    monkeypatch.setattr(plan, "describe", lambda given: "the plan")
    monkeypatch.setattr(race, "bench", bench)
    monkeypatch.setattr(race, "describe_models", lambda report, options: "the models")
    monkeypatch.setattr(race, "describe_last_table", lambda report: f"table {len(report['results'])}")
    return calls


NOTHING_NAMED = {"precision": "auto", "compile": False, "only": ()}


def test_the_plan_comes_first_then_each_table_once(raced: list[Call], gaupt: Gaupt) -> None:
    done = gaupt("bench").done()
    assert raced == [([], NOTHING_NAMED, False, False, "auto")]
    assert done.out == "the models\n\ntable 1\n\ntable 2\n"
    assert done.err == "the plan\n"


def test_every_option_reaches_the_plan(raced: list[Call], gaupt: Gaupt) -> None:
    named = ("--layers", 2, "--batch-tokens", 64, "--rounds", 3, "--precision", "bfloat16", "--compile")
    repeated = ("--length", 16, "--length", 8, "--length", 16, "--only", "GAU", "--only", "Ro")
    gaupt("bench", "one", "two", *named, *repeated, "--quiet", "--full", "--device", "cpu").done()
    expected = {
        "layers": 2, "lengths": (16, 8), "mixed_lengths": (), "batch_tokens": 64, "rounds": 3,
        "precision": "bfloat16", "compile": True, "only": ("GAU", "Ro"),
    }  # fmt: skip
    assert raced == [([Path("one"), Path("two")], expected, True, True, "cpu")]


def test_json_goes_to_a_file_and_the_tables_to_stdout(
    raced: list[Call], gaupt: Gaupt, tmp_path: Path
) -> None:
    out = gaupt("bench").done().out
    assert written(tmp_path) == []
    assert gaupt("bench", "--json", tmp_path / "b.json").done().out == out
    assert json.loads((tmp_path / "b.json").read_text()) == {"results": ["table", "table"]}
    assert written(tmp_path) == ["b.json"]


@pytest.mark.parametrize("tables", [0, 1])
def test_ctrl_c_keeps_the_tables_that_are_there(
    tables: int, raced: list[Call], gaupt: Gaupt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> Iterator[dict[str, Any]]:
        yield from ({"results": ["table"] * done} for done in range(tables + 1))
        raise KeyboardInterrupt

    monkeypatch.setattr(race, "bench", interrupted)
    file = tmp_path / "b.json"
    file.write_text("of before")
    done = gaupt("bench", "--json", file)
    assert done.status == 130
    if tables:
        assert done.out == "the models\n\ntable 1\n"
        assert done.err == f"the plan\nstopped; the tables above are whole, also in {file}\n"
        assert json.loads(file.read_text()) == {"results": ["table"]}
    else:
        assert (done.out, done.err) == ("the models\n", "the plan\nstopped; nothing measured\n")
        assert file.read_text() == "of before"


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_timed(
    raced: list[Call], gaupt: Gaupt, tmp_path: Path
) -> None:
    assert "is a folder; give a file in it" in gaupt("bench", "--json", tmp_path).error()
    (tmp_path / "file").touch()
    assert (
        "file is a file, where a folder has to be"
        in gaupt("bench", "--json", tmp_path / "file" / "b.json").error()
    )
    assert raced == []
    gaupt("bench", "--json", tmp_path / "new" / "b.json").done()
    assert (tmp_path / "new" / "b.json").is_file()


@pytest.mark.slow
@pytest.mark.usefixtures("no_first_calls")
def test_what_is_kept_at_ctrl_c_goes_into_a_report(
    gaupt: Gaupt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[int | type[BaseException]] = [2**20, 2**20, KeyboardInterrupt]

    def peak_memory(*_: object) -> int:
        answer = answers.pop(0)
        if isinstance(answer, int):
            return answer
        raise answer

    monkeypatch.setattr(race, "peak_memory", peak_memory)
    file = tmp_path / "b.json"
    assert gaupt("bench", *SMALL, "--only", "GAU-1", "--only", "V2", "--json", file).status == 130
    assert [result["mode"] for result in json.loads(file.read_text())["results"]] == ["forward", "forward"]
    assert is_bench(file) and "GAU-1" in speed_section(file, EN)[1]


@pytest.mark.parametrize("option", ["--layers", "--length", "--batch-tokens", "--rounds"])
def test_one_is_the_least(option: str, raced: list[Call], gaupt: Gaupt) -> None:
    assert option in gaupt("bench", option, 0).error()
    assert raced == []
    gaupt("bench", option, 1).done()
    assert len(raced) == 1
