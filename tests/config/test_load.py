"""How a config is resolved: precedence, and what one --set may say."""

from pathlib import Path

import pytest

from gaupt.config import Config, config_from, load_config, read_config, to_toml
from gaupt.errors import GauptError


def test_later_origins_win(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("seed = 3\n[train]\nlr = 1e-3\nsteps = 7\n")
    config = load_config("small", file, ["train.steps=8"], {"seed": 9, "train.lr": None})
    assert config.train.lr == 1e-3  # file over preset
    assert config.train.steps == 8  # --set over file
    assert config.seed == 9  # named option over file
    assert config.model.num_layers == 6  # preset where nothing else speaks


def test_a_recipe_is_named_by_the_preset_the_file_or_the_caller_and_stands_behind_the_preset(
    tmp_path: Path,
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('recipe = "gau-alpha"\n[train]\nbetas = [0.5, 0.5]\n')
    assert load_config("paper").train.optimizer == "adamw"
    assert load_config("paper", file).train.optimizer == "lamb"
    config = load_config("paper", file, recipe="fast")
    assert (config.train.optimizer, config.train.betas, config.train.steps) == ("muon", (0.5, 0.5), 100_000)


def test_a_recipe_scales_its_rates_to_the_width_wherever_that_is_said(tmp_path: Path) -> None:
    narrow = load_config("base", None, ["model.hidden_size=192"], recipe="paper")
    assert narrow.train.lr == 4 * load_config("base", recipe="paper").train.lr
    assert (
        load_config("base", None, ["model.hidden_size=192", "train.lr=7e-4"], recipe="paper").train.lr == 7e-4
    )
    with pytest.raises(GauptError, match="hidden_size"):
        load_config("base", None, ["model.hidden_size=wide"], recipe="paper")


def test_without_layers_it_is_the_defaults() -> None:
    assert load_config() == Config() == config_from({}, "nowhere")


def test_bare_words_need_no_quotes() -> None:
    assert load_config(overrides=["tokenizer.type=char"]).tokenizer.type == "char"
    assert load_config(overrides=['tokenizer.type="char"']).tokenizer.type == "char"


def test_values_are_toml() -> None:
    config = load_config(overrides=["train.betas=[0.8, 0.9]", " train.lr = 1e-4 ", "train.compile=true"])
    assert (config.train.betas, config.train.lr, config.train.compile) == ((0.8, 0.9), 1e-4, True)


def test_a_value_cannot_smuggle_in_a_second_option() -> None:
    with pytest.raises(GauptError, match="expected a whole number"):
        load_config(overrides=["train.steps=1\nlr = 3"])


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("train", "expected section.key=value, such as train.lr=1e-4"),
        ("train.steps", "expected section.key=value, such as train.lr=1e-4"),
        ("", "expected section.key=value, such as train.lr=1e-4"),
        ("=3", "expected section.key=value, but a part of the key is empty"),
        ("train..lr=1", "but a part of the key is empty (did you mean train.lr?)"),
        ("train.=1", "but a part of the key is empty (gaupt config train lists its options)"),
    ],
)
def test_what_is_no_override_is_told_with_the_form_of_one(override: str, expected: str) -> None:
    with pytest.raises(GauptError) as caught:
        load_config(overrides=[override])
    assert str(caught.value).startswith(f"--set {override}: ")
    assert expected in str(caught.value)


def test_a_written_config_reads_back_and_is_named_where_it_is_bad(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(to_toml(load_config("demo")), encoding="utf-8")
    assert read_config(file) == load_config("demo")
    file.write_text("[train]\nstepz = 1\n")
    with pytest.raises(GauptError, match=r"config\.toml: \[train\] stepz: unknown option"):
        read_config(file)


@pytest.mark.parametrize("value", ["b\udcff.txt", '["a", "b\udcff.txt"]'])
def test_a_name_that_is_no_utf8_is_refused_before_it_is_written(value: str) -> None:
    key = "shards.exclude" if value[0] == "[" else "clean.blocked_words"
    with pytest.raises(GauptError, match="a name that is not UTF-8 cannot stand in a config"):
        load_config(overrides=[f"{key}={value}"])
