"""The comparison with transformers' Trainer runs, and both sides see the same tokens."""

import argparse
from pathlib import Path

import pytest

from tests.benchmarks.scripts import script

comparison = script("pretrain")
SMALL = ("train.batch_tokens=512", "model.num_layers=1")


@pytest.fixture(scope="module")
def pool(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("comparison") / "pool"
    script("sample_pool").write_pool(prepared, folder, 16)
    return folder


@pytest.fixture
def arguments() -> argparse.Namespace:
    return argparse.Namespace(size="tiny", precision="float32", steps=2)


@pytest.mark.slow
@pytest.mark.parametrize("recipe", ["paper", "fast"])
def test_ours_trains_on_the_whole_pool(pool: Path, arguments: argparse.Namespace, recipe: str) -> None:
    figures = comparison.run(comparison.Ours(recipe, set=SMALL), pool, arguments)
    samples = script("sample_pool").read_samples(pool)
    assert figures["tokens"] == sum(len(sample.ids) for sample in samples)
    assert figures["padding"] == pytest.approx(1 - figures["tokens"] / (16 * 64), abs=1e-4)
    assert figures["tokens_per_cpu_second"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("best", [False, True])
def test_the_trainer_trains_on_the_whole_pool(pool: Path, arguments: argparse.Namespace, best: bool) -> None:
    pytest.importorskip("accelerate", reason="the Trainer needs it")
    figures = comparison.run(comparison.Theirs(best=best), pool, arguments)
    samples = script("sample_pool").read_samples(pool)
    assert figures["tokens"] == sum(len(sample.ids) for sample in samples)
    assert 0 <= figures["padding"] < 0.9


def test_ways_are_compared_round_by_round(capsys: pytest.CaptureFixture[str]) -> None:
    def rounds(*rates: float) -> list[dict]:
        return [{"tokens_per_cpu_second": rate, "padding": 0.1, "parameters": 1000} for rate in rates]

    comparison.print_table({comparison.BEST: rounds(100, 200, 50), "ours": rounds(200, 300, 200)})
    assert "| ours | 1,000 | 10.0% | 200 | 2.00 (1.50 to 4.00) |" in capsys.readouterr().out
