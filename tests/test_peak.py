"""The rate of a device: published where it is known, else measured."""

from collections.abc import Iterator

import pytest
import torch

from gaupt import peak
from gaupt.device import Machine
from gaupt.peak import PRODUCT_FLOPS, Peak, device_peak, matrix_peak, published_peak

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def nothing_measured() -> Iterator[None]:
    """What is measured here is forgotten, and what was measured before."""
    device_peak.cache_clear()
    yield
    device_peak.cache_clear()


@pytest.mark.parametrize(
    ("name", "tera"),
    [
        ("NVIDIA H100 80GB HBM3", 989),
        ("NVIDIA H100 PCIe", 756),
        ("NVIDIA H100 NVL", 835),
        ("NVIDIA H200", 989),
        ("NVIDIA A100-SXM4-80GB", 312),
        ("NVIDIA A100 80GB PCIe", 312),
        ("NVIDIA L40S", 362),
        ("NVIDIA GeForce RTX 4090", 165.2),
    ],
)
def test_known_gpus_are_known_by_their_names(name: str, tera: float) -> None:
    assert published_peak(name) == tera * 1e12


@pytest.mark.parametrize(
    "name",
    [
        "NVIDIA A10",
        "NVIDIA L40",
        "NVIDIA GeForce RTX 4090 Laptop GPU",
        "NVIDIA GeForce RTX 3090 Ti",
        "NVIDIA H100 80GB HBM3 MIG 1g.10gb",
        "Tesla T4",
    ],
)
def test_what_is_like_a_known_name_and_is_not_it_is_measured(name: str) -> None:
    assert published_peak(name) is None


def test_the_published_rate_holds_in_bfloat16_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "NVIDIA H200")
    monkeypatch.setattr(peak, "matrix_peak", lambda *_: 5e12)
    monkeypatch.setattr(peak, "MEASURED_SECONDS", 0)
    gpu = torch.device("cuda")
    assert device_peak(Machine(gpu, torch.bfloat16)) == Peak(989e12, published=True)
    assert device_peak(Machine(gpu, torch.float32)) == Peak(5e12, published=False)
    assert device_peak(Machine(CPU, torch.bfloat16)) == Peak(5e12, published=False)


def test_products_are_measured_until_the_time_is_over_and_the_best_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found, now = iter([1e9, 3e9, 2e9]), iter([0.0, 0.1, 0.2, 0.3])
    monkeypatch.setattr(peak, "matrix_peak", lambda *_: next(found))
    monkeypatch.setattr(peak.time, "monotonic", lambda: next(now))
    assert device_peak(Machine(CPU, torch.float32)).flops == 3e9
    # It is the machine's, so a process measures it once; in another precision it is another.
    assert device_peak(Machine(CPU, torch.float32)).flops == 3e9
    with pytest.raises(StopIteration):
        device_peak(Machine(CPU, torch.bfloat16))


def test_the_best_of_the_rounds_is_the_peak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "randn", lambda *shape, **options: torch.zeros(1, 1))
    for products in (1, 4):
        given = iter([4.0, 2.0, 8.0])
        monkeypatch.setattr(peak, "timed", lambda *_, given=given: next(given))
        assert matrix_peak(CPU, torch.float32, 3, products) == products * PRODUCT_FLOPS / 2
