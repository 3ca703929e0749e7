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


def attend_by(way: str, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    """With a softmax, "dense" or by "heads"."""
    if way == "dense":
        return attend_dense(q, k, v, mask, "softmax", 0.0)
    return attend_by_heads(q, k, v, mask, 0.0)


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
    out = attend_by(way, *inputs, mask)
    expected = attend_reference(*inputs, mask, "softmax")
    assert (out.float() - expected).abs().max() < 0.02 * expected.abs().max()


@pytest.mark.parametrize("way", ["dense", "heads"])
def test_queries_of_the_first_positions_alone_attend_as_all_do(way: str) -> None:
    q, k, v = qkv()
    mask = additive_mask(MASKS["packed"])  # type: ignore[arg-type]
    first = attend_by(way, q[:, :4], k, v, mask[:, :4])
    torch.testing.assert_close(first, attend_reference(q, k, v, mask, "softmax")[:, :4])


@pytest.mark.parametrize("normalization", ["softmax", "squared_relu"])
def test_dropout_takes_its_share_of_the_weights_and_scales_the_others(normalization: str) -> None:
    torch.manual_seed(0)
    q, k, each = torch.rand(4, 30, 8), torch.rand(4, 30, 8), torch.eye(30).expand(4, -1, -1)
    exact = attend_dense(q, k, each, None, normalization, 0.0)  # the weights themselves
    left = attend_dense(q, k, each, None, normalization, 0.25)
    assert (left == 0).float().mean().item() == pytest.approx(0.25, abs=0.03)
    torch.testing.assert_close(left[left > 0], exact[left > 0] / 0.75)


def test_weights_are_held_in_memory_up_to_a_gib() -> None:
    assert attention.LARGE * torch.float32.itemsize == 1 << 30


@pytest.mark.parametrize(
    ("normalization", "rate", "large", "width", "way"),
    [
        ("softmax", 0.0, True, 24, "heads"),
        ("softmax", 0.0, True, 20, "dense"),
        ("softmax", 0.0, False, 24, "dense"),
        ("softmax", 0.1, True, 24, "dense"),
        ("squared_relu", 0.0, True, 24, "dense"),
    ],
)
def test_rows_too_long_for_their_weights_go_by_heads(
    normalization: str, rate: float, large: bool, width: int, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "LARGE", 200 if large else 201)
    for name in ("dense", "by_heads"):
        monkeypatch.setattr(attention, f"attend_{name}", lambda *_, name=name: name.removeprefix("by_"))
    q, k, v = qkv()
    assert attend(q, k, v[..., :width], None, normalization, rate) == way  # type: ignore[comparison-overlap]
