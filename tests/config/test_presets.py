"""Presets: each is valid, says what it is for, and its counterpart is of its size."""

import tomllib

import pytest

from gaupt.config import config_from, load_config, preset_names, to_toml
from gaupt.config.presets import (
    about,
    preset_facts,
    preset_text,
    preset_values,
    presets_of,
    recipe_names,
    recipe_text,
    recipe_values,
    settings,
)
from gaupt.errors import GauptError


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_valid_and_survives_toml(name: str) -> None:
    config = load_config(name)
    assert config_from(tomllib.loads(to_toml(config)), "test") == config


@pytest.mark.parametrize("text", [*map(preset_text, preset_names()), *map(recipe_text, recipe_names())])
def test_every_preset_and_recipe_says_what_it_is_for(text: str) -> None:
    assert about(text).endswith(".") and "#" not in about(text)


@pytest.mark.parametrize("preset", preset_names())
@pytest.mark.parametrize("recipe", recipe_names())
def test_every_recipe_fits_every_preset_and_neither_says_what_the_other_does(
    preset: str, recipe: str
) -> None:
    config = load_config(preset, recipe=recipe)
    ways = settings(recipe_values(recipe, config.model.hidden_size))
    assert not {*ways} & {*settings(preset_values(preset))}
    assert config.model.dropout == ways["model.dropout"] and config.train.lr == ways["train.lr"]


@pytest.mark.parametrize("size", ["base", "small", "tiny"])
@pytest.mark.parametrize("version", [1, 2])
def test_a_baseline_differs_from_its_counterpart_in_the_model_alone(size: str, version: int) -> None:
    name = f"roformer-v{version}-{size}"
    ours, baseline = load_config(size), load_config(name)
    assert (ours.train, ours.shards, ours.evaluate) == (baseline.train, baseline.shards, baseline.evaluate)
    assert (baseline.model.architecture, baseline.model.version) == ("roformer", version)
    assert preset_facts(name)["parameters"] == pytest.approx(preset_facts(size)["parameters"], rel=0.05)
    assert tomllib.loads(preset_text(name))["recipe"] == preset_facts(size)["recipe"]


def test_presets_are_told_by_architecture() -> None:
    assert presets_of("roformer") == [
        f"roformer-v{v}-{size}" for v in (1, 2) for size in ("base", "small", "tiny")
    ]
    assert {"base", "demo", "paper", "small", "tiny"} <= {*presets_of("gau")}


def test_rates_grow_as_the_model_gets_narrower_and_only_where_the_recipe_says_at_what_width_they_hold() -> (
    None
):
    whole, half = (recipe_values("paper", width)["train"]["lr"] for width in (768, 384))
    assert (whole, half) == (3e-4, 6e-4)
    assert recipe_values("gau-alpha", 384) == recipe_values("gau-alpha", 768)


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


def test_a_recipe_is_told_from_a_preset() -> None:
    with pytest.raises(GauptError, match="fast is a recipe, not a preset: --recipe fast"):
        preset_text("fast")
    with pytest.raises(GauptError, match="small is a preset, not a recipe: --preset small"):
        recipe_text("small")


def test_settings_are_told_by_dotted_key() -> None:
    assert settings({"seed": 1, "train": {"lr": 2}, "a": {"b": {"c": 3}}}) == {
        "seed": 1,
        "train.lr": 2,
        "a.b.c": 3,
    }
