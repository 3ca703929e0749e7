"""Cross entropy in chunks against torch's on the whole."""

import pytest
import torch
from torch.nn import functional

from gaupt.training import cross_entropy as module
from gaupt.training.cross_entropy import CHUNK, IGNORED, cross_entropy

VOCAB, WIDTH = 23, 6


def drawn(positions: int) -> list[torch.Tensor]:
    torch.manual_seed(0)
    labels = torch.randint(0, VOCAB, (positions,))
    labels[::3] = IGNORED
    states, embedding, bias = (torch.randn(shape) for shape in ((positions, WIDTH), (VOCAB, WIDTH), (VOCAB,)))
    return [states.requires_grad_(), embedding.requires_grad_(), bias.requires_grad_(), labels]


@pytest.mark.parametrize("with_bias", [True, False])
@pytest.mark.parametrize("positions", [1, 4, 5, 12])
def test_chunks_change_neither_loss_nor_gradient(
    positions: int, with_bias: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHUNK", 4)
    states, embedding, bias, labels = drawn(positions)
    learned = [states, embedding, bias] if with_bias else [states, embedding]
    logits = functional.linear(states, embedding, bias if with_bias else None)
    expected = functional.cross_entropy(logits, labels, reduction="none", ignore_index=IGNORED)
    gradients = torch.autograd.grad(3 * expected.sum(), learned)
    found = cross_entropy(states, embedding, bias if with_bias else None, labels, torch.float32)
    torch.testing.assert_close(found.total, expected.sum())
    torch.testing.assert_close(found.losses, expected.detach())
    assert torch.equal(found.hits, logits.argmax(-1) == labels)
    for ours, theirs in zip(torch.autograd.grad(3 * found.total, learned), gradients, strict=True):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("scale", [0.0, 30.0, 1e4])
def test_losses_are_exact_where_the_label_is_as_likely_as_all_or_as_good_as_impossible(scale: float) -> None:
    states, embedding, bias, labels = (tensor.detach() for tensor in drawn(12))
    found = cross_entropy(scale * states, embedding, bias, labels, torch.float32)
    logits = functional.linear(scale * states, embedding, bias).double()
    expected = functional.cross_entropy(logits, labels, reduction="none", ignore_index=IGNORED)
    assert scale < 1 or expected.max() > 88  # beyond what a share in float32 can say
    torch.testing.assert_close(found.losses.double(), expected, rtol=1e-6, atol=1e-5 * max(1.0, scale))


def test_products_are_in_the_precision_and_gradients_in_the_tensors_own() -> None:
    states, embedding, _, labels = drawn(9)
    exact = cross_entropy(states, embedding, None, labels, torch.float32)
    rough = cross_entropy(states, embedding, None, labels, torch.bfloat16)
    assert rough.total.item() != exact.total.item()
    assert rough.total.item() == pytest.approx(exact.total.item(), rel=0.02)
    for ours, theirs in zip(
        torch.autograd.grad(rough.total, [states, embedding]),
        torch.autograd.grad(exact.total, [states, embedding]),
        strict=True,
    ):
        assert ours.dtype == torch.float32
        torch.testing.assert_close(ours, theirs, rtol=0.1, atol=0.1)


def test_without_gradients_there_are_losses_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 4)
    states, embedding, bias, labels = drawn(9)
    learned = cross_entropy(states, embedding, bias, labels, torch.float32)
    with torch.inference_mode():
        found = cross_entropy(states, embedding, bias, labels, torch.float32)
    assert not found.total.requires_grad
    assert torch.equal(found.losses, learned.losses) and torch.equal(found.hits, learned.hits)


def test_the_total_alone_has_a_gradient_and_figures_are_float32_and_truth_values() -> None:
    found = cross_entropy(*drawn(5), torch.bfloat16)
    assert [tensor.requires_grad for tensor in found] == [True, False, False]
    assert [tensor.dtype for tensor in found] == [torch.float32, torch.float32, torch.bool]


def test_sums_of_bfloat16_products_are_in_float32() -> None:
    # As many equal logits as no bfloat16 can count: the loss is the logarithm of their number.
    states, embedding = torch.zeros(3, 2), torch.zeros(1_001, 2)
    found = cross_entropy(states, embedding, None, torch.tensor([0, 7, 1_000]), torch.bfloat16)
    torch.testing.assert_close(found.losses, torch.full((3,), 1_001.0).log(), rtol=1e-6, atol=0)


def test_what_is_computed_stays_on_the_device_of_the_states() -> None:
    states, embedding, bias, labels = (tensor.to("meta") for tensor in drawn(5))
    with torch.device("cpu"):
        found = cross_entropy(states, embedding, bias, labels, torch.float32)
    assert {tensor.device.type for tensor in found} == {"meta"}


def test_a_chunk_of_2048_positions_takes_100_mb_and_torch_ignores_the_same_label() -> None:
    assert CHUNK == 2048
    assert IGNORED == -100
