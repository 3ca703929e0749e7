"""Every way to compute attention against the formula, in the forward pass and in gradients."""

import pytest
import torch
from torch import Tensor

from gaupt.model import attention
from gaupt.model.attention import attend, attend_by_heads, attend_dense, attend_reference
from gaupt.model.segments import additive_mask
from tests.model.small import MASKS


def qkv(dtype: torch.dtype = torch.float32) -> list[Tensor]:
    torch.manual_seed(0)
    return [torch.randn(2, 10, size).to(dtype).requires_grad_() for size in (8, 8, 24)]


def results(out: Tensor, inputs: list[Tensor]) -> list[Tensor]:
    """The output and its gradients to ``inputs``."""
    weights = torch.linspace(-1, 1, out.numel()).view_as(out)
    return [out.detach(), *torch.autograd.grad((out * weights).sum(), inputs)]


@pytest.mark.parametrize("segments", MASKS.values(), ids=MASKS)
@pytest.mark.parametrize("normalization", ["softmax", "squared_relu"])
def test_dense_is_the_reference(segments: Tensor | None, normalization: str) -> None:
    inputs = qkv()
    mask = None if segments is None else additive_mask(segments)
    expected = results(attend_reference(*inputs, mask, normalization), inputs)
    torch.testing.assert_close(results(attend_dense(*inputs, mask, normalization, 0.0), inputs), expected)


@pytest.mark.parametrize("segments", MASKS.values(), ids=MASKS)
def test_heads_are_the_reference(segments: Tensor | None) -> None:
    inputs = qkv()
    mask = None if segments is None else additive_mask(segments)
    expected = results(attend_reference(*inputs, mask, "softmax"), inputs)
    torch.testing.assert_close(results(attend_by_heads(*inputs, mask, 0.0), inputs), expected)


@pytest.mark.parametrize("way", ["dense", "heads"])
def test_bfloat16_is_close_to_the_reference(way: str) -> None:
    inputs = qkv(torch.bfloat16)
    mask = additive_mask(MASKS["packed"])  # type: ignore[arg-type]
    dense = attend_dense(*inputs, mask, "softmax", 0.0)
    out = dense if way == "dense" else attend_by_heads(*inputs, mask, 0.0)
    expected = attend_reference(*inputs, mask, "softmax")
    assert (out.float() - expected).abs().max() < 0.02 * expected.abs().max()


@pytest.mark.parametrize(
    ("normalization", "rate", "large", "way"),
    [
        ("softmax", 0.0, True, "heads"),
        ("softmax", 0.0, False, "dense"),
        ("softmax", 0.1, True, "dense"),
        ("squared_relu", 0.0, True, "dense"),
    ],
)
def test_rows_too_long_for_their_weights_go_by_heads(
    normalization: str, rate: float, large: bool, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "LARGE", 200 if large else 201)
    for name in ("dense", "by_heads"):
        monkeypatch.setattr(attention, f"attend_{name}", lambda *_, name=name: name.removeprefix("by_"))
    assert attend(*qkv(), None, normalization, rate) == way  # type: ignore[comparison-overlap]
