"""Closed forms against what they stand for."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from gaupt.evaluation.probe import ridge as module
from gaupt.evaluation.probe.ridge import STRENGTHS, fit_ridge


def drawn(rows: int, features: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, features)).astype(np.float32)
    y = np.sign(x[:, :2] + 0.5 * rng.normal(size=(rows, 2))).astype(np.float32)
    return x, y


def left_out(x: np.ndarray, y: np.ndarray, strength: float, monkeypatch: pytest.MonkeyPatch) -> float:
    """Mean squared error of each row under a fit without it, by the definition."""
    mean, scale = x.mean(0), x.std(0) + 1e-6
    z = (x - mean) / scale
    unit = (z**2).sum() / len(z) / 1000
    errors = []
    for row in range(len(z)):
        others = np.arange(len(z)) != row
        a, b = z[others], y[others]
        center_a, center_b = a.mean(0), b.mean(0)
        a = a - center_a
        weights = np.linalg.solve(a.T @ a + strength * unit * np.eye(z.shape[1]), a.T @ (b - center_b))
        errors.append((y[row] - center_b - (z[row] - center_a) @ weights) ** 2)
    return float(np.mean(errors))


@pytest.mark.parametrize("shape", [(40, 6), (12, 30)])
def test_the_strength_is_the_one_that_leaving_rows_out_prefers(
    shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    x, y = drawn(*shape)
    best = min(STRENGTHS, key=lambda strength: left_out(x, y, strength, monkeypatch))
    assert fit_ridge(x, y).strength == best


def test_more_features_than_rows_and_fewer_give_the_same_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = drawn(30, 8)
    by_features = fit_ridge(x, y)
    mean, scale = x.mean(0, dtype=np.float64), x.std(0, dtype=np.float64) + 1e-6
    by_rows = module._fit_by_rows(x, y, mean, scale)
    assert by_features.strength == by_rows.strength
    np.testing.assert_allclose(by_features(x), by_rows(x), atol=1e-3)


def test_sparse_features_give_what_dense_ones_do_unscaled() -> None:
    x, y = drawn(30, 50)
    x[np.abs(x) < 1] = 0
    sparse = fit_ridge(csr_array(x), y)
    dense = module._fit_by_rows(x, y, x.mean(0, dtype=np.float64), np.ones(50))
    np.testing.assert_allclose(sparse(csr_array(x)), dense(x), atol=1e-4)


def test_a_constant_feature_does_no_harm() -> None:
    x, y = drawn(40, 5)
    x[:, 3] = 7
    assert np.isfinite(fit_ridge(x, y)(x)).all()


def test_what_is_linear_is_learned() -> None:
    x, y = drawn(400, 6)
    assert (np.sign(fit_ridge(x, y)(x)) == y).mean() > 0.8
