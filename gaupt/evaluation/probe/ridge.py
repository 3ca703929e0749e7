"""Ridge regression with its strength chosen by closed-form leave-one-out.

With K = X Xᵀ = U diag(s²) Uᵀ of centred features, the fit is U diag(s²/(s²+λ)) Uᵀ Y, the influence of a row on its own
fit h = Σⱼ uⱼ² s²ⱼ/(s²ⱼ+λ) + 1/n, and leaving it out changes its residual r to r/(1 − h) (Golub, Heath and Wahba 1979).
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse import csr_array

STRENGTHS = tuple(10.0**exponent for exponent in range(6))
"""λ, in units of `_unit`."""
Matrix = NDArray[np.float32]
Features: TypeAlias = Any
"""[rows, features], dense float32 or a csr_array (scipy comes without types)."""


@dataclass(frozen=True)
class Ridge:
    """A fitted linear map of features to scores."""

    weights: Matrix
    """[features, outputs]."""
    bias: Matrix
    """[outputs]."""
    strength: float
    """The λ that leave-one-out chose."""

    def __call__(self, features: Features) -> Matrix:
        """Scores [rows, outputs]."""
        scores: Matrix = np.asarray(features @ self.weights + self.bias, np.float32)
        return scores


def fit_ridge(features: Features, targets: Matrix, weights: Matrix | None = None) -> Ridge:
    """Fit ``targets`` [rows, outputs] from ``features`` [rows, features]; rows count by their ``weights`` [rows].

    Dense features are standardized; sparse ones (TF-IDF, of length 1) are taken as they are. More features than rows
    are handled through the rows' Gram matrix.
    """
    if isinstance(features, csr_array):
        return _fit_by_rows(
            features, targets, np.asarray(features.mean(0)).ravel(), np.ones(features.shape[1])
        )
    mean = np.average(features, axis=0, weights=weights)
    scale = features.std(0, dtype=np.float64) + 1e-6
    if weights is None and features.shape[1] > features.shape[0]:
        return _fit_by_rows(features, targets, mean, scale)
    shares = np.ones(len(features)) if weights is None else weights / weights.mean()
    return _fit_by_features(features, targets, mean, scale, shares)


def _fit_by_features(
    features: Matrix,
    targets: Matrix,
    mean: NDArray[np.float64],
    scale: NDArray[np.float64],
    shares: NDArray[np.floating],
) -> Ridge:
    # A row that counts w times is the row times √w.
    root = np.sqrt(shares)[:, None].astype(np.float32)
    x = ((features - mean) / scale).astype(np.float32) * root
    center = np.average(targets, axis=0, weights=shares)
    y = ((targets - center) * root).astype(np.float32)
    squares, v = eigh((x.T @ x).astype(np.float64))
    squares = np.maximum(squares, 0)
    z = x @ v.astype(np.float32)  # [n, d]: U diag(s)
    rotated = v.T @ (x.T @ y)  # [d, k]
    unit = _unit(squares, len(x))

    def leave_one_out(strength: float) -> float:
        shrunk = 1 / (squares + strength * unit)
        own = (z * z) @ shrunk.astype(np.float32) + shares / len(x)
        residual = y - z @ (shrunk[:, None] * rotated).astype(np.float32)
        return _mean_square(residual, own)

    strength = min(STRENGTHS, key=leave_one_out)
    weights = v @ (rotated / (squares + strength * unit)[:, None]) / scale[:, None]
    return _ridge(weights, center, mean, strength)


def _fit_by_rows(
    features: Features, targets: Matrix, mean: NDArray[np.float64], scale: NDArray[np.float64]
) -> Ridge:
    rows = features.shape[0]
    if isinstance(features, csr_array):
        gram = (features @ features.T).toarray().astype(np.float64)
        # Centring the features centres the Gram matrix on both sides.
        gram -= gram.mean(0) + gram.mean(1)[:, None] - gram.mean()
    else:
        x = (features - mean) / scale
        gram = x @ x.T
    center = targets.mean(0)
    y = (targets - center).astype(np.float64)
    squares, u = eigh(gram)
    squares = np.maximum(squares, 0)
    rotated = u.T @ y
    unit = _unit(squares, rows)

    def leave_one_out(strength: float) -> float:
        kept = squares / (squares + strength * unit)
        return _mean_square(y - u @ (kept[:, None] * rotated), (u * u) @ kept + 1 / rows)

    strength = min(STRENGTHS, key=leave_one_out)
    dual = u @ (rotated / (squares + strength * unit)[:, None])
    dual -= dual.mean(0)  # which stands for centred features
    if isinstance(features, csr_array):
        weights = np.asarray(features.T @ dual)
    else:
        weights = ((features - mean) / scale).T @ dual / scale[:, None]
    return _ridge(weights, center, mean, strength)


def _unit(squares: NDArray[np.float64], rows: int) -> float:
    """What λ = 1 stands for: a thousandth of the mean squared length of a row, so that it means the same of any
    features and any number of rows."""
    return float(max(squares.sum() / rows, 1e-12) / 1000)


def _mean_square(residual: NDArray[np.floating], own: NDArray[np.floating]) -> float:
    return float(np.mean((residual / np.maximum(1 - own, 1e-6)[:, None]) ** 2))


def _ridge(weights: NDArray[np.float64], center: Matrix, mean: NDArray[np.float64], strength: float) -> Ridge:
    bias = center - mean @ weights
    return Ridge(weights.astype(np.float32), np.asarray(bias, np.float32), strength)
