"""Which config a run has of which no preset was named."""

from pathlib import Path

import pytest
import torch

from gaupt.config import Config, load_config
from gaupt.errors import GauptError
from gaupt.training.choose import choose_config


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
