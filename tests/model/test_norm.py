"""The norm without parameters."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gaupt.model.norm import rms_norm


@pytest.mark.slow
@given(size=st.integers(1, 40), seed=st.integers(0, 99), eps=st.floats(1e-12, 10))
def test_it_is_the_formula(size: int, seed: int, eps: float) -> None:
    x = torch.randn(3, size, generator=torch.Generator().manual_seed(seed))
    exact = x.double()
    expected = exact / (exact.square().mean(-1, keepdim=True) + eps).sqrt()
    torch.testing.assert_close(rms_norm(x, eps).double(), expected, atol=1e-6, rtol=1e-5)


@pytest.mark.slow
@given(scale=st.floats(1e-3, 1e3), seed=st.integers(0, 99))
def test_a_vector_times_a_number_has_the_same_norm(scale: float, seed: int) -> None:
    x = torch.randn(2, 16, generator=torch.Generator().manual_seed(seed))
    torch.testing.assert_close(rms_norm(scale * x, 1e-12), rms_norm(x, 1e-12), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_it_is_computed_in_float32_and_returned_as_it_came(dtype: torch.dtype) -> None:
    # The squares overflow in float16, and 1e-12 is 0 there.
    x = torch.tensor([[300.0, -400.0], [0.0, 0.0]], dtype=dtype)
    out = rms_norm(x, 1e-12)
    assert out.dtype == dtype
    expected = torch.tensor([[300.0, -400.0], [0.0, 0.0]]) / torch.tensor([[125_000.0], [1.0]]).sqrt()
    torch.testing.assert_close(out.float(), expected, atol=1e-2, rtol=1e-2)


def test_zeros_have_a_finite_gradient() -> None:
    x = torch.zeros(1, 4, requires_grad=True)
    rms_norm(x, 1e-12).sum().backward()
    assert x.grad is not None and x.grad.isfinite().all()
