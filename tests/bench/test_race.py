"""The race: who takes part, and the tables of the outcome."""

from pathlib import Path

import pytest
import torch

from gaupt.bench import race
from gaupt.bench.contestants import contestants, ours
from gaupt.bench.measure import Work, step_flops
from gaupt.bench.options import Options
from gaupt.bench.race import _choose, _race, _take_part, bench, format_bench
from gaupt.errors import GauptError
from gaupt.progress import Progress
from tests.exporting.folders import write_checkpoint
from tests.model.small import FAMILY


def test_long_rows_are_for_mixed_chunks_alone(tmp_path: Path) -> None:
    everyone = contestants(layers=2, vocab_size=100, longest=2048)
    taking_part = {n: [c.name for c in _take_part(everyone, n, Options())] for n in (512, 2048, 8192)}
    assert "GAU-2 mixed chunk" not in taking_part[512] and "GAU-2" in taking_part[512]
    assert "GAU-2 mixed chunk" in taking_part[2048]
    assert taking_part[8192] == ["GAU-2 mixed chunk"]
    assert "GAU-2" in [c.name for c in _take_part(everyone, 8192, Options(lengths=(8192,)))]


def test_mixed_chunks_take_part_from_1024_tokens_on() -> None:
    everyone = contestants(layers=2, vocab_size=100, longest=2048)
    for length, takes_part in ((1023, False), (1024, True)):
        names = [c.name for c in _take_part(everyone, length, Options(lengths=(length,)))]
        assert ("GAU-2 mixed chunk" in names) is takes_part


def test_names_choose_whatever_holds_them_in_any_case_and_in_their_order() -> None:
    everyone = contestants(layers=2, vocab_size=100, longest=64)
    chosen = [c.name for c in _choose(everyone, ("roformerv1", "GAU-2"))]
    assert chosen[:3] == ["GAU-2", "GAU-2 mixed chunk", "RoFormerV1-1"]
    assert "RoFormerV2-1" not in chosen
    assert _choose(everyone, ()) == everyone


def test_a_name_that_nobody_has_is_refused_with_those_that_there_are() -> None:
    everyone = contestants(layers=2, vocab_size=100, longest=64)
    with pytest.raises(GauptError, match=r"--only mamba: no contestant .*\(GAU-2, GAU-2 mixed chunk, Ro"):
        _choose(everyone, ("GAU", "mamba"))


WORK = Work(8, 2, torch.device("cpu"), torch.float32)
FIRST, SECOND = (ours(name, FAMILY[name]) for name in ("softmax_plus", "roformer_v2"))


@pytest.mark.slow
@pytest.mark.parametrize("compiled", [False, True])
def test_figures_follow_from_the_seconds_and_the_flops(
    compiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is timed is measured elsewhere; here the medians are given, eager and compiled of each in turn.
    given = [0.5, 0.25, 0.5, 1.0] if compiled else [0.25, 0.5]
    monkeypatch.setattr(race, "interleaved", lambda runs, *_: given[: len(runs)])
    monkeypatch.setattr(race, "peak_memory", lambda *_: 7)
    first, second = _race([FIRST, SECOND], WORK, "forward", Options(compile=compiled))
    assert (first["compiled"], second["compiled"]) == (compiled, False)
    assert (first["tokens_per_second"], second["tokens_per_second"]) == (64, 32)
    assert (first["ratio"], second["ratio"], second["first_is"]) == (1, 0.5, 2)
    flops = [step_flops(contestant, WORK, "forward") for contestant in (FIRST, SECOND)]
    assert second["first_flops"] == flops[0] / flops[1]
    assert second["flops_per_token"] == flops[1] / 16 and second["flops_per_second"] == flops[1] / 0.5
    assert (first["name"], first["length"], first["batch"], first["mode"]) == (
        "softmax_plus",
        8,
        2,
        "forward",
    )
    if compiled:
        assert (second["eager_tokens_per_second"], second["compiled_tokens_per_second"]) == (32, 16)
    else:
        assert "eager_tokens_per_second" not in first


@pytest.mark.slow
def test_a_model_of_ones_own_takes_part_under_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(race, "peak_memory", lambda *_: 7)
    monkeypatch.setattr(race, "matrix_peak", lambda *_: 1e9)
    folder = write_checkpoint(tmp_path / "mine", FAMILY["softmax_plus"], tmp_path).folder
    options = Options(
        layers=1,
        lengths=(4,),
        mixed_lengths=(),
        batch_tokens=9,
        rounds=1,
        precision="float32",
        only=("mine",),
    )
    report = bench([folder], options, Progress(quiet=True))
    assert [(r["name"], r["mode"], r["batch"]) for r in report["results"]] == [
        (str(folder), "forward", 2),
        (str(folder), "training", 2),
    ]
    for result in report["results"]:
        assert result["peak_share"] == result["flops_per_second"] / 1e9
    (model,) = report["models"]
    assert model["counted_vocab_size"] == 61 and model["forward_flops_per_token"].keys() == {"4"}
    assert report["machine"]["precision"] == "float32" and report["machine"]["rounds"] == 1


def test_the_tables_have_a_title_for_each_length_and_mode() -> None:
    result = {
        "name": "GAU-1", "length": 8, "batch": 2, "mode": "forward", "compiled": False,
        "tokens_per_second": 1234.4, "first_is": 1.0, "first_flops": 1.0, "peak_share": 0.5, "peak_memory": 2**21,
    }  # fmt: skip
    slower = result | {"name": "BERT-1", "compiled": True, "first_is": 1.256, "first_flops": 0.8}
    report = {
        "machine": {
            "device": "a CPU", "threads": 2, "precision": "float32", "torch": "2.7.1",
            "matrix_peak_flops": 1.5e11, "rounds": 5,
        },
        "models": [
            {
                "name": "GAU-1",
                "classifier_parameters": 1_000_000,
                "counted_vocab_size": 12_000,
                "forward_flops_per_token": {"8": 2.4e6},
            }
        ],
        "results": [result, slower, result | {"mode": "training"}],
    }  # fmt: skip
    lines = format_bench(report).split("\n")
    assert lines[0].startswith(
        "a CPU, 2 threads, float32, torch 2.7.1; matrix product 150 GFLOP/s; medians of 5"
    )
    assert lines[3].split() == ["GAU-1", "1,000,000", "12,000", "8:", "2"]
    titles = [line for line in lines if "tokens/s" in line]
    assert [title.split("  ")[0] for title in titles] == ["forward, 2 × 8 tokens", "training, 2 × 8 tokens"]
    (row,) = (line for line in lines if line.startswith("BERT-1 compiled"))
    assert row.split()[2:] == ["1,234", "1.26", "times", "0.80", "50%", "2", "MB"]
