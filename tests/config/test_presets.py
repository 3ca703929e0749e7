"""Presets: each is valid, says what it is for, and its counterpart is of its size."""

import tomllib

import pytest

from gaupt.config import config_from, load_config, preset_names, to_toml
from gaupt.config.presets import about_preset, preset_facts, preset_text, presets_of, settings
from gaupt.errors import GauptError


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_valid_and_survives_toml(name: str) -> None:
    config = load_config(name)
    assert config_from(tomllib.loads(to_toml(config)), "test") == config


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_says_what_it_is_for(name: str) -> None:
    about = about_preset(name)
    assert about and about.endswith(".") and "#" not in about
    assert preset_facts(name)["about"] == about


@pytest.mark.parametrize("name", ["base", "small"])
def test_a_baseline_has_the_recipe_and_the_size_of_its_counterpart(name: str) -> None:
    ours, baseline = load_config(name), load_config(f"roformer-{name}")
    assert (ours.train, ours.shards, ours.evaluate) == (baseline.train, baseline.shards, baseline.evaluate)
    assert baseline.model.architecture == "roformer"
    assert preset_facts(f"roformer-{name}")["parameters"] == pytest.approx(
        preset_facts(name)["parameters"], rel=0.05
    )


def test_presets_are_told_by_architecture() -> None:
    assert presets_of("roformer") == ["roformer-base", "roformer-small"]
    assert {"base", "demo", "paper", "small"} <= {*presets_of("gau")}


def test_facts_are_of_the_vocabulary_that_the_preset_builds() -> None:
    facts = preset_facts("demo")
    assert facts["tokens"] == 300 * 4096
    assert facts["parameters"] == (4000 + 2) * 256 + 4 * (256 * (2 * 512 + 64) + 512 * 256 + 2 * 64)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("smal", r"did you mean small\?"), ("huge", "choose one of base"), ("my.toml", "named by --config")],
)
def test_an_unknown_preset_is_told_with_the_known_ones(name: str, expected: str) -> None:
    with pytest.raises(GauptError, match=expected):
        preset_text(name)


def test_settings_are_told_by_dotted_key() -> None:
    assert settings({"seed": 1, "train": {"lr": 2}, "a": {"b": {"c": 3}}}) == {
        "seed": 1,
        "train.lr": 2,
        "a.b.c": 3,
    }
