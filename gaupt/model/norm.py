"""The parameter-free norm of GAU and RoFormerV2."""

from torch import Tensor
from torch.nn import functional


def rms_norm(x: Tensor, eps: float) -> Tensor:
    """x / √(mean(x²) + eps) over the last dimension (arXiv:1910.07467, without gain).

    Computed in float32 whatever comes in (an eps of 1e-12 is 0 in float16), and returned as it came.
    """
    return functional.rms_norm(x.float(), (x.shape[-1],), eps=eps).to(x.dtype)
