"""Where training computes, and where it refuses to."""

import pytest
import torch
from torch.torch_version import TorchVersion

from gaupt.device import check_compile
from gaupt.errors import GauptError

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


def test_a_torch_that_compiles_wrong_gradients_is_refused_on_a_cpu_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch, "__version__", TorchVersion("2.6.0+cu124"))
    check_compile(CUDA)
    with pytest.raises(GauptError, match=r"train\.compile: torch 2\.6\.0.*install torch 2\.7\.1"):
        check_compile(CPU)


@pytest.mark.parametrize("version", ["2.7.1+cu126", "2.10.0"])
def test_later_ones_may_compile(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(torch, "__version__", TorchVersion(version))
    check_compile(CPU)
