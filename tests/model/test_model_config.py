import pytest

from gaupt.model.config import GAUConfig, RoFormerConfig


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"key_size": 3}, "key_size = 3"),
        ({"hidden_size": 0}, "hidden_size = 0"),
        ({"dropout": 1.0}, "dropout = 1.0"),
        ({"norm_eps": 0.0}, "norm_eps = 0.0"),
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
        ({"num_heads": 7}, "num_heads = 7 does not divide"),
        ({"hidden_size": 36, "num_heads": 4}, "hidden_size / num_heads = 9"),
    ],
)
def test_bad_roformer_values_are_refused_by_name(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RoFormerConfig(**values)  # type: ignore[arg-type]
