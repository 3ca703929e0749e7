"""Which config a run has of which no preset was named."""

from pathlib import Path

import pytest
import torch

from gaupt.config import Config, load_config
from gaupt.errors import GauptError
from gaupt.training.choose import agreed, choose_config
from gaupt.training.ranks import ALONE
from tests.training.ranks_of import together

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("gpu", "preset"), [(True, "base"), (False, "laptop")])
def test_a_new_run_takes_the_preset_that_suits_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gpu: bool, preset: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    assert choose_config(tmp_path / "run") == load_config(preset)
    assert choose_config(tmp_path / "run", device="cpu") == load_config("laptop")
    assert choose_config(tmp_path / "run", "small") == load_config("small")


def test_options_lie_over_the_preset(tmp_path: Path) -> None:
    chosen = choose_config(tmp_path / "run", overrides=["train.lr=0.5"], options={"train.steps": 7})
    assert chosen == load_config("laptop", overrides=["train.lr=0.5"], options={"train.steps": 7})


def test_a_run_goes_on_as_it_began_and_options_lie_over_it(finished: Path, tiny_config: Config) -> None:
    chosen = choose_config(finished)
    assert chosen.train.model_copy(update={"micro_batch_tokens": 256}) == tiny_config.train
    assert choose_config(finished, overrides=["train.lr=0.5"]).train.lr == 0.5
    assert choose_config(finished, "small") == load_config("small")
    assert choose_config(finished, device="cpu", overwrite=True) == load_config("laptop")


def test_a_folder_of_another_kind_is_not_taken_for_a_run(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[train]\nsteps = 3\n")
    assert choose_config(tmp_path, device="cpu") == load_config("laptop")


def test_mistakes_are_told(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="no preset named 'smal'"):
        choose_config(tmp_path, "smal")
    with pytest.raises(GauptError, match="--device gpu: choose auto, cpu, cuda"):
        choose_config(tmp_path, device="gpu")


def test_the_config_of_rank_0_holds_for_all() -> None:
    configs = [load_config(recipe="gau-alpha", options={"train.steps": steps}) for steps in (7, 8)]
    assert configs[0].train.clip_norm == float("inf")
    assert together(2, lambda ranks: agreed(ranks, lambda: configs[ranks.rank])) == [configs[0]] * 2
    assert agreed(ALONE, lambda: configs[1]) is configs[1]
