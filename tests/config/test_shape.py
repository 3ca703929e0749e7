"""Of a run that goes on from a model, [model] is that model's; what decides no shape may be chosen."""

from dataclasses import replace
from pathlib import Path

import pytest

from gaupt.config import Config, load_config
from gaupt.config.shape import differences
from gaupt.errors import GauptError
from gaupt.model.config import GAUConfig, ModelConfig, RoFormerConfig

MODEL = GAUConfig(num_layers=5, hidden_size=192, expanded_size=320, key_size=32, dropout=0.25, vocab_size=77)


def going_on(
    preset: str | None = "small", *overrides: str, model: ModelConfig = MODEL, **more: str
) -> Config:
    return load_config(preset, None, overrides, model=(model, "MODEL"), **more)


@pytest.mark.parametrize("preset", ["tiny", "base", "roformer-v2-small", None])
def test_the_shape_is_the_models_whatever_the_preset(preset: str | None) -> None:
    config = going_on(preset)
    assert replace(config.model, dropout=0.25) == MODEL
    if preset:
        assert config.shards == load_config(preset).shards
        assert config.train.steps == load_config(preset).train.steps


@pytest.mark.parametrize(("recipe", "dropout"), [("fast", 0.0), ("paper", 0.1)])
def test_the_recipe_chooses_dropout_and_its_rates_are_those_of_the_models_width(
    recipe: str, dropout: float
) -> None:
    config = going_on(recipe=recipe)
    assert config.model.dropout == dropout
    assert config.train == load_config("small", None, ["model.hidden_size=192"], recipe=recipe).train
    assert going_on("small", "model.dropout=0.5", recipe=recipe).model.dropout == 0.5


def test_without_a_recipe_dropout_stays() -> None:
    assert going_on(None).model.dropout == 0.25


@pytest.mark.parametrize(
    "said", ["model.num_layers=5", "model.norm_eps=1e-6", "model.vocab_size=9", "model.length_floor=16"]
)
def test_what_contradicts_no_weight_may_be_said(said: str) -> None:
    going_on("small", said)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "model.num_layers=6",
            "--set model.num_layers=6: MODEL has model.num_layers = 5, and a run that goes on",
        ),
        ("model.attention=mixed_chunk", "MODEL has model.attention = full"),
        ("model.architecture=roformer", "MODEL has model.architecture = gau"),
        (
            "model.num_heads=4",
            "--set model.num_heads=4: MODEL is a gau, which has no model.num_heads; leave it out",
        ),
        ("model.num_layer=4", "did you mean model.num_layers"),
        ("model.dropout=2", "dropout"),
    ],
)
def test_another_shape_is_refused_and_not_ignored(said: str, told: str) -> None:
    with pytest.raises(GauptError) as refused:
        going_on("small", said)
    assert told in str(refused.value)


def test_a_file_is_refused_as_an_option_is(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text("[model]\nkey_size = 64\n")
    with pytest.raises(GauptError, match=r"my\.toml: \[model\] key_size: MODEL has model\.key_size = 32"):
        load_config("small", tmp_path / "my.toml", model=(MODEL, "MODEL"))


def test_the_length_of_a_model_is_free_but_where_it_stores_a_table() -> None:
    model = RoFormerConfig(version=1, max_length=512)
    assert differences(Config(model=replace(model, max_length=64, dropout=0.5, vocab_size=9)), model) == []
    stored = replace(model, rotary_table=True)
    assert differences(Config(model=replace(stored, max_length=64)), stored) == [
        "max_length = 64 and not 512"
    ]
    assert differences(Config(model=MODEL), replace(MODEL, num_layers=6)) == ["num_layers = 5 and not 6"]
