"""Shapes of the family: what is refused, by name, and what is not."""

from dataclasses import fields

import pytest

from gaupt.model.config import CONFIGS, PUBLIC_NAMES, GAUConfig, RoFormerConfig


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"key_size": 3}, "key_size = 3"),
        ({"hidden_size": 0}, "hidden_size = 0"),
        ({"dropout": 1.0}, "dropout = 1.0"),
        ({"norm_eps": 0.0}, "norm_eps = 0.0"),
        ({"norm_eps": float("inf")}, "norm_eps = inf"),
        ({"hidden_size": 64.0}, "hidden_size = 64.0 is not a whole number"),
        ({"num_layers": True}, "num_layers = True is not a whole number"),
        ({"vocab_size": 10**30}, "vocab_size = 10{30} is more than"),
        ({"key_size": "字" * 10_000}, "key_size = '字{39} is not a whole number"),
        ({"normalization": "sigmoid"}, "normalization = 'sigmoid'"),
        ({"init": "xavier"}, "init = 'xavier'"),
    ],
)
def test_bad_gau_values_are_refused_by_name(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        GAUConfig(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"version": 3}, "version = 3"),
        ({"rotary_table": "yes"}, "rotary_table = 'yes' is not one of"),
        ({"num_heads": 7}, "num_heads = 7 does not divide"),
        ({"hidden_size": 36, "num_heads": 4}, "hidden_size / num_heads = 9"),
    ],
)
def test_bad_roformer_values_are_refused_by_name(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RoFormerConfig(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "values",
    [
        {"key_size": 2, "hidden_size": 1, "expanded_size": 1, "num_layers": 1, "vocab_size": 1},
        {"max_length": 1, "type_vocab_size": 1, "chunk_size": 1, "length_floor": 1},
        {"dropout": 0.0, "norm_eps": 1e-300},
        {"dropout": 0.999},
    ],
)
def test_the_least_of_each_size_is_accepted(values: dict[str, object]) -> None:
    config = GAUConfig(**values)  # type: ignore[arg-type]
    assert all(getattr(config, name) == value for name, value in values.items())


@pytest.mark.parametrize(
    "name",
    [
        "vocab_size",
        "hidden_size",
        "num_layers",
        "max_length",
        "type_vocab_size",
        "expanded_size",
        "chunk_size",
        "length_floor",
    ],
)
def test_no_size_is_zero(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} = 0 is less than 1"):
        GAUConfig(**{name: 0})  # type: ignore[arg-type]


def test_halves_of_heads_are_pairs() -> None:
    assert RoFormerConfig(hidden_size=36, num_heads=6).num_heads == 6
    with pytest.raises(ValueError, match="hidden_size / num_heads = 3 is not a positive even number"):
        RoFormerConfig(hidden_size=36, num_heads=12)


def test_every_member_knows_its_name_and_public_names_are_of_fields() -> None:
    for architecture, kind in CONFIGS.items():
        assert kind().architecture == architecture
    known = {field.name for kind in CONFIGS.values() for field in fields(kind)}
    assert PUBLIC_NAMES.keys() <= known and not known & set(PUBLIC_NAMES.values())
