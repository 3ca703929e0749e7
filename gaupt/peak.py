"""The most that a device multiplies a second: what the share of it that training reaches is told against."""

import re
import time
from dataclasses import dataclass
from functools import cache

import torch

from gaupt.device import Machine, timed

PRODUCT_FLOPS = 2 * 4096 * 768 * 3072
"""FLOPs of one of the products that `matrix_peak` times."""
MEASURED_SECONDS = 0.3
"""How long `device_peak` goes on with products."""

PUBLISHED = (
    ("H200 NVL", 836e12),
    ("H200", 989e12),
    ("H100 NVL", 835e12),
    ("H100 PCIe", 756e12),
    ("H100", 989e12),
    ("A100", 312e12),
    ("L40S", 362e12),
    ("L4", 121e12),
    ("RTX 4090", 165.2e12),
    ("RTX 3090", 71e12),
)
"""Words of a GPU's name, and its FLOP/s in dense bfloat16, of its data sheet; the first that fits counts."""
_LESSER = {"MIG", "Laptop", "Ti", "D"}
"""Words of names whose GPUs compute at other rates than their namesakes."""


@dataclass(frozen=True)
class Peak:
    """The rate of a device in the precision of a run."""

    flops: float
    """FLOP/s."""
    published: bool
    """From the data sheet; else of a plain product, measured on the spot."""


@cache
def device_peak(machine: Machine) -> Peak:
    """The published rate of a GPU that is known in bfloat16, else that of a product of matrices, measured once.

    Measuring takes less than a second where a product takes a third of one.
    """
    if machine.device.type == "cuda" and machine.precision == torch.bfloat16:
        flops = published_peak(torch.cuda.get_device_name(machine.device))
        if flops is not None:
            return Peak(flops, published=True)
    # One product at a time on a CPU, which takes long for one; a GPU would wait for the next.
    products = 1 if machine.device.type == "cpu" else 4
    best, start = 0.0, time.monotonic()
    while not best or time.monotonic() - start < MEASURED_SECONDS:
        best = max(best, matrix_peak(machine.device, machine.precision, 1, products))
    return Peak(best, published=False)


def published_peak(name: str) -> float | None:
    """FLOP/s in dense bfloat16 of the GPU that torch calls ``name``, or None."""
    words = set(re.split("[ -]", name))
    if words & _LESSER:
        return None
    return next((flops for known, flops in PUBLISHED if words >= set(known.split())), None)


def matrix_peak(device: torch.device, precision: torch.dtype, rounds: int, products: int = 4) -> float:
    """FLOP/s of plain 4096 × 768 × 3072 products, the size of the models' own: the best of ``rounds``.

    ``products`` are started in a row and timed together.
    """
    left = torch.randn(4096, 768, device=device, dtype=precision)
    right = torch.randn(768, 3072, device=device, dtype=precision)

    def product() -> None:
        for _ in range(products):
            left @ right

    product()
    return products * PRODUCT_FLOPS / min(timed(product, device) for _ in range(rounds))
